from collections import namedtuple
from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, format_time
from odoo.tools.date_utils import localized
from odoo.tools.intervals import Intervals
from pytz import timezone, utc

HORIZON = 60  # days to look ahead

# ``when`` is "now", "today", a date, or None when nobody works within the horizon. ``users`` are the ids of
# the people who work then. ``away`` maps the ids of others to the end of their time off (naive, in UTC).
Availability = namedtuple("Availability", ["when", "users", "away"])


class TeamAvailability(models.Model):
    """When the members of a team work: working hours minus time off and public holidays.

    Hours come from a person's resource in the team's company, or else in another company. People
    without hours of their own (no resource, flexible, fully flexible) have the team's. Leaves are
    read here, because the calendar skips those of people without a calendar and those that were
    entered under a former calendar.
    """

    _inherit = "helpdesk_lite.team"

    def _get_availability(self, users, moment):
        """The users who can be given a ticket that arrives at a moment; see :meth:`_get_availabilities`.

        :param users: records of ``res.users``
        :param datetime moment: of arrival, naive, in UTC
        :return: :class:`Availability`
        """
        return self._get_availabilities([users], moment)[users]

    def _get_availabilities(self, groups, moment):
        """The users of each group who can be given a ticket that arrives at a moment.

        These are the people who work at that moment, else those who work later that day, else those
        who work on the next day on which anybody does. Days are in the team's time zone.

        :param groups: iterable of records of ``res.users``
        :param datetime moment: of arrival, naive, in UTC
        :return: dict of group to :class:`Availability`
        """
        self.ensure_one()
        # sudo: the result must not depend on the current user, and customers may read none of this
        team = self.sudo()
        users = team.env["res.users"].union(*groups)
        moment = localized(moment)
        tz = timezone(team._get_time_zone())
        midnights = [
            tz.localize(datetime.combine(moment.astimezone(tz).date() + timedelta(days=days), time.min))
            for days in range(HORIZON + 2)
        ]
        resources = team._get_member_resources(users, team.company_id)
        leaves = team._get_leaves(resources, moment, midnights[-1])
        away = team._get_ends_of_time_off(resources, leaves, moment, team.company_id)
        # whole days, so that attendances can be cached; most choices need only today's
        periods = [(midnights[first], midnights[last]) for first, last in ((0, 1), (1, 8), (8, HORIZON + 1))]
        future = Intervals([(moment, midnights[-1], team.browse())])
        work = {}

        def find(group):
            for period in periods:
                if period not in work:
                    hours = team._get_work(resources, leaves, *period)
                    work[period] = {user: intervals & future for user, intervals in hours.items()}
                starts = {user: next(iter(work[period][user]))[0] for user in group.ids if work[period][user]}
                now = [user for user, start in starts.items() if start <= moment]
                if now:
                    return "now", now
                if starts:
                    day = min(starts.values()).astimezone(tz).date()
                    there = [user for user, start in starts.items() if start.astimezone(tz).date() == day]
                    return "today" if period == periods[0] else day, there
            return None, []

        availabilities = {}
        for group in groups:
            when, there = find(group)
            availabilities[group] = Availability(
                when, there, {user: away[user] for user in group.ids if user in away and user not in there}
            )
        return availabilities

    @api.model
    def _get_away(self, users, company, moment):
        """The users who are on time off or have a public holiday at a moment.

        :param users: records of ``res.users``
        :param company: record of ``res.company``, their employer
        :param datetime moment: naive, in UTC
        :return: dict of user id to the end of the time off, naive in UTC
        """
        # sudo: as in _get_availabilities
        Team = self.browse().sudo()
        moment = localized(moment)
        resources = Team._get_member_resources(users, company)
        leaves = Team._get_leaves(resources, moment, moment + timedelta(days=HORIZON))
        return Team._get_ends_of_time_off(resources, leaves, moment, company)

    def _get_time_zone(self):
        calendar = self.resource_calendar_id or self.company_id.resource_calendar_id
        return calendar.tz or "UTC"

    @api.model
    def _get_member_resources(self, users, company):
        """The resource of each user in a company.

        :param users: records of ``res.users``
        :param company: record of ``res.company``
        :return: dict of user id to record of ``resource.resource``, which may be empty
        """
        found = self.env["resource.resource"].search_fetch(
            [("user_id", "in", users.ids), ("active", "=", True)],
            ["user_id", "company_id", "calendar_id", "tz"],
            order="id desc",
        )
        resources = dict.fromkeys(users.ids, found.browse())
        # resources of this company come last and win
        for resource in found.sorted(lambda resource: resource.company_id == company):
            resources[resource.user_id.id] = resource
        return {user: resource.with_prefetch(found.ids) for user, resource in resources.items()}

    def _get_leaves(self, resources, start, stop):
        """The time off and public holidays that overlap a period.

        :param dict resources: from :meth:`_get_member_resources`
        :param datetime start, stop: timezone-aware
        :return: list of tuples (resource, calendar, company, start, stop); a public holiday has no resource
        """
        found = self.env["resource.calendar.leaves"].search_fetch(
            Domain("time_type", "=", "leave")
            & Domain("date_to", ">=", start.astimezone(utc).replace(tzinfo=None))
            & Domain("date_from", "<", stop.astimezone(utc).replace(tzinfo=None))
            & Domain("resource_id", "in", [False, *(resource.id for resource in resources.values() if resource)]),
            ["resource_id", "calendar_id", "company_id", "date_from", "date_to"],
        )
        return [
            (
                leave.resource_id,
                leave.calendar_id,
                leave.company_id,
                localized(leave.date_from),
                # the Time Off app ends a day at 23:59:59, calendars end it at midnight
                localized(leave.date_to) + timedelta(seconds=leave.date_to.second == 59),
            )
            for leave in found
        ]

    def _get_ends_of_time_off(self, resources, leaves, moment, default_company):
        ends = {}
        for user, resource in resources.items():
            calendar = resource.calendar_id or self.resource_calendar_id
            company = resource.company_id or default_company
            mine = [
                leave[3:]
                for leave in leaves
                if (leave[0] == resource and resource)
                or (not leave[0] and leave[1] in (calendar, calendar.browse()) and leave[2] in (company, company.browse()))
            ]
            off = Intervals([(start, stop, self.browse()) for start, stop in mine])
            for start, stop, _meta in off:
                if start <= moment < stop:
                    ends[user] = stop.astimezone(utc).replace(tzinfo=None)
        return ends

    def _get_work(self, resources, leaves, start, stop):
        """The working intervals of users.

        :param dict resources: from :meth:`_get_member_resources`
        :param list leaves: from :meth:`_get_leaves`
        :param datetime start, stop: timezone-aware
        :return: dict of user id to ``Intervals``
        """
        nothing = self.browse()
        known = {}

        def hours(calendar, company, tz):
            """The attendances of a calendar minus public holidays; without a calendar, the whole period."""
            key = (calendar, company, tz)
            if key not in known:
                working = [(start, stop, nothing)]
                if calendar:
                    working = [(begin, end, nothing) for begin, end in calendar._get_attendance_periods(tz, start, stop)]
                public = [
                    (begin, end, nothing)
                    for resource, of_calendar, of_company, begin, end in leaves
                    if not resource
                    and of_calendar in (calendar, calendar.browse())
                    and of_company in (company, company.browse())
                ]
                known[key] = Intervals(working) - Intervals(public)
            return known[key]

        employed = self.env["resource.resource"].union(*resources.values())
        periods = employed._get_calendars_validity_within_period(start, stop, default_company=self.company_id)
        team_hours = hours(self.resource_calendar_id, self.company_id, self._get_time_zone())
        work = {}
        for user, resource in resources.items():
            if not resource:
                work[user] = team_hours
                continue
            work[user] = Intervals()
            for calendar, valid in periods[resource.id].items():
                # for people without a calendar, Odoo returns the calendar of their company
                own = calendar if resource.calendar_id and not calendar.flexible_hours else None
                mine = hours(own, resource.company_id, resource.tz) if own else team_hours
                work[user] |= mine & Intervals([(begin, end, nothing) for begin, end, _meta in valid])
            work[user] -= Intervals([(begin, end, nothing) for of, _cal, _co, begin, end in leaves if of == resource])
        return work

    @api.model
    def _tell_time_off(self, name, until, moment, tz):
        """Tell until when a person is off: the last day, or the time if it ends today.

        :param str name: of the person
        :param datetime until: end of the time off, naive, in UTC
        :param datetime moment: the current moment, naive, in UTC
        :param str tz: the reader's time zone
        :return: str
        """
        env = self.env
        tz = timezone(tz)
        end, now = (localized(value).astimezone(tz) for value in (until, moment))
        if end.date() == now.date():
            hour = format_time(env, end.time(), time_format="short")
            return env._("%(name)s is off until %(time)s", name=name, time=hour)
        last = (end - timedelta(seconds=1)).date()
        return env._("%(name)s is off until %(day)s", name=name, day=format_date(env, last, date_format="d MMM"))
