from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .presence import SECONDS

# of a page of a list, with room to spare
MOST_TICKETS = 500
LONGEST_TAB = 40
# a sign that changes nothing is not written again so soon, however many tabs give one
PAUSE = 5
# subchannels of a ticket, see ``ir_websocket.py``
PRESENCE, MESSAGES = "helpdesk_lite_presence", "helpdesk_lite_messages"

NOW = SQL("(now() AT TIME ZONE 'UTC')")


class TicketPresence(models.Model):
    """Signs of life from those who have a ticket open, and who is told of them.

    All employees who can read a ticket give signs, so that agents know who else may answer. Agents are told, and nobody else:
    an employee may be the customer.

    What is sent by itself says that something changed on a ticket, and nothing else. Who is there is asked by a request, with
    the rights that its user has then. It is sent only when somebody comes, goes, begins or stops writing. Nobody says that a
    laptop was closed: the others learn it by their next sign.
    """

    _inherit = "helpdesk_lite.ticket"

    def give_sign(self, writing, tab):
        """Say that the user has this ticket open, and learn who else has.

        :param bool writing: whether they write an answer
        :param str tab: a random word for the tab of the browser
        :raise AccessError: when the user is a customer
        :return: False if they cannot read the ticket (any more); otherwise a dict with ``people`` (as of
            ``get_presences``, empty for those who are not agents) and ``newest``, the id of the newest message of the
            thread, or 0
        """
        self.ensure_one()
        self._refuse_customers()
        self._check_tab(tab)
        if not self._filtered_access("read"):
            self.env.cr.execute(self._prepare_leave(SQL("TRUE")))
            return False
        writing = bool(writing)
        rows = self.env.execute_query(self._prepare_sign(writing, tab))
        newest = rows[0][0]
        there = {user_id: (name, writes, writing_tab) for _newest, user_id, name, writes, writing_tab in rows if user_id}
        _name, wrote, writing_tab = there.pop(self.env.uid, (None, None, None))
        # another tab may be the one in which they write
        writes = writing or bool(wrote and writing_tab != tab)
        if wrote is None or bool(wrote) != writes:
            self._tell_presence()
        people = there.items() if self._is_told_presence() else ()
        return {"people": [_describe(user_id, name, writes) for user_id, (name, writes, _tab) in people], "newest": newest}

    def _prepare_sign(self, writing, tab):
        """One statement that writes the sign, and reads who was there before it."""
        return SQL(
            """ WITH there AS (
                    SELECT presence.user_id, partner.name, presence.writing_tab,
                           COALESCE(presence.wrote_at > %(now)s - %(seconds)s * interval '1 second', FALSE) AS writes
                      FROM helpdesk_lite_presence presence
                      JOIN res_users users ON users.id = presence.user_id
                      JOIN res_partner partner ON partner.id = users.partner_id
                     WHERE presence.ticket_id = %(ticket)s AND presence.seen_at > %(now)s - %(seconds)s * interval '1 second'
                ), sign AS (
                    INSERT INTO helpdesk_lite_presence AS presence (ticket_id, user_id, seen_at, tab, wrote_at, writing_tab)
                    SELECT %(ticket)s, %(user)s, %(now)s, %(tab)s, CASE WHEN %(writing)s THEN %(now)s END,
                           CASE WHEN %(writing)s THEN %(tab)s END
                     WHERE NOT EXISTS (
                           SELECT FROM helpdesk_lite_presence presence
                            WHERE presence.ticket_id = %(ticket)s AND presence.user_id = %(user)s
                              AND presence.seen_at > %(now)s - %(pause)s * interval '1 second'
                              AND CASE WHEN %(writing)s
                                       THEN COALESCE(presence.wrote_at > %(now)s - %(pause)s * interval '1 second', FALSE)
                                       ELSE presence.wrote_at IS NULL OR presence.writing_tab <> %(tab)s END)
                        ON CONFLICT (ticket_id, user_id) DO UPDATE
                       SET seen_at = EXCLUDED.seen_at, tab = EXCLUDED.tab,
                           wrote_at = CASE WHEN %(writing)s THEN EXCLUDED.wrote_at
                                           WHEN presence.writing_tab = EXCLUDED.tab THEN NULL
                                           ELSE presence.wrote_at END,
                           writing_tab = CASE WHEN %(writing)s THEN EXCLUDED.tab ELSE presence.writing_tab END)
                SELECT COALESCE((SELECT max(id) FROM mail_message
                                  WHERE model = %(model)s AND res_id = %(ticket)s AND message_type <> 'user_notification'), 0),
                       there.user_id, there.name, there.writes, there.writing_tab
                  FROM (VALUES (1)) one LEFT JOIN there ON TRUE
            """,
            now=NOW,
            seconds=SECONDS,
            pause=PAUSE,
            ticket=self.id,
            user=self.env.uid,
            writing=writing,
            tab=tab,
            model=self._name,
        )

    def leave(self, tab):
        """Say that the user has closed the ticket in a tab; another tab that has it open gives its next sign.

        :param str tab: as of ``give_sign``
        :return: True, because XML-RPC has no None
        """
        self.ensure_one()
        self._refuse_customers()
        self._check_tab(tab)
        if self.env.execute_query(SQL("%s RETURNING id", self._prepare_leave(SQL("tab = %s", tab)))):
            self._tell_presence()
        return True

    @api.model
    def _check_tab(self, tab):
        """:raise UserError: when a client does not name its tab"""
        if not isinstance(tab, str) or not 0 < len(tab) <= LONGEST_TAB or "\0" in tab:
            raise UserError(self.env._("The browser did not say which of its tabs this is. Reload the page."))

    def _prepare_leave(self, condition):
        return SQL(
            "DELETE FROM helpdesk_lite_presence WHERE ticket_id = %s AND user_id = %s AND %s", self.id, self.env.uid, condition
        )

    def get_presences(self):
        """Who else has these tickets open, for cards and lists.

        :return: dict of the id of a ticket, as text, to a list of dicts with ``id`` and ``name`` of a user, and ``writing``;
            tickets that the user cannot read, or that nobody else has open, are left out
        """
        self._refuse_customers()
        tickets = self[:MOST_TICKETS]
        if not self._is_told_presence() or not tickets:
            return {}
        tickets = tickets._filtered_access("read")
        rows = self.env.execute_query(
            SQL(
                """ SELECT presence.ticket_id, presence.user_id, partner.name,
                           COALESCE(presence.wrote_at > %(now)s - %(seconds)s * interval '1 second', FALSE)
                      FROM helpdesk_lite_presence presence
                      JOIN res_users users ON users.id = presence.user_id
                      JOIN res_partner partner ON partner.id = users.partner_id
                     WHERE presence.ticket_id = ANY(%(tickets)s) AND presence.user_id <> %(user)s
                       AND presence.seen_at > %(now)s - %(seconds)s * interval '1 second'
                     ORDER BY presence.ticket_id, presence.user_id
                """,
                now=NOW,
                seconds=SECONDS,
                tickets=tickets.ids,
                user=self.env.uid,
            )
        )
        people = {}
        for ticket_id, user_id, name, writes in rows:
            people.setdefault(str(ticket_id), []).append(_describe(user_id, name, writes))
        return people

    def _tell_presence(self):
        """Let those who listen to this ticket ask again who is there."""
        self.env["bus.bus"]._sendone((self, PRESENCE), "helpdesk_lite.presence", {"ticket_id": self.id})

    def _tell_arrival(self, message):
        """Let those who have this ticket open fetch the new message, with their own rights."""
        payload = {"ticket_id": self.id, "message_id": message.id}
        self.env["bus.bus"]._sendone((self, MESSAGES), "helpdesk_lite.message", payload)

    @api.model
    def _is_told_presence(self):
        """Whether this user learns who has tickets open."""
        user = self.env.user
        return user.has_group("helpdesk_lite.group_user")

    def _check_employee_reads(self):
        """:raise AccessError: when the user cannot read the ticket, or is a customer"""
        self.ensure_one()
        self._refuse_customers()
        self.check_access("read")

    @api.model
    def _refuse_customers(self):
        """:raise AccessError: when the user is not an employee"""
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only employees can see who works on a ticket."))


def _describe(user_id, name, writes):
    return {"id": user_id, "name": name, "writing": bool(writes)}
