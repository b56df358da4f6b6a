import codecs

from odoo import api, models


class MailThread(models.AbstractModel):
    """What the mail gateway must do before it knows that a mail is for a ticket."""

    _inherit = "mail.thread"

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Read parts of an unknown character set as UTF-8: stock raises, and the mail is lost."""
        for part in message.walk():
            charset = part.get_content_charset()
            try:
                codecs.lookup(charset or "utf-8")
            except LookupError:
                part.set_param("charset", "utf-8")
        return super()._message_parse_extract_payload(message, message_dict, save_original=save_original)

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Mark automatic mails to tickets as such: their headers are known only here."""
        route = super()._routing_check_route(message, message_dict, route, raise_exception=raise_exception)
        Ticket = self.env["helpdesk_lite.ticket"]
        if route and route[0] == Ticket._name and Ticket._is_automatic_mail(message, message_dict):
            message_dict["message_type"] = "out_of_office"
        return route
