from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import consteq


class TicketPortal(models.Model):
    """Tickets on the customer portal.

    An access link (token, or the hash that goes with one recipient's mail) opens a ticket of a
    public team and nothing else. Whoever shuts a team shuts all links to its tickets with it.
    """

    _inherit = "helpdesk_lite.ticket"

    def _compute_access_url(self):
        for ticket in self:
            ticket.access_url = f"/my/tickets/{ticket.id}"

    def _compute_access_warning(self):
        for ticket in self:
            ticket.access_warning = "" if ticket._is_open_to_links() else self.env._(
                "Only tickets of public teams can be shared with customers. This link opens nothing for them.",
            )

    def _is_open_to_links(self):
        """Whether an access link may open this ticket at all.

        :return: bool
        """
        self.ensure_one()
        # sudo: the holder of a link sees no team; only its visibility is looked at
        return self.sudo().team_id.privacy_visibility == "public"

    def _is_access_token(self, token):
        """Whether this is the ticket's token, and links open the ticket.

        :param token: anything that came with a request
        :return: bool
        """
        self.ensure_one()
        # sudo: the token is the right to see the ticket, so it is compared before there is one
        secret = self.sudo().access_token
        return bool(
            secret and isinstance(token, str) and token.isascii()
            and self._is_open_to_links() and consteq(secret, token)
        )

    def _check_link(self):
        """Links are for those who read the ticket, and what they look like tells its team's visibility.

        Asked before anything is looked at: what superuser code has read once is in the cache for all.

        :raise AccessError: when the user may not read the ticket
        """
        if not self.env.su:
            self.check_access("read")

    def _portal_ensure_token(self):
        self._check_link()
        # no link, no token: a team that becomes public later starts without old links
        return super()._portal_ensure_token() if self._is_open_to_links() else False

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        self._check_link()
        if not self._is_open_to_links():
            signup_partner, pid, share_token = False, None, False
        return super()._get_share_url(
            redirect=redirect, signup_partner=signup_partner, pid=pid, share_token=share_token,
        )

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        """The routes of the portal's chatter ask here: a link to a ticket that is not public is no link."""
        if token or hash or pid:
            # sudo: nothing of the ticket is given away but whether links open it
            ticket = self.sudo().browse(thread_id).exists()
            if not ticket or not ticket._is_open_to_links() or not ticket.access_token:
                hash = pid = token = None
            if not isinstance(token, str) or not token.isascii():
                token = None
            if not isinstance(hash, str) or not hash.isascii() or not str(pid).isdecimal():
                hash = pid = None
        return super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)

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
