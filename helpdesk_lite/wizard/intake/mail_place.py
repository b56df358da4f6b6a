from odoo import fields, models
from odoo.exceptions import UserError


class MailPlace(models.TransientModel):
    """Asks where mails go that did not find their way: into a team as new tickets, or to one ticket."""

    _name = "helpdesk_lite.mail.place"
    _description = "Choose Where Incoming Mails Go"
    _inherit = ["helpdesk_lite.mail.selection"]

    kind = fields.Selection([("team", "A new ticket"), ("ticket", "An existing ticket")], required=True, default="team")
    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team")
    ticket_id = fields.Many2one("helpdesk_lite.ticket")

    def action_place(self):
        """Process the mails as if they had arrived there.

        :return: an action that shows what became of them
        :raise UserError: when neither a team nor a ticket is chosen
        """
        mails = self._get_mails()
        place = self.team_id if self.kind == "team" else self.ticket_id
        if not place:
            raise UserError(self.env._("Choose a team or a ticket."))
        return mails._place(place)
