from odoo import models
from odoo.tools.misc import consteq, hmac

SEPARATOR = "~"


class IrAttachment(models.Model):
    """Addresses of a ticket's files stop working when the ticket's access link does.

    Odoo signs the address of a file for up to six weeks, whatever becomes of the record it hangs
    on. For tickets the token carries a link signature as well, made from the access link: where the
    link is renewed, or where the ticket leaves the public teams, what was handed out opens nothing
    any more. Employees who read the ticket when logged in need no token.
    """

    _inherit = "ir.attachment"

    def _get_raw_access_token(self):
        return self._add_link_signature(super()._get_raw_access_token())

    def _get_thumbnail_token(self):
        return self._add_link_signature(super()._get_thumbnail_token())

    def _ticket_of_file(self):
        # sudo: the ticket is only asked whether links open it
        attachment = self.sudo()
        if attachment.res_model != "helpdesk_lite.ticket" or not attachment.res_id:
            return None
        # sudo: see above
        return self.env["helpdesk_lite.ticket"].sudo().browse(attachment.res_id)

    def _add_link_signature(self, token):
        ticket = self._ticket_of_file()
        if ticket is None or not ticket._is_open_to_links():
            return token
        return f"{token}{SEPARATOR}{self._get_link_signature(ticket)}"

    def _get_link_signature(self, ticket):
        return hmac(self.env(su=True), "helpdesk_lite.file", (self.id, ticket._portal_ensure_token()))

    def _check_link_signature(self, token):
        """The token that Odoo knows, of one that came with a request.

        :param str token: as handed out, or the attachment's own access token
        :return: str, or None when the ticket's link was renewed since or links do not open the ticket
        """
        ticket = self._ticket_of_file()
        if ticket is None:
            return token
        if not ticket.exists() or not ticket._is_open_to_links() or not isinstance(token, str):
            return None
        # sudo: the token is the right to read the file, so it is compared before there is one
        own = self.sudo().access_token
        if own and token.isascii() and consteq(own, token):
            return token
        plain, _separator, signature = token.partition(SEPARATOR)
        if not signature.isascii() or not ticket.access_token or not consteq(self._get_link_signature(ticket), signature):
            return None
        return plain
