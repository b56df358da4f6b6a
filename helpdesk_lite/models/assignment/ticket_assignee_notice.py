from odoo import models


class TicketAssigneeNotice(models.Model):
    """Notifies people of the tickets that are assigned to them."""

    _inherit = "helpdesk_lite.ticket"

    def _notify_assignees(self):
        """Notify the assignees of new tickets, with one mail to each person however large the batch is.

        People who assign tickets to themselves are not notified, and nobody is of an import. Odoo notifies later.
        """
        if self.env.context.get("tracking_disable") or self._is_import():
            return
        for user, tickets in self.grouped("user_id").items():
            # sudo: the author of the ticket may not be able to read users
            user_sudo = user.sudo()
            if not user_sudo.active or user == self.env.user:
                continue
            if len(tickets) == 1:
                tickets.with_context(lang=user_sudo.lang)._message_auto_subscribe_notify(
                    user_sudo.partner_id.ids, "mail.message_user_assigned"
                )
                continue
            numbers = ", ".join(tickets.mapped("number")[:20]) + ("…" if len(tickets) > 20 else "")
            tickets[0].with_context(lang=user_sudo.lang).message_notify(
                subject=self.with_context(lang=user_sudo.lang).env._("%s tickets were assigned to you", len(tickets)),
                body=numbers,
                partner_ids=user_sudo.partner_id.ids,
            )
