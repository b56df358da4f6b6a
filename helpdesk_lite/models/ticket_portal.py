from odoo import api, models
from odoo.fields import Domain


class TicketPortal(models.Model):
    """Tickets on the customer portal: the list of one's own, the page, its files, and closing there."""

    _inherit = "helpdesk_lite.ticket"

    def _compute_access_url(self):
        for ticket in self:
            ticket.access_url = f"/my/tickets/{ticket.id}"

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Customers get the button to the ticket where they can open it: in public teams."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if not self or self._is_open_to_links():
            return groups
        for name, _is_member, options in groups:
            if name in ("portal", "follower", "customer"):
                options["has_button_access"] = False
        # it carries the access link of the customer
        return [group for group in groups if group[0] != "portal_customer"]

    @api.model
    def _get_portal_domain(self):
        """The tickets that the user calls theirs on the portal: those they follow.

        :return: Domain
        """
        return Domain("message_is_follower", "=", True)

    def _get_portal_attachments(self):
        """The files that came with the ticket itself.

        Files of later messages show in the chatter; those of internal notes never show.

        :return: records of ``ir.attachment``, sudoed
        """
        self.ensure_one()
        # sudo: access to the ticket was checked; the domain keeps what customers may see of it
        messages = self.env["mail.message"].sudo().search(
            self.env["mail.message"]._get_search_domain_share()
            & Domain("model", "=", self._name) & Domain("res_id", "=", self.id)
            & Domain("subtype_id", "=", self._creation_subtype().id),
        )
        return messages.attachment_ids

    def _close_from_portal(self):
        """Close the ticket for its customer and note who did it."""
        self.ensure_one()
        self.action_close()
        by_link = self.env.user._is_public()
        self._message_log(
            author_id=(self.partner_id if by_link else self.env.user.partner_id).id or None,
            body=self.env._("Closed by the customer through the access link.") if by_link
            else self.env._("Closed by the customer on the portal."),
        )
