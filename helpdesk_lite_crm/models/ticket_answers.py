from odoo import models


class TicketAnswers(models.Model):
    """Forwards customers' answers to converted tickets to sales.

    The answer is stored on the ticket, which stays archived while sales works on the opportunity.
    The opportunity gets a copy if the conversation was copied at the conversion, or else a notice
    without the text. After the opportunity is won, lost or archived, an answer reopens the ticket.
    """

    _inherit = "helpdesk_lite.ticket"

    def _reopen_for_customer(self, message):
        # sudo: customers have no access to leads
        ticket = self.sudo()
        lead = ticket.converted_lead_id
        if ticket.active or not lead.active or lead.won_status != "pending":
            return super()._reopen_for_customer(message)
        return ticket._forward_answer(message.sudo(), lead)

    def _forward_answer(self, message, lead):
        """Forward an answer to sales, and notify the salesperson.

        :param message: record of ``mail.message``, sudoed
        :param lead: record of ``crm.lead``, sudoed
        """
        self.ensure_one()
        if self.conversation_copied:
            self.env["mail.message"]._copy_conversations(self._name, lead._name, {self.id: lead.id}, only_messages=message.ids)
        body = self.env._("The customer answered on the ticket %s.", self._get_link_for_sales())
        lead._message_log(body=body)
        people = lead.user_id.partner_id or lead.team_id.user_id.partner_id
        if people:
            lead.message_notify(
                subject=self.env._("The customer of “%s” answered", lead.name), body=body, partner_ids=people.ids
            )
