from odoo import fields, models

from ...tools.event_log import believe
from .ticket_events import STATE, Logged

# changes of these are events of their own
KINDS = {"team_id": "team", "stage_id": "stage", "user_id": "user", "priority": "priority"}


class TicketEventSources(models.Model):
    """What is an event: creation, changes, and messages that people wrote.

    A message is logged once it is known whom it reaches: a mail in an employee's name that only colleagues get answers nobody.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # CREATION AND CHANGES
    # ------------------------------------------------------------

    def _log_creation(self):
        """Log that these tickets were created, in one statement.

        What customers write is a message, which follows. An employee who asks for themselves has said it by the ticket.
        """
        now = fields.Datetime.now()
        author_kind = self._get_author_kind()
        own = self.env.user.partner_id
        events = []
        # sudo: how a ticket came to be does not depend on what its author may read
        for ticket in self.sudo():
            date = ticket.opened_on
            by_mail = bool(ticket.message_id)
            kind = "automatic" if ticket.is_automatic_mail else "customer" if by_mail else author_kind
            events.append(Logged(ticket.id, "created", date, kind))
            if kind == "agent" and ticket.partner_id == own:
                events.append(Logged(ticket.id, "customer", date, "customer"))
            if ticket.is_closed:
                events.append(Logged(ticket.id, "closed", max(ticket.close_date or now, date), kind))
            if not ticket.active:
                events.append(Logged(ticket.id, "paused", now, kind))
        self._log_events(events)

    def write(self, vals):
        # a team brings its own stages
        if not any(name in vals for name in (*STATE, "active")):
            return super().write(vals)
        # sudo: the user may lose access to the ticket by this write
        tickets = self.sudo()
        before = {ticket.id: ticket._get_logged_state() for ticket in tickets}
        result = super().write(vals)
        tickets._log_changes(before)
        return result

    def _get_logged_state(self):
        return {name: self[name] for name in (*KINDS, "is_closed", "active")}

    def _log_changes(self, before):
        """Log what became different, in one statement for all tickets.

        :param dict before: id of a ticket to what ``_get_logged_state`` returned
        """
        now, author_kind = fields.Datetime.now(), self._get_author_kind()
        events = []
        for ticket in self:
            after, former = ticket._get_logged_state(), before[ticket.id]
            kinds = [kind for name, kind in KINDS.items() if after[name] != former[name]]
            if after["is_closed"] != former["is_closed"]:
                kinds.append("closed" if after["is_closed"] else "reopened")
            if after["active"] != former["active"]:
                kinds.append("resumed" if after["active"] else "paused")
            events += [Logged(ticket.id, kind, now, author_kind) for kind in kinds]
        self._log_events(events)

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        # a message that is sent later is logged when it is sent
        if not self._is_notification_scheduled(kwargs.get("scheduled_date")):
            self._log_message(message, kwargs.get("colleagues_only"))
        return recipients

    def _log_message(self, message, colleagues_only=False):
        """Log a message that a person wrote on this ticket.

        :param message: record of ``mail.message``
        :param bool colleagues_only: whether no customer gets it, though they may read it
        :return: the kind of the event, or None when nobody wrote the message
        """
        if self._is_automatic(message):
            return None
        # sudo: the author of a message need not be able to read all of it
        message = message.sudo()
        kind = self._get_message_kind(message)
        if kind == "agent" and colleagues_only:
            kind = "note"
        now = fields.Datetime.now()
        # the date of an answer is that at which it leaves us; only mails state another one
        stated = message.date if message.message_type == "email" and kind in ("customer", "remark") else None
        author_kind = "customer" if kind in ("customer", "remark") else "agent"
        self._log_events([Logged(self.id, kind, believe(stated, now), author_kind, message.id, stated)], patient=True)
        return kind

    def _get_message_kind(self, message):
        """:return: "customer", "remark", "agent" or "note" for a message that a person wrote; an extension point"""
        return self._get_side(message) or "note"

    def _message_mail_after_hook(self, mails):
        """Mails to many customers at once, by the composer, answer each of them."""
        result = super()._message_mail_after_hook(mails)
        # sudo: only the kind of author is read
        if self and self.env.user._is_internal() and mails and not self._is_automatic(mails.sudo().mail_message_id[:1]):
            self._log_event("agent", author_kind="agent")
        return result
