from odoo import models


class TicketAssigneeNotice(models.Model):
    """Notifies people of the tickets that are assigned to them, with one mail however many tickets they are.

    Nobody is notified of a ticket that they were assigned before, or that they assign to themselves.
    """

    _inherit = "helpdesk_lite.ticket"

    def write(self, vals):
        # sudo: the user may lose access to the ticket by giving it to somebody else
        given = self.sudo().filtered(lambda ticket: vals.get("user_id") and ticket.user_id.id != vals["user_id"])
        result = super().write(vals)
        given._notify_assignees()
        return result

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """Subscribe a new assignee without Odoo's notification, which is a mail for each ticket, also to the same assignee."""
        subscribed = super()._message_auto_subscribe_followers(updated_values, default_subtype_ids)
        return [(partner_id, subtype_ids, False) for partner_id, subtype_ids, _template in subscribed]

    def _notify_assignees(self):
        """Notify the assignees of tickets that they were just given.

        People who assign tickets to themselves are not notified, and nobody is of an import.
        """
        context = self.env.context
        if context.get("tracking_disable") or context.get("mail_auto_subscribe_no_notify") or self._is_import():
            return
        for user, tickets in self.grouped("user_id").items():
            # sudo: the author of the ticket may not be able to read users
            user_sudo = user.sudo()
            if not user_sudo.active or user == self.env.user:
                continue
            tickets = tickets.with_context(lang=user_sudo.lang)
            if len(tickets) == 1:
                tickets._message_auto_subscribe_notify(user_sudo.partner_id.ids, "mail.message_user_assigned")
                continue
            numbers = ", ".join(tickets.mapped("number")[:20]) + ("…" if len(tickets) > 20 else "")
            tickets[0].message_notify(
                subject=tickets.env._("Tickets that were assigned to you: %s", len(tickets)),
                body=numbers,
                partner_ids=user_sudo.partner_id.ids,
            )
