from odoo import models


class TicketReaders(models.Model):
    """Who follows and is notified of a ticket can read it: the last gate in front of every mail to an employee.

    A follower of another company only would read nothing by the record rules, and still get each message with its files.
    Customers are outside of the rules in teams that are not public, and get what employees send to them.
    """

    _inherit = "helpdesk_lite.ticket"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Refuse followers who cannot see the ticket even as followers.

        :raise UserError: when one of them works for other companies only
        """
        for company, tickets in self.sudo().grouped("company_id").items():  # sudo: the company is only compared
            partner_ids = company.with_env(self.env)._refuse_employees_elsewhere(partner_ids, tickets.partner_id)
        return super().message_subscribe(partner_ids, subtype_ids)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out employees who cannot read the ticket, whichever way they became recipients."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not self:
            return recipients
        # sudo: the author of the message need not have access to its recipients
        partners = self.env["res.partner"].sudo().browse([recipient["id"] for recipient in recipients if recipient["id"]])
        # sudo: the customer is only compared
        hidden = (partners - self.sudo().partner_id).filtered(self._is_hidden_from)
        return [recipient for recipient in recipients if recipient["id"] not in hidden.ids]


class TeamReaders(models.Model):
    """Who follows a team can read its tickets."""

    _inherit = "helpdesk_lite.team"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Refuse followers who cannot see the team even as followers.

        :raise UserError: when one of them works for other companies only
        """
        for company in self.company_id:
            partner_ids = company._refuse_employees_elsewhere(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)
