import logging

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2 import OperationalError

from ...tools.answer_times import measure
from ...tools.sla_clock import to_minutes, to_moment
from ..short_cursor import short_cursor
from ..ticket_hours import Hours

_logger = logging.getLogger(__name__)

COLUMNS = ("first_response_hours", "answer_hours", "waiting_hours", "closer_id")
# after which events the columns are made again
KINDS = ("agent", "closed", "reopened", "team")


class TicketAnswers(models.Model):
    """How long customers waited for answers, in the working hours of the team, and who closed the ticket.

    They are columns because medians of a million tickets are read from them. They follow from the log: one statement reads the
    events of the tickets, one writes.
    """

    _inherit = "helpdesk_lite.ticket"

    first_response_hours = Hours(
        "Hours to First Answer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="From opening to the first message to the customer that a person wrote, in the working hours of the team.",
    )
    answer_hours = Hours(
        "Hours to Answer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="How long the customer waited for an answer on average, in the working hours of the team.",
    )
    waiting_hours = Hours(
        "Hours the Customer Waited",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="For all answers together, and until the ticket was closed without one, in the working hours of the team.",
    )
    closer_id = fields.Many2one(
        "res.users", "Closed by", readonly=True, copy=False, ondelete="set null", help="Empty if a program closed the ticket."
    )

    # figures of a period read its tickets only
    _closed_on_index = models.Index("(close_date) WHERE close_date IS NOT NULL")
    _answered_on_index = models.Index("(first_response_date) WHERE first_response_date IS NOT NULL")

    @api.model
    def _log_events(self, events, patient=False):
        later = super()._log_events(events, patient=patient)
        told = [event for event in events if event.kind in KINDS]
        if told:
            created = {event.ticket_id for event in events if event.kind == "created"}
            user_id = None if self.env.user._is_superuser() else self.env.uid
            # who imports closed tickets has not closed them
            closers = {
                event.ticket_id: user_id if event.kind == "closed" and event.ticket_id not in created else None
                for event in told
                if event.kind in ("closed", "reopened")
            }
            tickets = self.browse(sorted({event.ticket_id for event in told}))
            if later:
                # somebody else has changed one of the tickets meanwhile
                tickets._measure_answers_later(closers)
            else:
                tickets._measure_answers(closers)
        return later

    def _replay_events(self):
        """After a merge, and where it is undone, the log of a ticket has other messages."""
        result = super()._replay_events()
        self._measure_answers()
        return result

    def _count_hours_again(self):
        result = super()._count_hours_again()
        self._measure_answers()
        return result

    def write(self, vals):
        result = super().write(vals)
        if "opened_on" in vals:
            self._measure_answers()
        return result

    def _measure_answers(self, closers=None):
        """Make the columns of these tickets from their events.

        :param dict closers: id of a ticket to the id of the user who has just closed it, or None
        """
        if not self.ids:
            return
        self.flush_recordset(["opened_on", "team_id", "company_id", "closer_id"])
        self.env["helpdesk_lite.team"].flush_model(["resource_calendar_id"])
        self._write_answers(closers or {})
        self.invalidate_recordset(COLUMNS, flush=False)
        self.modified(COLUMNS)

    def _measure_answers_later(self, closers):
        """Do it once this transaction is stored, in one that waits for the others."""
        ids, env = sorted(self.ids), self.env

        def measure_now():
            try:
                with short_cursor(env) as cr:
                    cr.execute("SELECT FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
                    env(cr=cr, su=True)["helpdesk_lite.ticket"].browse(ids)._write_answers(closers)
            except OperationalError:
                # the message is stored; the next answer measures all of them again
                _logger.exception("The hours to answer of the tickets %s were not brought up to date", ids)

        env.cr.postcommit.add(measure_now)

    def _write_answers(self, closers):
        rows = []
        for ticket_id, company_id, calendar_id, opened, events in self._read_answers():
            moments = [opened, *(at for _kind, at in events)]
            calendar = self.env["resource.calendar"].browse(calendar_id or ())
            company = self.env["res.company"].browse(company_id)
            clock = calendar._get_clock(company, to_moment(min(moments)), to_moment(max(moments)))
            answers = measure(events, opened, clock)
            # unknown until somebody has answered or closed, whatever made the columns be made again
            waited = answers.waited if any(kind != "customer" for kind, _at in events) else None
            hours = [value if value is None else value / 60 for value in (answers.first, answers.average, waited)]
            rows.append((ticket_id, *hours, ticket_id in closers, closers.get(ticket_id)))
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """ UPDATE helpdesk_lite_ticket ticket
                   SET first_response_hours = new.first, answer_hours = new.answer, waiting_hours = new.waited,
                       closer_id = CASE WHEN new.is_closed THEN new.closer ELSE ticket.closer_id END
                  FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bool[], %s::int[])
                       AS new (id, first, answer, waited, is_closed, closer)
                 WHERE ticket.id = new.id
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )

    def _read_answers(self):
        """Read what concerns answers, in one statement.

        :return: list of tuples (ticket id, company id, calendar id, minute of opening, pairs (kind, minute))
        """
        self.env.cr.execute(
            SQL(
                """ SELECT ticket.id, ticket.company_id, team.resource_calendar_id, ticket.opened_on,
                           (SELECT jsonb_agg(jsonb_build_array(event.kind, floor(extract(epoch FROM event.date) / 60)::int)
                                             ORDER BY event.id)
                              FROM helpdesk_lite_event event
                             WHERE event.ticket_id = ticket.id AND event.kind IN ('customer', 'agent', 'closed'))
                      FROM helpdesk_lite_ticket ticket
                      JOIN helpdesk_lite_team team ON team.id = ticket.team_id
                     WHERE ticket.id = ANY(%s)
                     ORDER BY ticket.id
                """,
                list(self.ids),
            )
        )
        return [
            (ticket_id, company_id, calendar_id, to_minutes(opened), events or [])
            for ticket_id, company_id, calendar_id, opened, events in self.env.cr.fetchall()
        ]
