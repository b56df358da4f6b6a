from odoo import models


class TicketAssigneeNotice(models.Model):
    """Who is told of an assignment."""

    _inherit = "helpdesk_lite.ticket"

    def _notify_assignees(self):
        """Tell assignees of new tickets: one mail each, however large the batch.

        Who assigns to themselves is not told. Later assignments are told by Odoo, one by one.
        """
        if self.env.context.get("tracking_disable"):
            return
        for user, tickets in self.grouped("user_id").items():
            # sudo: the assignee is told whether or not the author may read users
            user_sudo = user.sudo()
            if not user_sudo.active or user == self.env.user:
                continue
            if len(tickets) == 1:
                tickets.with_context(lang=user_sudo.lang)._message_auto_subscribe_notify(
                    user_sudo.partner_id.ids, "mail.message_user_assigned",
                )
                continue
            numbers = ", ".join(tickets.mapped("number")[:20]) + ("…" if len(tickets) > 20 else "")
            tickets[0].with_context(lang=user_sudo.lang).message_notify(
                subject=self.with_context(lang=user_sudo.lang).env._("%s tickets were assigned to you", len(tickets)),
                body=numbers,
                partner_ids=user_sudo.partner_id.ids,
            )
