from odoo import api, models
from odoo.fields import Domain

from ..tools.addresses import PORTAL


class TicketPortal(models.Model):
    """Tickets on the customer portal: the list, the page with its files, and closing a ticket."""

    _inherit = "helpdesk_lite.ticket"

    def _compute_access_url(self):
        for ticket in self:
            ticket.access_url = f"{PORTAL}/{ticket.id}"

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Show the button to the ticket in mails to customers only if they can open it, that is in public teams."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if not self or self._is_open_to_links():
            return groups
        for name, _is_member, options in groups:
            if name in ("portal", "follower", "customer"):
                options["has_button_access"] = False
        # this group's button contains the customer's access link
        return [group for group in groups if group[0] != "portal_customer"]

    @api.model
    def _get_portal_domain(self):
        """The tickets in the user's list on the portal: those that they follow.

        :return: Domain
        """
        return Domain("message_is_follower", "=", True)

    def _get_portal_attachments(self):
        """The files that were sent with the ticket itself.

        The chatter shows the files of later messages; files of internal notes are never shown.

        :return: records of ``ir.attachment``, sudoed
        """
        self.ensure_one()
        # sudo: access to the ticket was checked, and the domain excludes internal messages
        messages = (
            self.env["mail.message"]
            .sudo()
            .search(
                self.env["mail.message"]._get_search_domain_share()
                & Domain("model", "=", self._name)
                & Domain("res_id", "=", self.id)
                & Domain("subtype_id", "=", self._creation_subtype().id)
            )
        )
        return messages.attachment_ids

    def _can_close_from_portal(self):
        """Whether the customer can close this ticket: the team allows it, and has a stage to close tickets in.

        :return: bool
        """
        self.ensure_one()
        # sudo: customers cannot read teams and stages
        ticket = self.sudo()
        return ticket.team_id.allow_portal_close and not ticket.is_closed and any(ticket.team_id.stage_ids.mapped("fold"))

    def _close_from_portal(self):
        """Close the ticket for its customer and log who closed it.

        :raise UserError: when the team has no folded stage
        """
        self.ensure_one()
        self.action_close()
        by_link = self.env.user._is_public()
        self._message_log(
            author_id=(self.partner_id if by_link else self.env.user.partner_id).id or None,
            body=self.env._("Closed by the customer through the access link.")
            if by_link
            else self.env._("Closed by the customer on the portal."),
        )
