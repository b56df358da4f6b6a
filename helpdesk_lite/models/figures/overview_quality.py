from odoo import api, models
from odoo.fields import Domain

from .overview import TICKET, make_tile

STATUS = "helpdesk_lite.sla.status"


class OverviewQuality(models.AbstractModel):
    """Whether what was promised was kept, and whether tickets were solved for good."""

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_quality(self, asked, source):
        """Tiles of shares, each with the number of which it is one.

        :return: list of dicts, see ``make_tile``
        """
        _ = self.env._
        closed = self.env[TICKET]._get_counted_domain() & Domain("is_closed", "=", True) & asked.within("close_date")
        figures = [
            (
                "reopened",
                _("Reopened Tickets"),
                _("Of the tickets that were closed in the period, those that had been reopened before."),
                Domain("reopen_count", ">", 0),
            ),
            (
                "one_answer",
                _("Solved With One Answer"),
                _("Of the tickets that were closed in the period."),
                Domain("response_count", "=", 1) & Domain("reopen_count", "=", 0),
            ),
        ]
        total, *counts = source.count([Domain.TRUE, *(domain for _key, _label, _hint, domain in figures)], closed)
        tiles = [
            make_tile(
                key,
                label,
                100 * count / total if total else None,
                asked.tickets & closed & domain,
                unit="percent",
                n=total,
                count=count,
                hint=hint,
            )
            for (key, label, hint, domain), count in zip(figures, counts, strict=True)
        ]
        return [*self._get_satisfaction_tiles(asked, source), *self._get_sla_tiles(asked), *tiles]

    @api.model
    def _get_sla_tiles(self, asked):
        """The share of kept promises; none where nothing is promised.

        :return: list of dicts, see ``make_tile``
        """
        # sudo: only whether there are policies
        if not self.env["helpdesk_lite.sla"].sudo()._get_rules():
            return []
        judged = Domain("state", "in", ("met", "failed")) & asked.within("start_date")
        judged &= asked.tickets.map_conditions(
            lambda condition: Domain(f"ticket_id.{condition.field_expr}", condition.operator, condition.value)
        )
        met = 0
        total = 0
        # what was missed stays, also where the promise does not apply any more
        Status = self.env[STATUS].with_context(active_test=False)
        for state, count in Status._read_group(judged, ["state"], ["__count"]):
            met += count if state == "met" else 0
            total += count
        return [
            make_tile(
                "sla",
                self.env._("SLA Met"),
                100 * met / total if total else None,
                judged & Domain("state", "=", "met"),
                unit="percent",
                model=STATUS,
                n=total,
                count=met,
                hint=self.env._("Of the promises that began in the period and were kept or missed."),
            )
        ]
