from odoo import fields, models
from odoo.exceptions import UserError


class Relate(models.TransientModel):
    """What other tickets are to one: a question with an answer for each direction."""

    _name = "helpdesk_lite.relate"
    _description = "Relate Tickets"
    _inherit = ["helpdesk_lite.links.mixin"]

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, ondelete="cascade")
    role = fields.Selection(
        [
            ("related", "Is related to"),
            ("part", "Has as its parts"),
            ("whole", "Is a part of"),
            ("former", "Is a follow-up of"),
        ],
        "This Ticket",
        required=True,
        default="related",
    )
    other_ids = fields.Many2many(
        "helpdesk_lite.ticket",
        "helpdesk_lite_relate_other_rel",
        "relate_id",
        "other_id",
        string="Tickets",
        domain="[('id', '!=', ticket_id)]",
    )

    def action_relate(self):
        """Relate the tickets, as the user.

        :return: an action that closes the dialog
        :raise UserError: when no ticket was chosen
        :raise ValidationError: when a ticket would be a part or a follow-up of itself
        """
        self.ensure_one()
        self._check_all_links()
        if not self.other_ids:
            raise UserError(self.env._("Choose the tickets that this one has to do with."))
        (self.ticket_id | (self.other_ids if self.role == "part" else self.other_ids.browse())).check_access("write")
        if self.role == "part":
            for other in self.other_ids:
                other._relate("part", self.ticket_id)
        else:
            kind = {"related": "relates", "whole": "part", "former": "follow_up"}[self.role]
            self.ticket_id._relate(kind, self.other_ids)
        return {"type": "ir.actions.act_window_close"}
