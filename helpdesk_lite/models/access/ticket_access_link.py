from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import consteq


class TicketAccessLink(models.Model):
    """Links that open a ticket without a login: when they open it, and when they are voided.

    An access link (token, or the hash that goes with one recipient's mail) opens a ticket of a
    public team and nothing else. Whoever shuts a team shuts all links to its tickets with it.
    """

    _inherit = "helpdesk_lite.ticket"

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

    # ------------------------------------------------------------
    # VOIDING
    # ------------------------------------------------------------

    def _renew_access_links(self):
        self._void_links(SQL("ticket.id = ANY(%s)", self.ids))

    @api.model
    def _void_links(self, tickets):
        """Make links to tickets and to their files worthless; a new one is made when one is needed.

        :param SQL tickets: condition on ``ticket``
        """
        Attachment = self.env["ir.attachment"]
        self.flush_model(["access_token", "team_id"])
        Attachment.flush_model(["access_token", "res_model", "res_id"])
        self.env.cr.execute(SQL(
            """ UPDATE ir_attachment attachment SET access_token = NULL
                  FROM helpdesk_lite_ticket ticket
                 WHERE attachment.res_model = %s AND attachment.res_id = ticket.id
                   AND attachment.access_token IS NOT NULL AND %s
            """, self._name, tickets,
        ))
        self.env.cr.execute(SQL(
            "UPDATE helpdesk_lite_ticket ticket SET access_token = NULL WHERE access_token IS NOT NULL AND %s", tickets,
        ))
        self.invalidate_model(["access_token"], flush=False)
        Attachment.invalidate_model(["access_token"], flush=False)
