from odoo import api, models
from odoo.tools import ormcache
from pytz import timezone


class ResourceCalendar(models.Model):
    """Attendances of a day are asked for with every ticket, and hardly ever change."""

    _inherit = "resource.calendar"

    @ormcache("self.id", "tz", "start", "stop")
    def _get_attendance_periods(self, tz, start, stop):
        """Attendances of this calendar, time off not considered.

        :param str tz: the time zone in which its hours are meant
        :param datetime start, stop: aware
        :return: tuple of (start, stop), aware
        """
        self.ensure_one()
        intervals = self._attendance_intervals_batch(start, stop, tz=timezone(tz))[False]
        return tuple((begin, end) for begin, end, _attendance in intervals)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)


class ResourceCalendarAttendance(models.Model):
    """A change of attendances ends what is cached of their calendars."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
