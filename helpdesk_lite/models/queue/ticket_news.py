from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

from ..mail.ticket_automatic import BY_PEOPLE

# of the last message, for a glance
MOST_CHARACTERS = 300
LONGEST_FIRST = "waiting_since, priority desc, opened_on desc, id desc"


class TicketNews(models.Model):
    """What a user has not seen yet: a message of the customer that nobody has answered, and that they have not looked at.

    A message that a colleague answered is not new any more, whoever has looked at it.
    """

    _inherit = "helpdesk_lite.ticket"

    has_new_message = fields.Boolean(
        "New Message",
        compute="_compute_has_new_message",
        search="_search_has_new_message",
        help="The customer has written, nobody has answered, and you have not opened the ticket since then.",
    )

    @api.depends("waiting_since", "last_customer_date", "is_closed")
    @api.depends_context("uid")
    def _compute_has_new_message(self):
        waiting = self.filtered(lambda ticket: ticket.waiting_since and not ticket.is_closed)
        if not self._is_told_news():
            waiting = self.browse()
        looks = waiting._get_looks()
        for ticket in self:
            last = ticket.last_customer_date
            ticket.has_new_message = ticket in waiting and not (
                last and looks.get(ticket._origin.id) and looks[ticket._origin.id] >= last
            )

    def _search_has_new_message(self, operator, value):
        if operator != "in":
            return NotImplemented
        if not self._is_told_news():
            return Domain.FALSE
        self.flush_model(["waiting_since", "last_customer_date"])
        seen = SQL(
            """(SELECT look.ticket_id FROM helpdesk_lite_look look
                 JOIN helpdesk_lite_ticket ticket ON ticket.id = look.ticket_id
                 WHERE look.user_id = %s AND ticket.waiting_since IS NOT NULL AND look.date >= ticket.last_customer_date)""",
            self.env.uid,
        )
        return Domain("waiting_since", "!=", False) & Domain("is_closed", "=", False) & Domain("id", "not in", seen)

    @api.model
    def _is_told_news(self):
        """Whether news are for this user: for those who work on tickets, and not for who has written them."""
        return self.env.user.has_group("helpdesk_lite.group_user")

    def _get_looks(self):
        """Up to when the user has looked at these tickets, in one statement.

        :return: dict of id of a ticket to datetime
        """
        if not self.ids:
            return {}
        rows = SQL(
            "SELECT ticket_id, date FROM helpdesk_lite_look WHERE user_id = %s AND ticket_id = ANY(%s)", self.env.uid, self.ids
        )
        return dict(self.env.execute_query(rows))

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    def mark_seen(self, until):
        """Note that the user has looked at these tickets. Nothing of the tickets is written.

        :param str until: date of the last message of the customer that they were shown, as clients write it; a later one
            stays new
        :raise AccessError: when the user cannot read them
        :raise UserError: when this is no date
        :return: True, because XML-RPC has no None
        """
        self.check_access("read")
        if not self._is_told_news():
            return True
        try:
            date = fields.Datetime.to_datetime(until)
        except (TypeError, ValueError):
            raise UserError(self.env._("“%s” is not a date.", until)) from None
        if date:
            self.env.cr.execute(
                SQL(
                    """ INSERT INTO helpdesk_lite_look (ticket_id, user_id, date)
                        SELECT id, %s, LEAST(%s, last_customer_date) FROM helpdesk_lite_ticket
                         WHERE id = ANY(%s) AND last_customer_date IS NOT NULL
                            ON CONFLICT (user_id, ticket_id)
                            DO UPDATE SET date = GREATEST(helpdesk_lite_look.date, EXCLUDED.date)
                    """,
                    self.env.uid,
                    date,
                    self.ids,
                )
            )
            self.invalidate_recordset(["has_new_message"], flush=False)
        return True

    @api.readonly
    def get_last_message(self):
        """The last line of the conversation with the customer, for a glance at a card; notes are not part of it.

        :raise AccessError: when the user cannot read the ticket
        :return: dict with ``author``, ``date`` (as clients write it) and ``text``, or an empty one
        """
        self.ensure_one()
        self.check_access("read")
        # with the rights of the user, as for all messages
        message = self.env["mail.message"].search(
            Domain("model", "=", self._name)
            & Domain("res_id", "=", self.id)
            & Domain("message_type", "in", BY_PEOPLE)
            & Domain("is_internal", "=", False)
            & Domain("subtype_id.internal", "=", False)
            & Domain("subtype_id", "!=", False),
            order="id desc",
            limit=1,
        )
        if not message:
            return {}
        text = " ".join(html2plaintext(message.body or "", include_references=False).split())
        return {
            # sudo: who can read a message may know who wrote it
            "author": message.sudo().author_id.name or message.email_from or "",
            "date": fields.Datetime.to_string(message.date),
            "text": text[:MOST_CHARACTERS] + ("…" if len(text) > MOST_CHARACTERS else ""),
        }

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """*Longest Waiting First* is a filter of the search box, as a kanban has no other place for an order.

        The context comes with everything that is asked below that list: an order that somebody chose stays.
        """
        if order and self.env.context.get("longest_waiting_first") and self._is_default_order(order):
            order = LONGEST_FIRST
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _is_default_order(self, order):
        """Whether nobody has chosen an order; in columns by priority, Odoo leaves that out.

        :param str order: as in ``search``
        """
        parts, default = ([" ".join(part.split()) for part in text.split(",")] for text in (order, self._order))
        return parts in (default, [part for part in default if not part.startswith("priority ")])
