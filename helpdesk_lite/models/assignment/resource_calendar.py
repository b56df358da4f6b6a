from odoo import api, models
from odoo.tools import SQL, ormcache
from pytz import timezone


class ResourceCalendar(models.Model):
    """Caches attendances, which are read for every new ticket and rarely change. A change is a change of teams' hours."""

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

    def write(self, vals):
        self._change_hours()
        return super().write(vals)

    def _change_hours(self):
        """Forget the cached attendances, and have the hours counted again in the teams with these calendars."""
        self.env.registry.clear_cache()
        # sudo: who changes a calendar need not have access to teams
        self.env["helpdesk_lite.team"].sudo()._make_hours_due(SQL("resource_calendar_id = ANY(%s)", self.ids))


class ResourceCalendarAttendance(models.Model):
    """Changes of attendances are changes of their calendars."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._change_hours()
        return attendances

    def write(self, vals):
        self.calendar_id._change_hours()
        result = super().write(vals)
        self.calendar_id._change_hours()
        return result

    def unlink(self):
        self.calendar_id._change_hours()
        return super().unlink()
