from odoo import models


class TicketAnswers(models.Model):
    """A customer who answers a converted ticket reaches sales.

    The answer stays on the ticket, which stays archived as long as sales works on it. What was
    made of it gets a copy when its conversation was copied, else the news without the text. Once
    the opportunity is won, lost or archived, the ticket comes back as any other does.
    """

    _inherit = "helpdesk_lite.ticket"

    def _reopen_for_customer(self, message):
        # sudo: customers know nothing of sales; their answer goes there
        ticket = self.sudo()
        lead = ticket.converted_lead_id
        if ticket.active or not lead.active or lead.won_status != "pending":
            return super()._reopen_for_customer(message)
        return ticket._forward_answer(message.sudo(), lead)

    def _forward_answer(self, message, lead):
        """Tell sales that the customer answered.

        :param message: record of ``mail.message``, sudoed
        :param lead: record of ``crm.lead``, sudoed
        """
        self.ensure_one()
        if self.conversation_copied:
            self.env["mail.message"]._copy_conversations(
                self._name, lead._name, {self.id: lead.id}, only_messages=message.ids)
        body = self.env._("The customer answered to the ticket %s.", self._get_link_for_sales())
        lead._message_log(body=body)
        people = lead.user_id.partner_id or lead.team_id.user_id.partner_id
        if people:
            lead.message_notify(
                subject=self.env._("The customer of “%s” answered", lead.name), body=body, partner_ids=people.ids,
            )
