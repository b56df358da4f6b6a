from datetime import date, datetime, time
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL
from pytz import UTC, all_timezones_set, timezone

from ...tools.ids import is_id
from ...tools.periods import DAYS, Period, find_period

TICKET = "helpdesk_lite.ticket"
SECTIONS = ("now", "trend", "speed", "quality", "people", "arrival")


class Asked(NamedTuple):
    """What somebody asks for: the moment, their time zone, the days, and which tickets."""

    now: datetime
    zone: object
    period: Period
    tickets: Domain

    @property
    def today(self):
        """The day of who asks."""
        return UTC.localize(self.now).astimezone(self.zone).date()

    def begin(self, day):
        """The moment at which a day begins for who asks.

        :param date day: of their calendar
        :return: naive datetime in UTC
        """
        return self.zone.localize(datetime.combine(day, time.min)).astimezone(UTC).replace(tzinfo=None)

    def within(self, field, period=None):
        """The condition that a date and time is within a period.

        :param str field: its name
        :param Period period: the one that was asked for by default
        :return: Domain
        """
        period = period or self.period
        return Domain(field, ">=", write(self.begin(period.first))) & Domain(field, "<", write(self.begin(period.end)))


class Source:
    """The tickets that the user can see and asks for, archived ones included: rules are evaluated once for all figures."""

    def __init__(self, tickets, asked):
        # archived tickets are told apart by each figure; hours are those of who asks
        self.model = tickets.with_context(active_test=False, tz=asked.zone.zone)
        self.query = self.model._search(asked.tickets)

    def where(self, domain):
        """The condition of a domain in SQL.

        :param Domain domain: of fields of tickets
        :return: SQL
        """
        optimized = domain.optimize_full(self.model)
        return SQL("TRUE") if optimized.is_true() else optimized._to_sql(self.model, self.query.table, self.query)

    def column(self, name):
        """A field of the tickets in SQL, or a part of a date, as ``opened_on.hour_number``."""
        return self.model._field_to_sql(self.query.table, name, self.query)

    def aggregate(self, columns, domain, groups=0):
        """Read aggregates, in one statement.

        :param list columns: of SQL; those to group by first
        :param Domain domain: which tickets
        :param int groups: by how many of the columns
        :return: list of tuples
        """
        if self.query.is_empty():
            return []
        where = self.where(domain)
        return self.model.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE %s AND %s%s",
                SQL(", ").join(columns),
                self.query.from_clause,
                self.query.where_clause or SQL("TRUE"),
                where,
                SQL(" GROUP BY %s", SQL(", ").join(SQL(str(place + 1)) for place in range(groups))) if groups else SQL(),
            )
        )

    def count(self, domains, among):
        """Count several sets of tickets, in one statement.

        :param list domains: of Domain
        :param Domain among: what all of them have in common, so that an index finds it
        :return: list of int
        """
        columns = [SQL("count(*) FILTER (WHERE %s)", self.where(domain)) for domain in domains]
        return list((self.aggregate(columns, among) or [[0] * len(domains)])[0])


def write(moment):
    """A moment as clients and domains have it."""
    return fields.Datetime.to_string(moment)


def make_tile(key, label, value, domain, *, unit="count", model=TICKET, **more):
    """What the page shows of one figure, and opens.

    :param str key: never changes, for tests and styles
    :param str label: translated
    :param value: a number, or None if there is nothing to measure
    :param Domain domain: exactly the records that the figure is about
    :param str unit: "count", "hours" or "percent"
    :param str model: of the records
    :param more: ``hint`` (a translated sentence), ``n`` (of how many), ``before`` (the value of the period before),
        ``before_domain``
    :return: dict
    """
    if "before_domain" in more:
        more["before_domain"] = list(more["before_domain"])
    return {"key": key, "label": label, "value": value, "unit": unit, "model": model, "domain": list(domain), **more}


class Overview(models.AbstractModel):
    """The page of figures. Each section is a method ``_get_<section>`` in a file of its own.

    All figures are counted with the rights of the user, and each comes with the domain that it counts: what the page opens is
    what it shows.
    """

    _name = "helpdesk_lite.overview"
    _description = "Helpdesk Overview"

    @api.model
    @api.readonly
    def get_overview(self, filters=None, sections=None):
        """The figures of the overview.

        :param dict filters: ``period`` (a key of ``DAYS`` or "custom"), ``first`` and ``last`` (days as YYYY-MM-DD of a custom
            period), ``team_ids``, ``type_ids`` (lists of ids), ``channel``; what is malformed is ignored
        :param list sections: some of ``SECTIONS``; all by default
        :return: dict: ``period`` with its days, ``options`` to filter by, and each section
        :raise AccessError: when the user is not an agent
        """
        self._check_agent()
        asked = self._read_filters(filters if isinstance(filters, dict) else {})
        source = Source(self.env[TICKET], asked)
        if not isinstance(sections, list):
            sections = None
        wanted = [name for name in SECTIONS if sections is None or name in sections]
        found = {name: getattr(self, f"_get_{name}")(asked, source) for name in wanted if hasattr(self, f"_get_{name}")}
        found["period"] = {"first": asked.period.first.isoformat(), "last": asked.period.last.isoformat()}
        if sections is None:
            found["options"] = self._get_options()
        return found

    @api.model
    def _check_agent(self):
        """Figures are for agents.

        :raise AccessError: when the user is not one
        """
        if not self.env.user.has_group("helpdesk_lite.group_user"):
            raise AccessError(self.env._("Only helpdesk users can see the figures of the helpdesk."))

    @api.model
    def _read_filters(self, filters):
        """Take what is well-formed of what a client sends.

        :param dict filters: see ``get_overview``
        :return: :class:`Asked`
        """
        now = fields.Datetime.now()
        name = self.env.context.get("tz") or self.env.user.tz
        zone = timezone(name) if isinstance(name, str) and name in all_timezones_set else UTC
        today = UTC.localize(now).astimezone(zone).date()
        period = find_period(str(filters.get("period")), today, read_day(filters.get("first")), read_day(filters.get("last")))
        tickets = Domain.TRUE
        for name, field in (("team_ids", "team_id"), ("type_ids", "type_id")):
            if ids := read_ids(filters.get(name)):
                tickets &= Domain(field, "in", ids)
        channel = str(filters.get("channel"))
        if channel in dict(self.env[TICKET]._fields["channel"].selection):
            tickets &= Domain("channel", "=", channel)
        return Asked(now, zone, period, tickets)

    @api.model
    def _get_options(self):
        """What the page can be filtered by: what the user can see.

        :return: dict of lists of dicts with ``id`` and ``name``
        """
        channels = self.env[TICKET]._fields["channel"]._description_selection(self.env)
        return {
            "periods": [*DAYS, "custom"],
            "team_ids": self._name_options("helpdesk_lite.team"),
            "type_ids": self._name_options("helpdesk_lite.type"),
            "channel": [{"id": value, "name": name} for value, name in channels],
        }

    @api.model
    def _name_options(self, model):
        return [{"id": record.id, "name": record.display_name} for record in self.env[model].search([])]


def read_day(text):
    """A day from a client.

    :return: date, or None
    """
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def read_ids(values):
    """Ids from a client.

    :return: list of int
    """
    return [item for item in values if is_id(item)] if isinstance(values, list) else []
