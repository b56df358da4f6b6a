from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MailPlace(models.TransientModel):
    """Asks where mails go that did not find their way: into a team as new tickets, or to one ticket."""

    _name = "helpdesk_lite.mail.place"
    _description = "Choose Where Incoming Mails Go"
    _inherit = ["helpdesk_lite.mail.selection"]

    kind = fields.Selection([("team", "A new ticket"), ("ticket", "An existing ticket")], required=True, default="team")
    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team")
    ticket_id = fields.Many2one("helpdesk_lite.ticket", "Ticket")

    @api.constrains("kind", "team_id", "ticket_id")
    def _check_place(self):
        for wizard in self:
            if not (wizard.team_id if wizard.kind == "team" else wizard.ticket_id):
                raise ValidationError(self.env._("Choose a team or a ticket."))

    def action_place(self):
        """Process the mails as if they had arrived there.

        :return: an action that shows what became of them
        """
        mails = self._get_mails()
        return mails._place(team=self.team_id) if self.kind == "team" else mails._place(ticket=self.ticket_id)
