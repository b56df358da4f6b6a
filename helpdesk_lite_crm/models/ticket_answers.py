from odoo import models


class TicketAnswers(models.Model):
    """Forwards customers' answers to converted tickets to sales.

    The answer is stored on the ticket, which stays archived while sales works on the opportunity.
    The opportunity gets a copy if the conversation was copied at the conversion, or else a notice
    without the text. After the opportunity is won, lost or archived, an answer reopens the ticket.

    An answer may belong to another ticket that continues on this one. That ticket has its own readers, so sales gets
    the notice only, and nothing that tells whose answer it is; those of sales who can read it are told as colleagues are.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_pending_lead(self):
        """The lead or opportunity on which sales works instead of this ticket.

        :return: record of ``crm.lead``, sudoed
        """
        # sudo: customers have no access to leads
        ticket = self.sudo()
        lead = ticket.converted_lead_id
        return lead if not ticket.active and lead.active and lead.won_status == "pending" else lead.browse()

    def _reopen_for_customer(self, message):
        lead = self._get_pending_lead()
        if not lead:
            return super()._reopen_for_customer(message)
        # sudo: see _get_pending_lead
        return self.sudo()._forward_answer(message.sudo(), lead)

    def _get_workers(self):
        lead = self._get_pending_lead()
        return super()._get_workers() | lead._get_salesperson().partner_id

    def _forward_answer(self, message, lead):
        """Forward an answer to sales, and notify the salesperson.

        :param message: record of ``mail.message``, sudoed
        :param lead: record of ``crm.lead``, sudoed
        """
        self.ensure_one()
        people, link = lead._get_salesperson().partner_id, self._get_link_for_sales()
        if (message.model, message.res_id) == (self._name, self.id):
            subject = self.env._("The customer of “%s” answered", lead.name)
            body = self.env._("The customer answered on the ticket %s.", link)
            if self.conversation_copied:
                copied = {self.id: lead.id}
                self.env["mail.message"]._copy_conversations(self._name, lead._name, copied, only_messages=message.ids)
        else:
            subject = self.env._("New answer about “%s”", lead.name)
            body = self.env._("There is a new answer about the ticket %s. Helpdesk can read it.", link)
            people = people.filtered(self.browse(message.res_id)._is_hidden_from)
        lead._message_log(body=body)
        if people:
            lead.message_notify(subject=subject, body=body, partner_ids=people.ids)
