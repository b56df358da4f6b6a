from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.periods import Period
from .overview import TICKET, make_tile

# key, field of hours, date that says to which period a ticket belongs
MEASURES = (("first_response", "first_response_hours", "first_response_date"), ("close", "close_hours", "close_date"))
SHARES = (("median", 0.5), ("ninth", 0.9))


class OverviewSpeed(models.AbstractModel):
    """How fast customers got an answer and a solution: the median, and the time within which nine of ten tickets are.

    Both stand beside those of the period before.

    The time is the working time of the team. Averages are not shown: a single forgotten ticket would change them.
    """

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_speed(self, asked, source):
        """Two tiles of each measure, in one statement each.

        :return: list of dicts, see ``make_tile``
        """
        _ = self.env._
        labels = {
            "first_response_median": _("First Answer, Median"),
            "first_response_ninth": _("First Answer, Nine of Ten"),
            "close_median": _("Solution, Median"),
            "close_ninth": _("Solution, Nine of Ten"),
        }
        hint = _("In the working hours of the team.")
        both = Period(asked.period.before().first, asked.period.last)
        tiles = []
        for name, hours, date in MEASURES:
            present, before = self._get_measured_domains(asked, date)
            values = self._read_shares(source, hours, present, before, asked.within(date, both))
            for place, (share, _number) in enumerate(SHARES):
                key = f"{name}_{share}"
                tiles.append(
                    make_tile(
                        key,
                        labels[key],
                        values[0][place],
                        asked.tickets & present,
                        unit="hours",
                        hint=hint,
                        n=values[2],
                        before=values[1][place],
                        before_domain=asked.tickets & before,
                    )
                )
        return tiles

    @api.model
    def _get_measured_domains(self, asked, date):
        """The tickets of which something is measured, in the period and in the one before.

        :param str date: the field that says when it happened
        :return: tuple of two Domain
        """
        counted = self.env[TICKET]._get_counted_domain()
        if date == "close_date":
            counted &= Domain("is_closed", "=", True)
        return counted & asked.within(date), counted & asked.within(date, asked.period.before())

    @api.model
    def _read_shares(self, source, hours, present, before, among):
        """Read the percentiles of both periods.

        :param Domain among: what both have in common, as one range, so that an index finds it
        :return: tuple (list of hours, the same of the period before, number of tickets); None for hours where there are none
        """
        shares = [number for _name, number in SHARES]
        percentiles = SQL("percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY %s)", shares, source.column(hours))
        now, then = source.where(present), source.where(before)
        rows = source.aggregate(
            [
                SQL("%s FILTER (WHERE %s)", percentiles, now),
                SQL("%s FILTER (WHERE %s)", percentiles, then),
                SQL("count(*) FILTER (WHERE %s)", now),
            ],
            among,
        )
        found = rows[0] if rows else (None, None, 0)
        nothing = [None] * len(shares)
        return found[0] or nothing, found[1] or nothing, found[2]
