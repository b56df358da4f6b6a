from odoo import models
from odoo.tools.misc import consteq, hmac

SEPARATOR = "~"


class IrAttachment(models.Model):
    """Voids the URLs of a ticket's files together with the ticket's access link.

    Odoo signs the URL of a file for up to six weeks, whatever happens to its record. For files of
    tickets the token also carries a link signature, which is derived from the access link. When
    the link is renewed, or the ticket leaves the public teams, older URLs stop working.
    Employees who are logged in and can read the ticket need no token.
    """

    _inherit = "ir.attachment"

    def _get_raw_access_token(self):
        return self._add_link_signature(super()._get_raw_access_token())

    def _get_thumbnail_token(self):
        return self._add_link_signature(super()._get_thumbnail_token())

    def _ticket_of_file(self):
        # sudo: the ticket is only used to check whether links open it
        attachment = self.sudo()
        if attachment.res_model != "helpdesk_lite.ticket" or not attachment.res_id:
            return None
        return attachment.env["helpdesk_lite.ticket"].browse(attachment.res_id)

    def _add_link_signature(self, token):
        ticket = self._ticket_of_file()
        if ticket is None or not ticket._is_open_to_links():
            return token
        if not ticket.access_token and self.env.user._is_internal():
            # they need none, and two who open the ticket at the same moment must not both write it
            return token
        return f"{token}{SEPARATOR}{self._get_link_signature(ticket)}"

    def _get_link_signature(self, ticket):
        return hmac(ticket.env, "helpdesk_lite.file", (self.id, ticket.access_token or ticket._portal_ensure_token()))

    def _check_link_signature(self, token):
        """Check the link signature of a token and remove it.

        :param str token: from a URL, or the attachment's own access token
        :return: the token as Odoo knows it, or None when the link signature is invalid or links do not open the ticket
        """
        ticket = self._ticket_of_file()
        if ticket is None:
            return token
        if not ticket.exists() or not ticket._is_open_to_links() or not isinstance(token, str):
            return None
        # sudo: the token grants access to the file, so it must be compared before access is checked
        own = self.sudo().access_token
        if own and token.isascii() and consteq(own, token):
            return token
        plain, _separator, signature = token.partition(SEPARATOR)
        if not signature.isascii() or not ticket.access_token or not consteq(self._get_link_signature(ticket), signature):
            return None
        return plain
