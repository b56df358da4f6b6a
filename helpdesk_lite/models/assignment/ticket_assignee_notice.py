import logging

from markupsafe import Markup
from odoo import SUPERUSER_ID, models

_logger = logging.getLogger(__name__)
LISTED = 20  # tickets that a mail names


class TicketAssigneeNotice(models.Model):
    """Notifies people of the tickets that are assigned to them, with one mail however many tickets they are.

    Nobody is notified of a ticket that they were assigned before, or that they assign to themselves. A mail that fails does
    not take the assignment with it.
    """

    _inherit = "helpdesk_lite.ticket"

    def write(self, vals):
        # sudo: the user may lose access to the ticket by giving it to somebody else
        given = self.sudo().filtered(lambda ticket: vals.get("user_id") and ticket.user_id.id != vals["user_id"])
        result = super().write(vals)
        if self.env.su and given.sudo(False)._filtered_access("read") != given:
            # authors can always read what they wrote, and whoever archives a user need not see the tickets of that user
            given = given.with_user(SUPERUSER_ID)
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
            localized = tickets.with_context(lang=user_sudo.lang)
            if error := self._attempt(lambda tickets=localized, user=user_sudo: tickets._tell_assignee(user)):
                _logger.warning("%s was not told of the assignment of tickets %s: %s", user_sudo.login, tickets.ids, error)
                text = self.env._(
                    "%(name)s was not told of the assignment, because the e-mail failed: %(error)s",
                    name=user_sudo.name,
                    error=str(error)[:500],
                )
                # the author must not be the customer who created the ticket
                root = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
                tickets._message_log_batch(dict.fromkeys(tickets.ids, text), author_id=root)

    def _tell_assignee(self, user):
        """Send one mail about these tickets.

        :param user: record of ``res.users``, sudoed, the assignee of all of them
        """
        if len(self) == 1:
            self._message_auto_subscribe_notify(user.partner_id.ids, "mail.message_user_assigned")
            return
        subject = self.env._("Tickets that were assigned to you: %s", len(self))
        lines = [
            Markup('<li><a href="%s/mail/view?model=%s&amp;res_id=%s">%s</a></li>')
            % (ticket.get_base_url(), ticket._name, ticket.id, ticket.display_name)
            # sudo: the assignee gets the names, and whoever assigned the tickets need not see them any more
            for ticket in self.sudo()[:LISTED]
        ]
        more = self.env._("Further tickets: %s", len(self) - LISTED) if len(self) > LISTED else ""
        body = Markup('<p>%s</p><ul>%s</ul><p>%s</p><p><a href="%s/odoo/helpdesk-lite-my-tickets">%s</a></p>') % (
            self.env._("These tickets were assigned to you:"),
            Markup().join(lines),
            more,
            self[0].get_base_url(),
            self.env._("All your open tickets"),
        )
        # of no record: its button would open one of them, and an answer would land there
        self.env["mail.thread"].message_notify(
            subject=subject,
            body=body,
            partner_ids=user.partner_id.ids,
            # the heading of the layout would name one of them
            force_record_name=subject,
        )
