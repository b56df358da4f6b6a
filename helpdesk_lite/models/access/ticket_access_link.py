from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL, email_normalize
from odoo.tools.misc import consteq


class TicketAccessLink(models.Model):
    """Links that open a ticket without a login: when they open it, and when they are voided.

    An access link (the token, or the hash in the mail to one recipient) opens a ticket of a public
    team and nothing else. When a team is no longer public, all links to its tickets stop working.
    When a customer, or a follower from outside, is removed from a ticket, those to the ticket do:
    all of its links contain one token. Others get a new link with the next mail.
    """

    _inherit = "helpdesk_lite.ticket"

    def _compute_access_warning(self):
        for ticket in self:
            ticket.access_warning = (
                ""
                if ticket._is_open_to_links()
                else self.env._("Only tickets of public teams can be shared with customers. This link opens nothing for them.")
            )

    def _is_open_to_links(self):
        """Whether access links open this ticket.

        :return: bool
        """
        self.ensure_one()
        # sudo: people with a link cannot read teams; only the visibility is read
        return self.sudo().team_id.privacy_visibility == "public"

    def _is_access_token(self, token):
        """Whether this is the ticket's token and links open the ticket.

        :param token: from a request, of any type
        :return: bool
        """
        self.ensure_one()
        # sudo: the token grants access to the ticket, so it must be compared before access is checked
        secret = self.sudo().access_token
        return bool(
            secret and isinstance(token, str) and token.isascii() and self._is_open_to_links() and consteq(secret, token)
        )

    def _check_link(self):
        """Refuse links to users who cannot read the ticket: a link also reveals whether the team is public.

        Call this before anything is read, because values that superuser code reads stay in the cache for all.

        :raise AccessError: when the user cannot read the ticket
        """
        if not self.env.su:
            self.check_access("read")

    def _portal_ensure_token(self):
        self._check_link()
        # no token without a link: a team that becomes public later has no old links
        return super()._portal_ensure_token() if self._is_open_to_links() else False

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        self._check_link()
        if not self._is_open_to_links():
            signup_partner, pid, share_token = False, None, False
        return super()._get_share_url(redirect=redirect, signup_partner=signup_partner, pid=pid, share_token=share_token)

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        """The routes of the portal's chatter check links here: ignore links to tickets that are not public."""
        if token or hash or pid:
            # sudo: the visitor learns only whether links open the ticket
            ticket = self.sudo().browse(thread_id).exists()
            if not ticket or not ticket._is_open_to_links() or not ticket.access_token:
                hash = pid = token = None
            if not isinstance(token, str) or not token.isascii():
                token = None
            if not isinstance(hash, str) or not hash.isascii() or not str(pid).isdecimal():
                hash = pid = None
        return super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Tell people with a link nothing that stands beside the conversation.

        Odoo opens the ticket for them as superuser, whatever they ask for: activities, files of notes, messages that are
        to be sent later, followers and proposed recipients.
        """
        if request_list and self.env.su and self.env.uid != SUPERUSER_ID:
            request_list = []
        return super()._thread_to_store(store, fields, request_list=request_list)

    # ------------------------------------------------------------
    # VOIDING
    # ------------------------------------------------------------

    def write(self, vals):
        """End the links when the address of a customer is corrected: whoever got the mails until now is somebody else."""
        if "partner_email" not in vals:
            return super().write(vals)
        # sudo: only compared
        former = {ticket: email_normalize(ticket.partner_email) for ticket in self.sudo()}
        result = super().write(vals)
        moved = self.filtered(lambda ticket: former[ticket] not in (False, email_normalize(vals["partner_email"])))
        if moved:
            moved._renew_access_links()
        return result

    def _renew_access_links(self):
        self._void_links(SQL("ticket.id = ANY(%s)", self.ids))

    @api.model
    def _void_links(self, tickets):
        """Void the links to tickets and to their files. New links are created on demand.

        :param SQL tickets: condition on ``ticket``, the alias of the table of tickets
        """
        Attachment = self.env["ir.attachment"]
        self.flush_model(["access_token", "team_id"])
        Attachment.flush_model(["access_token", "res_model", "res_id"])
        self.env.cr.execute(
            SQL(
                """ UPDATE ir_attachment attachment SET access_token = NULL
                  FROM helpdesk_lite_ticket ticket
                 WHERE attachment.res_model = %s AND attachment.res_id = ticket.id
                   AND attachment.access_token IS NOT NULL AND %s
            """,
                self._name,
                tickets,
            )
        )
        self.env.cr.execute(
            SQL("UPDATE helpdesk_lite_ticket ticket SET access_token = NULL WHERE access_token IS NOT NULL AND %s", tickets)
        )
        self.invalidate_model(["access_token"], flush=False)
        Attachment.invalidate_model(["access_token"], flush=False)
