from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.ids import MOST, is_id
from ..mail.ticket_automatic import BY_PEOPLE
from ..short_cursor import short_cursor
from .presence import SECONDS
from .ticket_presence import NOW

# of what arrived, in the dialog
MOST_SHOWN = 20


class CrossingMessage(UserError):
    """An answer was stopped, because somebody wrote what its author has not seen. The web client shows both side by side."""


class TicketCrossing(models.Model):
    """Stops an employee's answer to a customer when somebody else has written what its author has not seen.

    Clients say up to which message they have shown the conversation. Nothing is stopped that says nothing, such as scripts.
    Notes are not stopped: they reach no customer.

    Everything that people write on a ticket waits here until others have stored what they write on it, so that of two answers
    one is second and is stopped. It waits by an advisory lock. The row of the ticket would not do: at Odoo's level of isolation
    a mail that waited for it would fail, and what was stored in the meantime would not be seen. Therefore what is new is read
    in a transaction of its own.
    """

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        """Post a message, unless it crosses another one.

        :param int seen_message_id: the newest message of the ticket that the author has seen, 0 for none
        :param bool hold_if_crossed: keep a crossing message for its author instead of refusing it, see ``ticket_held.py``
        :raise CrossingMessage: when somebody else has written a newer one, or when it is no message of this ticket
        :raise ValidationError: when it is no number
        :return: record of ``mail.message``
        """
        seen = kwargs.pop("seen_message_id", None)
        hold = kwargs.pop("hold_if_crossed", False)
        if kwargs.get("message_type") not in BY_PEOPLE or not self or self._is_unseen():
            return super().message_post(**kwargs)
        self.ensure_one()
        # nobody learns from a refusal what they cannot read
        self.check_access("read")
        somebody_is_here = self._wait_for_others()
        seen, hold = self._get_seen(seen, hold, kwargs)
        crossing = self._get_crossing(seen, kwargs) if seen is not None else None
        if crossing is None:
            message = super().message_post(**kwargs)
        elif hold:
            return self._post_held(kwargs, seen)
        else:
            raise CrossingMessage(
                self.env._("Your message was not sent: somebody has written on this ticket, and you have not seen it yet.")
            )
        if somebody_is_here and message:
            self._tell_arrival(message)
        return message

    def _wait_for_others(self):
        """Wait until what others write on this ticket is stored, and keep them waiting until this message is.

        :return: whether somebody else has the ticket open
        """
        rows = self.env.execute_query(
            SQL(
                """ SELECT pg_advisory_xact_lock(hashtextextended('helpdesk_lite.ticket ' || %(ticket)s, 0)),
                       EXISTS (SELECT FROM helpdesk_lite_presence
                                WHERE ticket_id = %(ticket)s AND user_id <> %(user)s
                                  AND seen_at > %(now)s - %(seconds)s * interval '1 second')
                """,
                ticket=self.id,
                user=self.env.uid,
                now=NOW,
                seconds=SECONDS,
            )
        )
        return rows[0][1]

    def _get_seen(self, seen, hold, kwargs):
        """Up to which message the author of an answer to the customer has seen the ticket.

        :param seen: what the client says
        :param bool hold: what the caller asks for
        :param dict kwargs: of ``message_post``
        :return: a pair of the id, or None when nothing is to be compared, and whether the message is held if it crosses
        """
        if not self._is_to_customer(kwargs):
            return None, False
        if kwargs["message_type"] == "email":
            # by mail client they have seen what they answer; other mails of employees reach colleagues only
            # sudo: the gateway's user need not have access to the author
            author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or [])
            answers = self.env.su and kwargs.get("answers_our_mail") and self._is_ours(author)
            # who got it directly has it, and to hold it would be of no use
            compared = answers and any(self._get_unreached_customer(kwargs))
            return (kwargs.get("parent_id") or None) if compared else None, True
        if seen is None or not self.env.user._is_internal():
            # customers do not learn of notes by what is stopped
            return None, False
        if type(seen) is not int or seen < 0:
            raise ValidationError(self.env._("The browser did not say what you have read of the ticket. Reload the page."))
        return seen, bool(hold)

    def _is_to_customer(self, kwargs):
        """Whether a message that is about to be posted is no note."""
        if kwargs.get("is_internal"):
            return False
        find = self.env["ir.model.data"]._xmlid_to_res_id
        subtype_id = find(kwargs["subtype_xmlid"]) if kwargs.get("subtype_xmlid") else kwargs.get("subtype_id")
        # sudo: only the kind is read
        return bool(subtype_id) and not self.env["mail.message.subtype"].sudo().browse(subtype_id).internal

    def _get_crossing(self, seen, kwargs):
        """What others have written after a message, read in a transaction that sees what is stored by now.

        :param int seen: id of ``mail.message``
        :param dict kwargs: of ``message_post``
        :return: a list of ids, which is empty when the message is none of this ticket, or None when nothing crosses
        """
        self.env["mail.message"].flush_model(["model", "res_id", "author_id", "message_type"])
        query = SQL(
            """ SELECT COALESCE(bool_or(id = %(seen)s), FALSE),
                       (array_agg(id ORDER BY id DESC) FILTER (WHERE id > %(seen)s AND message_type = ANY(%(people)s)
                            AND author_id IS DISTINCT FROM %(author)s))[1:%(most)s]
                  FROM mail_message
                 WHERE model = %(model)s AND res_id = %(ticket)s AND id >= %(seen)s
            """,
            # beyond what the database can compare it is no message either
            seen=min(seen, MOST),
            people=list(BY_PEOPLE),
            author=kwargs.get("author_id") or self.env.user.partner_id.id,
            most=MOST_SHOWN,
            model=self._name,
            ticket=self.id,
        )
        with short_cursor(self.env) as cr:
            cr.execute(query)
            known, newer = cr.fetchone()
        if newer:
            return newer
        # what a mail answers may have been merged from another ticket
        return None if known or not seen or kwargs["message_type"] == "email" else []

    def get_arrived(self, seen_message_id):
        """What others have written after a message, for the dialog that stops an answer.

        :param int seen_message_id: up to which message the client has shown the conversation
        :raise AccessError: when the user cannot read the ticket, or is a customer
        :return: dict with ``messages``, a list of dicts with ``id``, ``author``, ``date``, ``body`` (HTML), ``files`` (their
            names) and ``is_note``, the oldest first, and ``seen_message_id``, which is to be sent once they were shown
        """
        self._check_employee_reads()
        # with the rights of the user, as for all messages
        Message = self.env["mail.message"]
        thread = Domain("model", "=", self._name) & Domain("res_id", "=", self.id)
        newest = Message.search(thread, order="id desc", limit=1)
        seen = seen_message_id if is_id(seen_message_id) else 0
        arrived = Message.search(
            thread
            & Domain("id", ">", seen)
            & Domain("message_type", "in", BY_PEOPLE)
            & (Domain("author_id", "!=", self.env.user.partner_id.id) | Domain("author_id", "=", False)),
            order="id desc",
            limit=MOST_SHOWN,
        )
        shown = [message._describe_arrived() for message in arrived.sorted("id")]
        return {"messages": shown, "seen_message_id": newest.id or 0}
