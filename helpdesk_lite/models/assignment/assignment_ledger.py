import logging
import time
from contextlib import ExitStack, contextmanager

from odoo import api, fields, models
from odoo.sql_db import PoolError
from odoo.tools import SQL
from psycopg2 import OperationalError

from ...tools.fair_share import Ledger
from ..short_cursor import is_pooled, short_cursor

_logger = logging.getLogger(__name__)

HOUR = 3600  # in seconds
MANY_CLAIMS = 50  # from here on, finding the claims that every transaction sees is worth its cost

# when this process said last that there are too few connections, by the monotonic clock
_told = {}


def _tell_once(error):
    """Say in the log that a ticket is assigned in its own transaction, once an hour and not for each ticket.

    :param Exception error: why there is no other transaction
    """
    now = time.monotonic()
    if now - _told.get("date", -HOUR) >= HOUR:
        _told["date"] = now
        _logger.warning("Tickets are assigned in their own transactions, as there is no second connection: %s", error)


class AssignmentLedger(models.Model):
    """The record of assignments, one row per team; see ``tools/fair_share.py``.

    Each choice is claimed in a short transaction of its own that locks the team's row. Two tickets
    that arrive together are therefore assigned one after the other, and neither waits for, nor
    fails because of, the other's whole transaction. When a ticket's transaction is rolled back, the
    next claim notices that it ended without its ticket.

    Where connections come from a pooler, or there are no more of them, a transaction that waits for a second one holds
    what the others wait for. The claim is then part of the ticket's own transaction. If another ticket was faster, nobody
    waits: the ticket is assigned by the scheduled action a moment later.
    """

    _name = "helpdesk_lite.assignment.ledger"
    _description = "Ledger of Automatic Assignments"
    _order = "team, id"
    _rec_name = "team"

    # no foreign key: the team's own transaction may not have been committed yet
    team = fields.Integer("Id of the Team", required=True)
    data = fields.Json()

    _team_unique = models.UniqueIndex("(team)")

    @api.model
    @contextmanager
    def _open(self, team, keep=True):
        """Lock the ledger of a team, and store its changes at the end.

        :param team: record of ``helpdesk_lite.team``
        :param bool keep: False to discard the changes of a trial
        :return: context manager of :class:`Ledger`
        :raise psycopg2.Error: when the lock is not available within 5 seconds, or at once in the ticket's own transaction
        """
        with self._enter_transaction() as cr:
            row = self._lock(cr, team)
            if not row:
                cr.execute(
                    SQL("INSERT INTO helpdesk_lite_assignment_ledger (team) VALUES (%s) ON CONFLICT DO NOTHING", team.id),
                    log_exceptions=False,
                )
                row = self._lock(cr, team)
            ledger = Ledger.from_json(row[0])
            before = ledger.to_json()
            self._settle(cr, team, ledger)
            yield ledger
            after = ledger.to_json()
            if keep and after != before:
                cr.execute(
                    SQL(
                        "UPDATE helpdesk_lite_assignment_ledger SET data = %s WHERE team = %s",
                        fields.Json().convert_to_column_insert(after, self),
                        team.id,
                    )
                )

    @api.model
    @contextmanager
    def _enter_transaction(self):
        """Begin the transaction of a choice: a separate one, or a part of the ticket's own.

        :return: context manager of a cursor
        """
        with ExitStack() as stack:
            cr = None
            if not is_pooled(self.env):
                try:
                    cr = stack.enter_context(short_cursor(self.env))
                except (PoolError, OperationalError) as error:
                    _tell_once(error)
            if cr is None:
                cr = self.env.cr
                # an error in here must not end the transaction of the ticket
                stack.enter_context(cr.savepoint(flush=False))
            yield cr

    def _lock(self, cr, team):
        # Committing need not wait for the disk: the ticket's own transaction commits later and waits for all
        # earlier writes. The timeout limits the wait for a lock that is never released.
        settings = SQL("SET LOCAL synchronous_commit TO off; SET LOCAL lock_timeout TO '5s';")
        # In the ticket's own transaction, waiting is useless: its snapshot is older than what it would wait for.
        is_own = cr is self.env.cr
        cr.execute(
            SQL(
                "%s SELECT data FROM helpdesk_lite_assignment_ledger WHERE team = %s FOR UPDATE %s",
                SQL() if is_own else settings,
                team.id,
                SQL("NOWAIT") if is_own else SQL(),
            ),
            log_exceptions=False,
        )
        return cr.fetchone()

    def _settle(self, cr, team, ledger):
        """Find out which claims were committed or rolled back, in one statement and so at one point in time.

        :param cr: cursor that holds the lock
        :param team: record of ``helpdesk_lite.team``
        :param Ledger ledger: of the team; is changed
        """
        if not ledger.claims:
            return
        cr.execute(
            SQL(
                """ SELECT claim.number, EXISTS (
                           SELECT FROM helpdesk_lite_assignment made
                            WHERE made.team_id = %(team)s AND made.number = claim.number),
                       CASE WHEN %(many)s THEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - (
                           SELECT COALESCE(max(age(backend_xmin)), 0) FROM pg_stat_activity
                            WHERE datname = current_database())
                       ELSE 0 END
                  FROM unnest(%(numbers)s, %(xids)s) claim (number, xid)
                 WHERE pg_visible_in_snapshot(xid::text::xid8, pg_current_snapshot())
            """,
                team=team.id,
                many=len(ledger.claims) > MANY_CLAIMS,
                numbers=[claim.number for claim in ledger.claims],
                xids=[claim.xid for claim in ledger.claims],
            )
        )
        ended = cr.fetchall()
        if ended:
            ledger.settle({number: there for number, there, _horizon in ended}, ended[0][2], int(time.time()))
