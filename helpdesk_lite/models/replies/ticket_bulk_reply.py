from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize


class TicketBulkReply(models.Model):
    """*Reply to Selected*: whom one answer to several tickets reaches."""

    _inherit = "helpdesk_lite.ticket"

    def action_reply_to_selected(self):
        """Open the dialog that answers these tickets at once.

        :return: an action
        :raise AccessError: when the user has no role in Helpdesk
        """
        if not self.env.user.has_group("helpdesk_lite.group_user"):
            raise AccessError(self.env._("Only agents can answer several tickets at once."))
        return self.env["helpdesk_lite.bulk.reply"]._open_for(self)

    def _get_bulk_recipients(self):
        """The customers of these tickets, in a constant number of statements. Addresses become contacts, as in the browser.

        :return: dict of id to dict of arguments of ``message_post``
        """
        asked = {
            ticket: [ticket.partner_email]
            for ticket in self
            # sudo: the customer is written to, not shown
            if not ticket.sudo().partner_id and email_normalize(ticket.partner_email)
        }
        may_make = self.filtered(lambda ticket: ticket in asked and ticket._may_make_contacts())
        found = {}
        for tickets, no_create in ((may_make, False), (self.filtered(lambda t: t in asked) - may_make, True)):
            if tickets:
                found |= tickets._partner_find_from_emails({t: asked[t] for t in tickets}, no_create=no_create)
        recipients = {}
        for ticket in self:
            # sudo: see above
            partners = ticket.sudo().partner_id or found.get(ticket.id, self.env["res.partner"])
            if partners:
                recipients[ticket.id] = {"partner_ids": partners.ids}
            elif ticket in asked:
                recipients[ticket.id] = {"outgoing_email_to": ticket.partner_email}
        return recipients
