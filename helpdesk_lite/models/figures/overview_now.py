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
            ("open", _("Open Tickets"), _("Without snoozed tickets."), shown),
            ("unassigned", _("Unassigned Tickets"), _("Without snoozed tickets."), shown & Domain("user_id", "=", False)),
            (
                "waiting",
                _("Waiting for Us Over a Day"),
                _("The customer wrote more than 24 hours ago and has no answer."),
                Domain("waiting_since", "<", write(asked.now - LONG_WAIT)),
            ),
            ("late", _("Late Tickets"), _("A deadline of an SLA policy has passed."), Domain("sla_deadline", "<", now)),
            (
                "due",
                _("Due Today"),
                _("The next deadline of an SLA policy is today."),
                Domain("sla_deadline", ">=", now) & Domain("sla_deadline", "<", tomorrow),
            ),
        ]
        counts = source.count([domain for _key, _label, _hint, domain in figures], unclosed)
        return [
            make_tile(key, label, count, asked.tickets & unclosed & domain, hint=hint)
            for (key, label, hint, domain), count in zip(figures, counts, strict=True)
        ]
