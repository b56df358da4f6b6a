from odoo import api, fields, models


class ResPartner(models.Model):
    """What agents see of a contact: who it is, how satisfied they are, and their last ticket."""

    _inherit = "res.partner"

    ticket_satisfaction = fields.Char("Satisfaction", compute="_compute_ticket_satisfaction", groups="helpdesk_lite.group_user")

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_ticket_satisfaction(self):
        satisfactions = self._get_ticket_satisfactions()
        for partner in self:
            partner.ticket_satisfaction = satisfactions.get(partner._origin.id, False)

    def _get_ticket_satisfactions(self):
        """How satisfied these customers are, among the tickets that the user can read: an extension point.

        :return: dict of id to a short text such as "92 % of 25"; customers who have not been asked are not in it
        """
        return {}

    def _describe_contact(self):
        """What agents are shown of a contact whom they can read.

        :return: dict
        """
        self.ensure_one()
        return {
            "id": self.id,
            # sudo: the name of the company is a part of the contact's in Odoo, whoever may read that company
            "name": self.sudo()._get_person_name(),
            "function": self.function or "",
            "email": self.email or "",
            "phone": self.phone or "",
            "language": dict(self.env["res.lang"].get_installed()).get(self.lang, ""),
            "tz": self.tz or "",
            "satisfaction": self.ticket_satisfaction or "",
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_last_ticket(self):
        """Open the last ticket of this customer or of one of its contacts that the user can read.

        :return: a window action
        """
        self.ensure_one()
        ticket = self.env["helpdesk_lite.ticket"].search(
            [("partner_id", "child_of", self.id)], limit=1, order="opened_on desc, id desc"
        )
        return ticket.get_formview_action() if ticket else self.action_open_tickets()
