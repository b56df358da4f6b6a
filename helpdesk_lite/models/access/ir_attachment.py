from odoo import models
from odoo.tools.misc import consteq, hmac

SEAL = "~"


class IrAttachment(models.Model):
    """Addresses of a ticket's files stop working when the ticket's access link does.

    Odoo signs the address of a file for up to six weeks, whatever becomes of the record it hangs
    on. For tickets the signature is sealed with the access link: where that is renewed, or where
    the ticket leaves the public teams, what was handed out opens nothing any more. Whoever reads
    the ticket when logged in as an employee needs no signature.
    """

    _inherit = "ir.attachment"

    def _get_raw_access_token(self):
        return self._seal_ticket_token(super()._get_raw_access_token())

    def _get_thumbnail_token(self):
        return self._seal_ticket_token(super()._get_thumbnail_token())

    def _ticket_of_file(self):
        # sudo: the ticket is only asked whether links open it
        attachment = self.sudo()
        if attachment.res_model != "helpdesk_lite.ticket" or not attachment.res_id:
            return None
        # sudo: see above
        return self.env["helpdesk_lite.ticket"].sudo().browse(attachment.res_id)

    def _seal_ticket_token(self, token):
        ticket = self._ticket_of_file()
        if ticket is None or not ticket._is_open_to_links():
            return token
        return f"{token}{SEAL}{self._get_ticket_seal(ticket)}"

    def _get_ticket_seal(self, ticket):
        return hmac(self.env(su=True), "helpdesk_lite.file", (self.id, ticket._portal_ensure_token()))

    def _unseal_ticket_token(self, token):
        """The token that Odoo knows, of one that came with a request.

        :param str token: a signature as handed out, or the attachment's own access token
        :return: str, or None when the ticket's link was renewed since or links do not open it
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
        signature, _sep, seal = token.partition(SEAL)
        if not seal.isascii() or not ticket.access_token or not consteq(self._get_ticket_seal(ticket), seal):
            return None
        return signature
