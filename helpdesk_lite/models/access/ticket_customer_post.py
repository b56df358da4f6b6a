from odoo import models


class TicketCustomerPost(models.Model):
    """The steps after a customer's post was checked and stored: they need fields that customers cannot read."""

    _inherit = "helpdesk_lite.ticket"

    def _message_post_after_hook(self, message, msg_values):
        # sudo: a message that the customer was allowed to post has all its effects, see _as_seen_inside
        return super(TicketCustomerPost, self._as_seen_inside())._message_post_after_hook(message, msg_values)

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        # sudo: the agents are notified of a message that the customer was allowed to post, see _as_seen_inside
        return super(TicketCustomerPost, self._as_seen_inside())._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _mail_get_partners(self, introspect_fields=False):
        # sudo: a link to the ticket acts for its customer, see _as_seen_inside
        return super(TicketCustomerPost, self._as_seen_inside())._mail_get_partners(introspect_fields=introspect_fields)

    def _as_seen_inside(self):
        """The ticket with all fields readable, for the steps after a customer's post was checked and stored."""
        # sudo: customers may not read all fields that these steps need; the portal's own route posts as superuser
        return self if self.env.user._is_internal() else self.sudo()
