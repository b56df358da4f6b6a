from odoo import models
from odoo.tools import ormcache
from pytz import timezone


class ResourceCalendar(models.Model):
    """Caches attendances, which are read for every new ticket and rarely change: ``working_time.py`` notices when."""

    _inherit = "resource.calendar"

    @ormcache("self.id", "tz", "start", "stop")
    def _get_attendance_periods(self, tz, start, stop):
        """The attendances of this calendar, without regard to time off.

        :param str tz: the time zone of the calendar's hours
        :param datetime start, stop: timezone-aware
        :return: tuple of pairs (start, stop), timezone-aware
        """
        self.ensure_one()
        intervals = self._attendance_intervals_batch(start, stop, tz=timezone(tz))[False]
        return tuple((begin, end) for begin, end, _attendance in intervals)
