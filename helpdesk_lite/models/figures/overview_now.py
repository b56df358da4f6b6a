from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from .overview import make_tile, write

LONG_WAIT = timedelta(days=1)


class OverviewNow(models.AbstractModel):
    """What is to be done now, whatever the period."""

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_now(self, asked, source):
        """The tiles of open tickets, in one statement.

        :return: list of dicts, see ``make_tile``
        """
        _ = self.env._
        now, tomorrow = write(asked.now), write(asked.begin(asked.today + timedelta(days=1)))
        unclosed = self.env["helpdesk_lite.ticket"]._get_unclosed_domain()
        # as the filter "Open" and the cards of teams: without what is put aside
        shown = Domain("snooze_until", "=", False) | Domain("snooze_until", "<=", now)
        figures = [
            ("open", _("Open"), shown, _("Without snoozed tickets.")),
            ("unassigned", _("Unassigned"), shown & Domain("user_id", "=", False), ""),
            (
                "waiting",
                _("Waiting for Us over a Day"),
                Domain("waiting_since", "<", write(asked.now - LONG_WAIT)),
                _("The customer wrote more than 24 hours ago and has no answer."),
            ),
            ("late", _("Late"), Domain("sla_deadline", "<", now), _("A deadline of an SLA policy has passed.")),
            ("due", _("Due Today"), Domain("sla_deadline", ">=", now) & Domain("sla_deadline", "<", tomorrow), ""),
        ]
        counts = source.count([domain for _key, _label, domain, _hint in figures], unclosed)
        return [
            make_tile(key, label, count, asked.tickets & unclosed & domain, hint=hint)
            for (key, label, domain, hint), count in zip(figures, counts, strict=True)
        ]
