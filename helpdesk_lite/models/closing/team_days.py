from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.tools import SQL
from pytz import UTC, timezone

from ...tools.closing_days import find_cutoffs, find_due


class TeamDays(models.Model):
    """The days of a team that count until a ticket is closed, and the condition in SQL that some have passed."""

    _inherit = "helpdesk_lite.team"

    def _get_timezone(self):
        # sudo: the calendar may be hidden from the user
        team = self.sudo()
        return timezone(team.resource_calendar_id.tz or team.company_id.resource_calendar_id.tz or "UTC")

    def _get_counting_days(self, around, days):
        """Which days count until a ticket of this team is closed.

        :param date around: local date
        :param int days: how many have to pass; as many days around the date are known as that can take
        :return: function from a date to bool
        """
        # sudo: the calendar may be hidden from the user
        team = self.sudo()
        calendar = team.resource_calendar_id._origin
        if team.auto_close_unit != "working" or not calendar or calendar.flexible_hours or not calendar.attendance_ids:
            return lambda day: True
        tz = self._get_timezone()
        reach = 3 * days + 90
        bounds = [tz.localize(datetime.combine(around + timedelta(days=step), time.min)) for step in (-reach, reach)]
        # without a domain, holidays of all companies would count
        holidays = [("time_type", "=", "leave"), ("company_id", "in", [False, team.company_id.id])]
        known = {
            start.astimezone(tz).date()
            for start, _stop, _meta in calendar._work_intervals_batch(*bounds, domain=holidays)[False]
        }
        return known.__contains__

    def _find_due(self, moment, days):
        """When some days have passed after a moment.

        :param datetime moment: naive, in UTC
        :param int days: of the team's unit
        :return: naive datetime in UTC, or None when the calendar has too few days
        """
        tz = self._get_timezone()
        local = UTC.localize(moment).astimezone(tz).replace(tzinfo=None)
        due = find_due(local, days, self._get_counting_days(local.date(), days))
        return due and tz.localize(due).astimezone(UTC).replace(tzinfo=None)

    def _have_passed(self, column, days):
        """The condition that some days have passed since the moment in a column.

        :param SQL column: naive, in UTC
        :param int days: of the team's unit
        :return: SQL condition
        """
        tz = self._get_timezone()
        now = UTC.localize(fields.Datetime.now()).astimezone(tz).replace(tzinfo=None)
        before, until = find_cutoffs(now.date(), days, self._get_counting_days(now.date(), days))
        if not until:
            return SQL("FALSE")
        local = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", column, tz.zone)
        return SQL(
            "(%(local)s < %(before)s OR %(local)s < %(until)s AND %(local)s::time <= %(time)s)",
            local=local,
            before=before or datetime.min.date(),
            until=until,
            time=now.time(),
        )
