from itertools import pairwise

from babel.dates import format_skeleton
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse

from .overview import TICKET, make_tile, write

SKELETONS = {"day": "MMMd", "week": "MMMd", "month": "yMMM", "year": "y"}


class OverviewTrend(models.AbstractModel):
    """What came, what was done, and what was left at the end of each day, week, month or year of the period.

    The backlog of a day in the past is what was opened before its end and is not closed, or was closed after it. It opens these
    tickets. What was closed and opened again meanwhile counts as open all the time; the report *Backlog* knows better.
    """

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_trend(self, asked, source):
        """Tiles and chart, in three statements.

        :return: dict: ``tiles``, list of dicts, see ``make_tile``; ``chart``, dict with ``title``, ``labels`` and ``series``
        """
        _ = self.env._
        days = asked.period.bounds()
        bounds = [asked.begin(day) for day in days]
        counted = self.env[TICKET]._get_counted_domain()
        new = self._count_bars(source, counted, "opened_on", bounds)
        closed = self._count_bars(source, counted & Domain("is_closed", "=", True), "close_date", bounds)
        backlog = self._count_backlog(source, counted, bounds)
        is_closed = Domain("is_closed", "=", True)
        tickets = asked.tickets & counted
        tiles = [
            make_tile("new", _("New Tickets"), sum(new), tickets & asked.within("opened_on")),
            make_tile("closed", _("Closed Tickets"), sum(closed), tickets & is_closed & asked.within("close_date")),
            make_tile(
                "backlog",
                _("Backlog"),
                backlog[-1],
                asked.tickets & self._get_backlog_domain(counted, bounds[-1]),
                hint=_("Not closed at the end of the period, snoozed tickets included."),
            ),
        ]
        labels = [self._label(day, asked.period.step()) for day in days[:-1]]
        spans = list(pairwise(bounds))
        series = [
            self._make_series("new", _("New Tickets"), "bar", new, [tickets & between("opened_on", *span) for span in spans]),
            self._make_series(
                "closed",
                _("Closed Tickets"),
                "bar",
                closed,
                [tickets & is_closed & between("close_date", *span) for span in spans],
            ),
            self._make_series(
                "backlog",
                _("Backlog"),
                "line",
                backlog,
                [asked.tickets & self._get_backlog_domain(counted, end) for _start, end in spans],
            ),
        ]
        return {
            "tiles": tiles,
            "chart": {"title": _("New tickets, closed tickets, backlog"), "labels": labels, "series": series},
        }

    @api.model
    def _make_series(self, key, label, kind, values, domains):
        figures = [
            make_tile(f"{key}-{place}", label, value, domain)
            for place, (value, domain) in enumerate(zip(values, domains, strict=True))
        ]
        return {"key": key, "label": label, "type": kind, "figures": figures}

    @api.model
    def _label(self, day, step):
        return format_skeleton(SKELETONS[step], day, locale=babel_locale_parse(self.env.lang or "en_US"))

    @api.model
    def _count_bars(self, source, domain, field, bounds):
        """Count tickets by the bar into which a date falls, in one statement.

        :param Domain domain: which tickets
        :param str field: the date
        :param list bounds: of datetimes, one more than there are bars
        :return: list of int
        """
        place = SQL("width_bucket(%s, %s::timestamp[])", source.column(field), bounds)
        rows = source.aggregate([place, SQL("count(*)")], domain & between(field, bounds[0], bounds[-1]), groups=1)
        counts = dict(rows)
        return [counts.get(number, 0) for number in range(1, len(bounds))]

    @api.model
    def _get_backlog_domain(self, counted, end):
        """The tickets that were there and not closed at a moment.

        :param Domain counted: the tickets that figures about the past count
        :param datetime end: the moment
        :return: Domain
        """
        unclosed = self.env[TICKET]._get_unclosed_domain()
        later = Domain("is_closed", "=", True) & Domain("close_date", ">=", write(end))
        return counted & Domain("opened_on", "<", write(end)) & (unclosed | later)

    @api.model
    def _count_backlog(self, source, counted, bounds):
        """Count the backlog at the end of each bar, in one statement: each ticket is read once, and counts from the bar in
        which it was opened up to the one before it was closed.

        :return: list of int
        """
        ends = bounds[1:]
        first = SQL("width_bucket(%s, %s::timestamp[])", source.column("opened_on"), ends)
        unclosed = source.where(self.env[TICKET]._get_unclosed_domain())
        # before the first end that is not before closing; an open ticket counts at all ends
        last = SQL(
            "CASE WHEN %s THEN %s ELSE width_bucket(%s, %s::timestamp[]) END",
            unclosed,
            len(ends),
            source.column("close_date"),
            ends,
        )
        unclosed_or_later = self.env[TICKET]._get_unclosed_domain() | (
            Domain("is_closed", "=", True) & Domain("close_date", ">=", write(ends[0]))
        )
        among = counted & Domain("opened_on", "<", write(ends[-1])) & unclosed_or_later
        backlog = [0] * len(ends)
        for start, end, count in source.aggregate([first, last, SQL("count(*)")], among, groups=2):
            # negative durations of imports give no place
            for place in range(start, end):
                backlog[place] += count
        return backlog


def between(field, start, end):
    """The condition that a date and time is within two moments, the end not included.

    :return: Domain
    """
    return Domain(field, ">=", write(start)) & Domain(field, "<", write(end))
