from odoo import api, models
from odoo.addons.mail.tools.discuss import Store
from odoo.fields import Domain


class MailMessage(models.Model):
    """Agents read the conversations of joined tickets in one timeline with their master's, by their own rights.

    The web client reads every chatter here. Customers read theirs elsewhere, and stay on their own ticket.
    """

    _inherit = "mail.message"

    @api.model
    def _message_fetch(self, domain, *, thread=None, search_term=None, limit=30, **kwargs):
        fetch = super()._message_fetch
        shown = bool(thread) and thread._name == "helpdesk_lite.ticket" and self.env.user._is_internal() and not self.env.su
        tickets = thread._get_timeline() if shown else []
        if len(tickets) < 2:
            return fetch(domain, thread=thread, search_term=search_term, limit=limit, **kwargs)
        if not search_term:
            everywhere = Domain("model", "=", thread._name) & Domain("res_id", "in", tickets.ids)
            everywhere &= Domain("message_type", "!=", "user_notification") & Domain(domain or Domain.TRUE)
            return fetch(everywhere, limit=limit, **kwargs)
        # one by one, because a search also looks into the values that were tracked on a thread
        parts = [fetch(domain, thread=ticket, search_term=search_term, limit=limit, **kwargs) for ticket in tickets]
        messages = self.union(*(part["messages"] for part in parts)).sorted("id", reverse=True)
        return {"count": sum(part["count"] for part in parts), "messages": messages[:limit]}


class TicketTimeline(models.Model):
    """The files and activities of joined tickets in the chatter of their master, for those who can read them."""

    _inherit = "helpdesk_lite.ticket"

    def _thread_to_store(self, store, fields, *, request_list=None):
        super()._thread_to_store(store, fields, request_list=request_list)
        if not request_list or self.env.su or not self.env.user._is_internal():
            return
        for ticket in self:
            tickets = ticket._get_timeline()
            # when these change, the web client fetches the messages again
            shown = {"merged_tickets": [], "timeline_ids": tickets.ids}
            if len(tickets) > 1:
                joined = ticket._get_joined()
                # on which the composer can answer: an answer is written to one customer at a time
                shown["merged_tickets"] = [
                    {"id": other.id, "number": other.number, "customer": other.partner_name or other.partner_email or ""}
                    for other in tickets - ticket
                    if other in joined or not other._merge_has_same_customer(ticket)
                ]
                if "activities" in request_list:
                    shown["activities"] = Store.Many(tickets.with_context(active_test=True).activity_ids)
                if "attachments" in request_list:
                    shown["attachments"] = Store.Many(
                        self.env["ir.attachment"].union(*(other._get_mail_thread_data_attachments() for other in tickets))
                    )
                if "scheduledMessages" in request_list:
                    shown["scheduledMessages"] = Store.Many(
                        self.env["mail.scheduled.message"].search([("model", "=", self._name), ("res_id", "in", tickets.ids)])
                    )
            store.add(ticket, shown, as_thread=True)
