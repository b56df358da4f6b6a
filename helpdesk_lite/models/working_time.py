from datetime import UTC, date, datetime, time, timedelta

from odoo import api, models
from odoo.tools import ormcache
from pytz import timezone

from ..tools.sla_clock import EPOCH, Clock

DAY = timedelta(days=1)


class ResourceCalendar(models.Model):
    """The working time of calendars, read in one place: for the hours of tickets and for all their clocks.

    Public holidays count where they belong to the company in question or to all companies; time off of single people does
    not. A flexible calendar has the hours that Odoo gives it: so many a day around noon, in each week until its hours per
    week are reached. A calendar without hours never has working time.
    """

    _inherit = "resource.calendar"

    def _get_clock(self, company, first, last):
        """The working time in minutes since 1970, in UTC.

        :param company: record of ``res.company``, whose public holidays do not count
        :param datetime first, last: what the clock needs to know, naive in UTC
        :return: :class:`Clock`; around the clock for an empty record
        """
        if not self:
            return Clock.around_the_clock()
        # whole years, so that few different clocks are asked for; a day more on both sides for time zones
        return self._read_clock(company.id, (first - DAY).year, (last + DAY).year)

    @ormcache("self.id", "company_id", "first", "last")
    def _read_clock(self, company_id, first, last):
        """Read the attendances and public holidays of some years.

        :param int company_id: of the company
        :param int first, last: years
        :return: :class:`Clock`
        """
        # sudo: the result must not depend on who asks
        calendar = self.sudo()
        tz = timezone(calendar.tz or "UTC")
        # A flexible calendar has its hours per week from the first day that is asked for: whole weeks from Monday on
        # make them independent of what is asked.
        monday, sunday = date(first, 1, 1), date(last, 12, 31)
        monday -= timedelta(days=monday.weekday())
        sunday += timedelta(days=6 - sunday.weekday())
        start = tz.localize(datetime.combine(monday, time.min))
        end = tz.localize(datetime.combine(sunday, time.max))
        # without a domain, holidays of all companies would count
        holidays = [("time_type", "=", "leave"), ("company_id", "in", [False, company_id])]
        working = calendar._work_intervals_batch(start, end, domain=holidays)[False]
        return Clock((self._round(start), self._round(end)) for start, end, _meta in working)

    @staticmethod
    def _round(moment):
        # the last hour of a day ends at 23:59:59.999999, a holiday often at 23:59:59
        return round((moment.astimezone(UTC) - EPOCH).total_seconds() / 60)

    # ------------------------------------------------------------
    # WHEN IT CHANGES
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        self._change_hours(self.env["res.company"])
        return result

    def unlink(self):
        # attendances end by the database alone; whose hours they were is known only before
        self._change_hours(self.env["res.company"])
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _change_hours(self, company):
        """Forget what is cached of the hours of these calendars. What was counted with them is to be counted again.

        This is the one place that notices a change, called before it, after it, or both. Whatever stores something that
        depends on working hours extends it, and only remembers what to do later.

        :param company: record of ``res.company`` for which the hours change; empty for all companies. Empty ``self`` stands
            for all calendars
        """
        self.env.registry.clear_cache()


class ResourceCalendarAttendance(models.Model):
    """Changed attendances are changed hours of their calendars."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances._change_hours()
        return attendances

    def write(self, vals):
        self._change_hours()
        result = super().write(vals)
        self._change_hours()
        return result

    def unlink(self):
        self._change_hours()
        return super().unlink()

    def _change_hours(self):
        if self.calendar_id:
            self.calendar_id._change_hours(self.env["res.company"])


class ResourceCalendarLeaves(models.Model):
    """Public holidays are part of the hours of calendars. Time off of single people is not, and is entered all the time."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._change_hours()
        return leaves

    def write(self, vals):
        self._change_hours()
        result = super().write(vals)
        self._change_hours()
        return result

    def unlink(self):
        self._change_hours()
        return super().unlink()

    def _change_hours(self):
        # sudo: whose holiday it is, not who enters it
        for leave in self.sudo().filtered(lambda leave: not leave.resource_id):
            leave.calendar_id._change_hours(leave.company_id)
