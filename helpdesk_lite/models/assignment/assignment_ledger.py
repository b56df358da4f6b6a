import time
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.fair_share import Ledger
from ..short_cursor import short_cursor

MANY_CLAIMS = 50  # from here on it is worth asking which of them everybody sees


class AssignmentLedger(models.Model):
    """What was given to whom, a row per team; see ``tools/fair_share.py``.

    A choice is claimed in a short transaction of its own that locks the team's row, so two
    tickets that arrive together are chosen for one after the other, and neither waits for the
    other's whole transaction nor fails because of it. Nothing is undone by hand when a ticket's
    transaction is rolled back: the next claim sees that it ended without its ticket.
    """

    _name = "helpdesk_lite.assignment.ledger"
    _description = "Ledger of Automatic Assignments"
    _order = "team, id"
    _rec_name = "team"

    # no foreign key: the team may have been made by a transaction that has not ended yet
    team = fields.Integer("Id of the Team", required=True)
    data = fields.Json()

    _team_unique = models.UniqueIndex("(team)")

    @api.model
    @contextmanager
    def _open(self, team, keep=True):
        """The ledger of a team, locked; what was changed in it is kept at the end.

        :param team: record of ``helpdesk_lite.team``
        :param bool keep: False to try choices out
        :return: context manager of :class:`Ledger`
        :raise psycopg2.Error: when the lock is not to be had within seconds
        """
        with short_cursor(self.env) as cr:
            row = self._lock(cr, team)
            if not row:
                cr.execute(SQL(
                    "INSERT INTO helpdesk_lite_assignment_ledger (team) VALUES (%s) ON CONFLICT DO NOTHING", team.id,
                ))
                row = self._lock(cr, team)
            ledger = Ledger.from_json(row[0])
            before = ledger.to_json()
            self._settle(cr, team, ledger)
            yield ledger
            after = ledger.to_json()
            if keep and after != before:
                cr.execute(SQL(
                    "UPDATE helpdesk_lite_assignment_ledger SET data = %s WHERE team = %s",
                    fields.Json().convert_to_column_insert(after, self), team.id,
                ))

    def _lock(self, cr, team):
        # No wait for the disk at the end: the ticket's own transaction, which commits later, waits for
        # all that was written before. And no wait for ever, whatever the holder of the lock does.
        settings = SQL("SET LOCAL synchronous_commit TO off; SET LOCAL lock_timeout TO '5s';")
        cr.execute(SQL(
            "%s SELECT data FROM helpdesk_lite_assignment_ledger WHERE team = %s FOR UPDATE",
            settings if cr is not self.env.cr else SQL(), team.id,
        ), log_exceptions=False)
        return cr.fetchone()

    def _settle(self, cr, team, ledger):
        """Learn what became of claims. All is asked in one statement, which is one point in time."""
        if not ledger.claims:
            return
        cr.execute(SQL(
            """ SELECT claim.number, EXISTS (
                           SELECT FROM helpdesk_lite_assignment made
                            WHERE made.team_id = %(team)s AND made.number = claim.number),
                       CASE WHEN %(many)s THEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - (
                           SELECT COALESCE(max(age(backend_xmin)), 0) FROM pg_stat_activity
                            WHERE datname = current_database())
                       ELSE 0 END
                  FROM unnest(%(numbers)s, %(xids)s) claim (number, xid)
                 WHERE pg_visible_in_snapshot(xid::text::xid8, pg_current_snapshot())
            """, team=team.id, many=len(ledger.claims) > MANY_CLAIMS,
            numbers=[claim.number for claim in ledger.claims], xids=[claim.xid for claim in ledger.claims],
        ))
        ended = cr.fetchall()
        if ended:
            ledger.settle({number: there for number, there, _horizon in ended}, ended[0][2], int(time.time()))
