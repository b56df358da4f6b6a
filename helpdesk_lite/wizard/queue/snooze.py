from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

MORNING = time(8)


class Snooze(models.TransientModel):
    """Asks until when tickets are put aside."""

    _name = "helpdesk_lite.snooze"
    _description = "Snooze Tickets"
    _inherit = ["helpdesk_lite.links.mixin"]

    ticket_ids = fields.Many2many(
        "helpdesk_lite.ticket", "helpdesk_lite_snooze_ticket_rel", "snooze_id", "ticket_id", string="Tickets", required=True
    )
    choice = fields.Selection(
        [
            ("hours", "In 3 Hours"),
            ("tomorrow", "Tomorrow Morning"),
            ("monday", "Next Monday"),
            ("week", "In a Week"),
            ("date", "On a Date of My Choice"),
        ],
        string="Snooze",
        required=True,
        default="tomorrow",
    )
    until = fields.Datetime(compute="_compute_until", store=True, readonly=False, precompute=True, required=True)

    @api.depends("choice")
    def _compute_until(self):
        for snooze in self:
            snooze.until = snooze._get_moment() or snooze.until

    def _get_moment(self):
        """When the tickets come back by the choice, in the mornings of the user's time zone.

        :return: naive datetime in UTC, or None for a date of their own
        """
        now = fields.Datetime.now()
        if self.choice == "hours":
            return now + timedelta(hours=3)
        here = fields.Datetime.context_timestamp(self, now)
        days = {"tomorrow": 1, "monday": 7 - here.weekday(), "week": 7}.get(self.choice)
        if not days:
            return None
        morning = self.env.tz.localize(datetime.combine(here.date() + timedelta(days=days), MORNING))
        return morning.astimezone(UTC).replace(tzinfo=None)

    def action_snooze(self):
        """Put the tickets aside.

        :raise UserError: when the moment is past, or none of the tickets is open
        :raise AccessError: when the user cannot change one of the tickets
        :return: True, which closes the dialog
        """
        self.ensure_one()
        if self.until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a moment in the future."))
        if self.ticket_ids and all(ticket.is_closed for ticket in self.ticket_ids):
            raise UserError(self.env._("What is closed cannot be snoozed."))
        return self.ticket_ids.write({"snooze_until": self.until})
