import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.sql_db import PoolError
from odoo.tools import SQL
from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from ...tools.event_log import ACTIVITY, replay
from ..short_cursor import short_cursor

_logger = logging.getLogger(__name__)

COLUMNS = (
    "waiting_since",
    "first_response_date",
    "last_customer_date",
    "last_agent_date",
    "idle_since",
    "response_count",
    "reopen_count",
)
# what an event says about the ticket after it
STATE = ("stage_id", "user_id", "team_id", "priority")


class Logged(NamedTuple):
    """An event to be written: of a ticket, of a kind of ``event.py``, at a naive date in UTC."""

    ticket_id: int
    kind: str
    date: object
    author_kind: str
    message_id: int | None = None
    stated_date: object = None


class TicketEvents(models.Model):
    """Writes the event log by sets, and keeps the columns that follow from it.

    ``tools/event_log.py`` says what follows; the same in SQL is ``_replay_events``, for many tickets at once.

    Two people may write on a ticket at the same moment. Rows of the log never stand in each other's way, but the columns are
    in one row: Odoo would refuse the second message and try it again. A message is not refused for a date on a ticket, so
    the columns are then made from the log, as soon as the message is stored.
    """

    _inherit = "helpdesk_lite.ticket"

    waiting_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the customer wrote what has not been answered yet. Empty when nobody waits for us.",
    )
    first_response_date = fields.Datetime(
        "First Answer on",
        readonly=True,
        copy=False,
        help="When somebody first wrote to the customer. Automatic mails do not count.",
    )
    last_customer_date = fields.Datetime("Last Message of the Customer", readonly=True, copy=False)
    last_agent_date = fields.Datetime("Last Message to the Customer", readonly=True, copy=False)
    idle_since = fields.Datetime(
        "Last Activity",
        readonly=True,
        copy=False,
        help="The last message, change of stage, team or assignee; notes do not count.",
    )
    response_count = fields.Integer("Answers", readonly=True, copy=False, help="Messages to the customer that people wrote.")
    reopen_count = fields.Integer("Times Reopened", readonly=True, copy=False)

    _customer_waits_index = models.Index("(team_id, waiting_since) WHERE waiting_since IS NOT NULL")

    def _log_event(self, kind, date=None, author_kind=None, message=None, stated_date=None):
        """Add the same event to each of these tickets, in one statement.

        :param str kind: a kind of ``event.py``
        :param datetime date: when it happened, naive and in UTC; now by default
        :param str author_kind: who caused it; the user of the request by default
        :param message: record of ``mail.message``
        :param datetime stated_date: what a mail says
        """
        date = date or fields.Datetime.now()
        author_kind = author_kind or self._get_author_kind()
        self._log_events(
            [Logged(ticket_id, kind, date, author_kind, message and message.id, stated_date) for ticket_id in self.ids]
        )

    @api.model
    def _get_author_kind(self):
        """Who causes what this request does: a customer, an agent, or a program."""
        user = self.env.user
        if user._is_superuser():
            return "automatic"
        return "agent" if user._is_internal() else "customer"

    @api.model
    def _log_events(self, events, patient=False):
        """Add events in their order, and keep the columns of their tickets.

        :param list events: of :class:`Logged`; those of one ticket in the order in which they happened
        :param bool patient: whether the columns may be made later if somebody else has changed the ticket meanwhile
        :return: whether they are made later
        """
        if not events:
            return False
        tickets = self.browse({event.ticket_id for event in events})
        # what follows from the change goes into the same UPDATE
        tickets._recompute_recordset()
        # the rows take the state of the ticket from its table
        tickets.flush_recordset(STATE)
        insert = self._prepare_insert(events)
        update = self._prepare_update(events)
        if not update:
            self.env.cr.execute(insert)
            return False
        both = SQL("WITH logged AS (%s) %s", insert, update)
        later = False
        if not patient or tickets._is_unseen():
            self.env.cr.execute(both)
        else:
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env.cr.execute(both, log_exceptions=False)
            except SerializationFailure:
                self.env.cr.execute(insert)
                tickets._replay_later()
                later = True
        tickets.invalidate_recordset(COLUMNS, flush=False)
        tickets.modified(COLUMNS)
        return later

    @api.model
    def _prepare_insert(self, events):
        columns = list(zip(*events, strict=True))
        return SQL(
            """ INSERT INTO helpdesk_lite_event (ticket_id, kind, date, author_kind, message_id, stated_date,
                                             stage_id, user_id, team_id, priority)
            SELECT event.ticket_id, event.kind, event.date, event.author_kind, event.message_id, event.stated_date,
                   ticket.stage_id, ticket.user_id, ticket.team_id, ticket.priority
              FROM unnest(%s::int[], %s::text[], %s::timestamp[], %s::text[], %s::int[], %s::timestamp[]) WITH ORDINALITY
                   AS event (ticket_id, kind, date, author_kind, message_id, stated_date, position)
              JOIN helpdesk_lite_ticket ticket ON ticket.id = event.ticket_id
             ORDER BY event.position
            """,
            *(list(column) for column in columns),
        )

    @api.model
    def _prepare_update(self, events):
        """The statement that brings the columns up to date, or None if these events change none."""
        grouped = {}
        for event in events:
            grouped.setdefault(event.ticket_id, []).append((event.kind, event.date))
        changes = {ticket_id: replay(theirs) for ticket_id, theirs in grouped.items()}
        rows = [(ticket_id, *change) for ticket_id, change in sorted(changes.items()) if any(change)]
        if not rows:
            return None
        return SQL(
            """ UPDATE helpdesk_lite_ticket ticket
               SET waiting_since = CASE WHEN change.answered THEN change.waiting_since
                                        ELSE LEAST(ticket.waiting_since, change.waiting_since) END,
                   first_response_date = COALESCE(ticket.first_response_date, change.first_response_date),
                   last_customer_date = GREATEST(ticket.last_customer_date, change.last_customer_date),
                   last_agent_date = GREATEST(ticket.last_agent_date, change.last_agent_date),
                   idle_since = GREATEST(ticket.idle_since, change.idle_since),
                   response_count = COALESCE(ticket.response_count, 0) + change.response_count,
                   reopen_count = COALESCE(ticket.reopen_count, 0) + change.reopen_count
              FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[], %s::timestamp[], %s::timestamp[], %s::timestamp[],
                          %s::int[], %s::int[], %s::bool[])
                   AS change (ticket_id, waiting_since, first_response_date, last_customer_date, last_agent_date,
                              idle_since, response_count, reopen_count, answered)
             WHERE ticket.id = change.ticket_id
            """,
            *(list(column) for column in zip(*rows, strict=True)),
        )

    # ------------------------------------------------------------
    # FROM THE LOG
    # ------------------------------------------------------------

    def _replay_events(self):
        """Make the columns of these tickets from their events, in one statement."""
        if not self.ids:
            return
        self.env.cr.execute(self._prepare_replay(self.ids))
        self.invalidate_recordset(COLUMNS, flush=False)
        self.modified(COLUMNS)

    @api.model
    def _prepare_replay(self, ids):
        return SQL(
            """ UPDATE helpdesk_lite_ticket ticket
               SET waiting_since = replayed.waiting_since, first_response_date = replayed.first_response_date,
                   last_customer_date = replayed.last_customer_date, last_agent_date = replayed.last_agent_date,
                   idle_since = replayed.idle_since,
                   response_count = replayed.response_count, reopen_count = replayed.reopen_count
              FROM (SELECT asked.id,
                           min(event.date) FILTER (WHERE event.kind = 'customer' AND event.id > COALESCE(answered.id, 0))
                               AS waiting_since,
                           (array_agg(event.date ORDER BY event.id) FILTER (WHERE event.kind = 'agent'))[1]
                               AS first_response_date,
                           max(event.date) FILTER (WHERE event.kind IN ('customer', 'remark')) AS last_customer_date,
                           max(event.date) FILTER (WHERE event.kind = 'agent') AS last_agent_date,
                           max(event.date) FILTER (WHERE event.kind = ANY(%s)) AS idle_since,
                           count(*) FILTER (WHERE event.kind = 'agent') AS response_count,
                           count(*) FILTER (WHERE event.kind = 'reopened') AS reopen_count
                      FROM unnest(%s::int[]) asked (id)
                      LEFT JOIN LATERAL (SELECT max(id) AS id FROM helpdesk_lite_event
                                          WHERE ticket_id = asked.id AND kind IN ('agent', 'closed')) answered ON TRUE
                      LEFT JOIN helpdesk_lite_event event ON event.ticket_id = asked.id
                     GROUP BY asked.id) replayed
             WHERE ticket.id = replayed.id
            """,
            list(ACTIVITY),
            list(ids),
        )

    def _replay_later(self):
        """Make the columns of these tickets from the log once this transaction is stored."""
        ids, env = sorted(self.ids), self.env

        def replay_now():
            # it reads what others have stored while it waited for the row
            try:
                with short_cursor(env) as cr:
                    lock = "SELECT FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
                    cr.execute(lock, [ids])
                    cr.execute(self._prepare_replay(ids))
            except (OperationalError, PoolError):
                # the message is stored; the next event of the ticket makes up for most of it
                _logger.exception("The dates of the tickets %s were not brought up to date", ids)

        env.cr.postcommit.add(replay_now)
