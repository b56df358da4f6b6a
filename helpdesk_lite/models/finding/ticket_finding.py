from html import escape

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.ticket_numbers import clean_number

# what the search box looks at, apart from the number; texts with tags hold escaped characters
PLAIN, TAGGED = ("name", "partner_name", "partner_email"), ("description",)


class TicketFinding(models.Model):
    """What the search box finds: a number as people type or paste it, a title, a customer, and words."""

    _inherit = "helpdesk_lite.ticket"

    found_by = fields.Char("Ticket or Customer", store=False, search="_search_found_by")
    message_words = fields.Char("Words in Messages", store=False, search="_search_message_words")

    @api.model
    def _search_found_by(self, operator, value):
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        found = [self._get_number_domain(number) for number in dict.fromkeys((value, clean_number(value)))]
        found += [Domain(name, "ilike", value) for name in PLAIN]
        found += [Domain(name, "ilike", escape(value, quote=False)) for name in TAGGED]
        return Domain.OR(found)

    @api.model
    def _get_number_domain(self, number):
        """The tickets that are found by a number, or by a part of one; an extension point.

        :param str number: without signs around it
        :return: Domain
        """
        return Domain("number", "ilike", number)

    @api.model
    def _search_message_words(self, operator, value):
        """Find tickets by a text in their messages, notes included: an employee who reads a ticket reads these.

        Odoo's search for messages checks each one that it finds, which takes long for a common word. Here, one statement looks
        for the tickets that the user can read and the messages that they can read there.
        """
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        Message = self.env["mail.message"]
        messages = Message._search(
            Domain("model", "=", self._name)
            # these are for those who got them only
            & Domain("message_type", "!=", "user_notification")
            & Domain("body", "ilike", escape(value, quote=False))
            # what further rules say about messages
            & self.env["ir.rule"]._compute_domain(Message._name, "read"),
            bypass_access=True,
        )
        return Domain("id", "in", messages.subselect("res_id"))

    @api.model
    def _search_display_name(self, operator, value):
        return super()._search_display_name(operator, clean_number(value) if isinstance(value, str) else value)
