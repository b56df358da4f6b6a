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
        tickets = thread._get_timeline()[0] if shown else []
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
        if not request_list or self.env.su or not self.env.user._is_internal():
            super()._thread_to_store(store, fields, request_list=request_list)
            return
        for ticket in self:
            tickets, absorbed = ticket._get_timeline()
            shown = {
                # when these change, the web client fetches the messages again
                "timeline_ids": tickets.ids,
                # on which the composer can answer: an answer is written to one customer at a time
                "merged_tickets": [
                    {"id": other.id, "number": other.number, "customer": other.partner_name or other.partner_email or ""}
                    for other in tickets - ticket
                    if other not in absorbed or not other._merge_has_same_customer(ticket)
                ],
            }
            rest = request_list
            if len(tickets) > 1:
                found = ticket._get_timeline_data(tickets, request_list)
                shown, rest = {**shown, **found}, [name for name in request_list if name not in found]
            super(TicketTimeline, ticket)._thread_to_store(store, fields, request_list=rest)
            store.add(ticket, shown, as_thread=True)

    def _get_timeline_data(self, tickets, request_list):
        """What the chatter of this ticket shows of several at once, in the statements that Odoo needs for one.

        :param tickets: those of the timeline
        :param list request_list: what the web client asks for
        :return: dict for a ``Store``
        """
        data, everywhere = {}, [("res_id", "in", tickets.ids)]
        if "activities" in request_list:
            data["activities"] = Store.Many(tickets.with_context(active_test=True).activity_ids)
        if "attachments" in request_list:
            files = self.env["ir.attachment"].search([("res_model", "=", self._name), *everywhere], order="id desc")
            # as Odoo shows the files of one record: no copies of others
            data["attachments"] = Store.Many(files.filtered(lambda file: file.original_id not in files))
            data |= {"areAttachmentsLoaded": True, "isLoadingAttachments": False}
        if "scheduledMessages" in request_list:
            scheduled = self.env["mail.scheduled.message"].search([("model", "=", self._name), *everywhere])
            data["scheduledMessages"] = Store.Many(scheduled)
        return data
