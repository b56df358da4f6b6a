import json
import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2 import OperationalError

from ...tools.sla_clock import Event, replay, to_minutes, to_moment
from ..short_cursor import short_cursor

_logger = logging.getLogger(__name__)

# no deadline is looked for farther away
HORIZON = timedelta(days=731)
# what the events of the log are for a clock; others do not concern it
KINDS = {
    "created": "created",
    "customer": "customer",
    "agent": "agent",
    "closed": "closed",
    "reopened": "reopened",
    "paused": "archived",
    "resumed": "restored",
    # a merged ticket is archived
    "merged": "archived",
    "unmerged": "restored",
}
# these only carry what the ticket has become
STATES = ("stage", "priority", "team")
COLUMNS = ("sla_state", "sla_deadline", "sla_budget", "sla_calendar_id")
# in this order, what a ticket with several promises is
SEVERITY = ("failed", "running", "paused", "met")


class Facts(NamedTuple):
    """What is known about a ticket, from one statement."""

    id: int
    company_id: int
    team_id: int
    team_calendar_id: int | None
    user_id: int | None
    channel: str
    partner_ids: list
    type_ids: list
    tag_ids: list
    category_ids: list
    events: list
    statuses: list
    columns: list


class TicketSla(models.Model):
    """The promises on tickets: which there are, until when, and what became of them.

    All is made anew from the event log whenever something happens, by :mod:`~odoo.addons.helpdesk_lite.tools.sla_clock`, for
    any number of tickets in two statements: one reads, one writes.
    """

    _inherit = "helpdesk_lite.ticket"

    sla_state = fields.Selection(
        [("running", "In Time"), ("paused", "Paused"), ("met", "Met"), ("failed", "Missed")],
        "SLA",
        readonly=True,
        copy=False,
        help="Missed if any promise was missed. Empty if no policy applies.",
    )
    sla_deadline = fields.Datetime(
        "Next Deadline", readonly=True, copy=False, help="The earliest deadline of the promises whose clocks run."
    )
    sla_budget = fields.Integer("Minutes of the Deadline", readonly=True, copy=False, aggregator=None)
    sla_calendar_id = fields.Many2one("resource.calendar", "Working Hours of the Deadline", readonly=True, copy=False)
    sla_status_ids = fields.One2many("helpdesk_lite.sla.status", "ticket_id", "SLA Statuses", readonly=True, copy=False)

    _sla_index = models.Index("(team_id, sla_deadline) WHERE is_closed IS NOT TRUE AND sla_deadline IS NOT NULL")

    @api.model
    def _log_events(self, events, patient=False):
        later = super()._log_events(events, patient=patient)
        told = {event.ticket_id for event in events if event.kind in KINDS or event.kind in STATES}
        tickets = self.browse(sorted(told))
        if later:
            # somebody else has changed one of the tickets meanwhile
            tickets._refresh_sla_later()
        else:
            # these rows are ours by now: nobody stands in the way of another change to them
            tickets._refresh_sla()
        return later

    def _replay_events(self):
        """After a merge, and where it is undone, the log of a ticket has other events."""
        result = super()._replay_events()
        self._refresh_sla()
        return result

    def write(self, vals):
        result = super().write(vals)
        # other changes that may bring other policies are in the event log
        if vals.keys() & {"tag_ids", "partner_id", "type_id"}:
            self._refresh_sla()
        return result

    def _refresh_sla(self):
        """Bring the promises on these tickets up to date with their event logs."""
        # sudo: promises do not depend on who writes
        tickets = self.sudo()
        if not tickets.ids or not tickets.env["helpdesk_lite.sla"]._get_rules():
            return
        tickets.flush_recordset()
        tickets.env["res.partner"].flush_model(["parent_id", "commercial_partner_id"])
        tickets.env["helpdesk_lite.type"].flush_model(["parent_id"])
        tickets.env["helpdesk_lite.team"].flush_model(["resource_calendar_id"])
        tickets._write_sla()

    def _refresh_sla_later(self):
        """Do it once this transaction is stored, in one that waits for the others."""
        ids, env = sorted(self.ids), self.env
        if not ids or not env["helpdesk_lite.sla"]._get_rules():
            return

        def refresh():
            try:
                with short_cursor(env) as cr:
                    cr.execute("SELECT FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
                    env(cr=cr, su=True)["helpdesk_lite.ticket"].browse(ids)._write_sla()
            except Exception:
                # the message is stored, and mails are sent behind this; the next event of the ticket judges again
                _logger.exception("The promises on the tickets %s were not brought up to date", ids)

        env.cr.postcommit.add(refresh)

    def _write_sla(self, *, correct=False):
        """Replay the event logs of these tickets, and store what changed.

        :param bool correct: whether a promise that is still to be kept may turn out not to be missed, because the working
            hours were corrected
        :return: list of tuples (:class:`Facts`, list of status values, list of column values) of what changed
        """
        changes = [change for facts in self._read_facts() if (change := self._judge(facts, correct=correct))[1] or change[2]]
        statuses = [status for _facts, found, _columns in changes for status in found]
        columns = [(facts.id, *found) for facts, _statuses, found in changes if found]
        if not changes:
            return changes
        writes = []
        if statuses:
            writes.append(self._prepare_statuses(statuses))
            self.env["helpdesk_lite.sla.status"].invalidate_model(flush=False)
            self.invalidate_recordset(["sla_status_ids"], flush=False)
        if columns:
            writes.append(self._prepare_columns(columns))
        self.env.cr.execute(SQL("WITH statuses AS (%s) %s", *writes) if len(writes) > 1 else writes[0])
        changed = self.browse([row[0] for row in columns])
        changed.invalidate_recordset(COLUMNS, flush=False)
        changed.modified(COLUMNS)
        return changes

    def _write_sla_apart(self, *, correct=False):
        """Do the same for jobs: a ticket that cannot be judged is logged, and does not keep the others from it.

        :param bool correct: see ``_write_sla``
        :raise OperationalError: when somebody is changing a row that is needed; the job comes again
        """
        try:
            with self.env.cr.savepoint():
                self._write_sla(correct=correct)
        except OperationalError:
            raise
        except Exception:
            if len(self) == 1:
                _logger.exception("The promises on the ticket %s cannot be judged", self.id)
                return
            half = len(self) // 2
            self[:half]._write_sla_apart(correct=correct)
            self[half:]._write_sla_apart(correct=correct)

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def _read_facts(self):
        """Read all that matters for the promises on these tickets, in one statement.

        :return: iterator of :class:`Facts`
        """
        self.env.cr.execute(
            SQL(
                """ SELECT ticket.id, ticket.company_id, ticket.team_id, team.resource_calendar_id, ticket.user_id,
                       CASE WHEN ticket.message_id IS NOT NULL THEN 'mail'
                            WHEN (SELECT author_kind FROM helpdesk_lite_event
                                   WHERE ticket_id = ticket.id AND kind = 'created' ORDER BY id LIMIT 1) = 'customer'
                            THEN 'form' ELSE 'employee' END,
                       ARRAY_REMOVE(ARRAY[partner.id, partner.parent_id, partner.commercial_partner_id], NULL),
                       ARRAY_REMOVE(ARRAY[type.id, type.parent_id], NULL),
                       ARRAY(SELECT tag_id FROM helpdesk_lite_ticket_tag_rel WHERE ticket_id = ticket.id),
                       ARRAY(SELECT category_id FROM res_partner_res_partner_category_rel
                              WHERE partner_id IN (partner.id, partner.commercial_partner_id)),
                       (SELECT jsonb_agg(jsonb_build_array(event.kind, floor(extract(epoch FROM event.date) / 60)::int,
                                                          event.stage_id, event.priority, event.author_kind)
                                         ORDER BY event.id)
                          FROM helpdesk_lite_event event
                         WHERE event.ticket_id = ticket.id AND event.kind = ANY(%(kinds)s)),
                       (SELECT jsonb_agg(to_jsonb(status) ORDER BY status.id)
                          FROM helpdesk_lite_sla_status status WHERE status.ticket_id = ticket.id),
                       ARRAY[ticket.sla_state, to_char(ticket.sla_deadline, 'YYYY-MM-DD HH24:MI:SS'), ticket.sla_budget::text,
                             ticket.sla_calendar_id::text]
                  FROM helpdesk_lite_ticket ticket
                  JOIN helpdesk_lite_team team ON team.id = ticket.team_id
                  LEFT JOIN res_partner partner ON partner.id = ticket.partner_id
                  LEFT JOIN helpdesk_lite_type type ON type.id = ticket.type_id
                 WHERE ticket.id = ANY(%(ids)s)
                 ORDER BY ticket.id
                """,
                ids=list(self.ids),
                kinds=[*KINDS, *STATES],
            )
        )
        for *values, events, statuses, columns in self.env.cr.fetchall():
            yield Facts(*values, events or [], statuses or [], columns)

    @api.model
    def _get_history(self, facts):
        """The events of a ticket in the terms of the clock.

        :param Facts facts: of the ticket
        :return: list of :class:`Event`
        """
        history, stage, priority = [], None, None
        for kind, at, stage_id, level, author_kind in facts.events:
            # each event tells the state after it; what changed with it comes first
            found = [Event(at, "created")] if kind == "created" else []
            if level is not None and level != priority:
                priority = level
                found.append(Event(at, "priority", int(level) if level in "0123" else 0))
            if stage_id is not None and stage_id != stage:
                stage = stage_id
                found.append(Event(at, "stage", stage_id))
            if kind == "created" and author_kind == "customer":
                found.append(Event(at, "customer"))
            elif kind != "created" and kind in KINDS:
                found.append(Event(at, KINDS[kind]))
            history += found
        return history

    # ------------------------------------------------------------
    # JUDGE
    # ------------------------------------------------------------

    @api.model
    def _judge(self, facts, *, correct=False, rules=None):
        """Replay the history of a ticket for each promise, and compare with what is stored.

        :param Facts facts: of the ticket
        :param bool correct: see ``_write_sla``
        :param dict rules: other rules than the stored ones, as ``_get_rules`` returns them, for a preview
        :return: tuple (facts, list of dicts of changed statuses, tuple of the columns or None if they stay)
        """
        now = fields.Datetime.now()
        minute = to_minutes(now)
        history = self._get_history(facts)
        # where the target was deleted, what was stays as it is
        stored = {(status["target_id"], status["round"]): status for status in facts.statuses if status["target_id"]}
        found, changed = {}, []
        rules = self.env["helpdesk_lite.sla"]._get_rules() if rules is None else rules
        opened = history[0].at if history else minute
        for versions in rules.get(facts.company_id, ()) if history else ():
            rule = versions.get(opened)
            if rule and rule.matches(facts):
                clock = self._get_sla_clock(facts, rule, opened)
                for target_id, target in rule.targets:
                    for this in replay(history, target, clock, minute):
                        old = stored.get((target_id, this.number))
                        status = self._describe_round(facts, rule, target_id, target, this, clock, minute)
                        found[target_id, this.number] = self._keep_verdict(status, old, correct)
        for key, status in found.items():
            if status["active"] or key in stored:
                old = stored.get(key)
                if old is None or any(old[name] != value for name, value in status.items()):
                    changed.append(status)
        # what does not apply any more, and is neither kept nor missed, was not promised
        for key, old in stored.items():
            if key not in found:
                status = self._end_status(old, now)
                found[key] = status
                if status != {name: old[name] for name in status}:
                    changed.append(status)
        columns = self._sum_up([*found.values(), *(status for status in facts.statuses if not status["target_id"])])
        return facts, changed, None if columns == tuple(facts.columns) else columns

    @api.model
    def _end_status(self, old, now):
        """The values of a status whose promise does not apply any more.

        :param dict old: stored values
        :param datetime now: naive, in UTC
        :return: dict
        """
        status = {name: value for name, value in old.items() if name != "id"}
        # also when the job has not noted yet that it was missed
        if old["state"] == "running" and old["deadline"] and old["deadline"] < now.replace(second=0).isoformat():
            status |= {"state": "failed", "failed": True, "breach_date": old["deadline"], "success_rate": 0.0}
        return status | {"active": old["active"] and status["state"] in ("met", "failed"), "is_open": False}

    def _get_sla_clock(self, facts, rule, opened):
        calendar_id = None if rule.around_the_clock else rule.calendar_id or facts.team_calendar_id
        calendar = self.env["resource.calendar"].browse(calendar_id or ())
        company = self.env["res.company"].browse(facts.company_id)
        return calendar._get_clock(company, to_moment(opened), fields.Datetime.now() + HORIZON)

    @api.model
    def _describe_round(self, facts, rule, target_id, target, this, clock, now):
        """The values of a status.

        :param this: :class:`Round` of the replay
        :param int now: minute
        :return: dict that JSON can hold, with dates as PostgreSQL writes them in JSON
        """
        late, is_open = this.is_late(now), this.is_open()
        if late:
            state = "failed"
        elif is_open:
            state = "running" if this.running else "paused"
        else:
            state = "met" if this.reached is not None else "dropped"
        until = this.reached if this.reached is not None else this.dropped
        return {
            "ticket_id": facts.id,
            "sla_id": rule.sla_id,
            "target_id": target_id,
            "round": this.number,
            # nothing is promised for this priority
            "active": late or this.budget is not None,
            "name": rule.name,
            "kind": target.kind,
            "state": state,
            "calendar_id": None if rule.around_the_clock else rule.calendar_id or facts.team_calendar_id,
            "show_customer": rule.show_customer,
            "budget_minutes": this.budget,
            # as of the last event, so that time alone changes nothing
            "worked_minutes": this.worked,
            "start_date": _to_json(this.start),
            "deadline": _to_json(this.deadline),
            "reached_date": _to_json(this.reached),
            "is_open": is_open,
            "failed": late,
            "breach_date": _to_json(this.deadline) if late else None,
            "user_id": facts.user_id,
            "success_rate": 0.0 if late else 100.0 if state == "met" else None,
            "late_hours": round(clock.worked(this.deadline, until) / 60, 2) if late and until is not None else None,
        }

    @api.model
    def _keep_verdict(self, status, old, correct):
        """What was missed stays missed, whichever policy or priority comes later; and so does who had it.

        :param dict status: new values
        :param dict old: stored values, or None
        :param bool correct: see ``_write_sla``
        :return: dict
        """
        if not old:
            return status
        if old["failed"] and not status["failed"] and not (correct and old["is_open"]):
            status |= {"state": "failed", "failed": True, "active": True, "success_rate": 0.0}
            status |= {name: old[name] for name in ("breach_date", "late_hours")}
        if (not old["is_open"] and not status["is_open"]) or old["failed"]:
            status["user_id"] = old["user_id"]
        return status

    @api.model
    def _sum_up(self, statuses):
        """What a card shows of all promises.

        :param list statuses: dicts of values
        :return: tuple of texts or None, for ``COLUMNS``
        """
        active = [status for status in statuses if status["active"]]
        states = {status["state"] for status in active}
        state = next((name for name in SEVERITY if name in states), None)
        due = [status for status in active if status["is_open"] and status["deadline"] and status["state"] != "paused"]
        first = min(due, key=lambda status: (status["deadline"], status["target_id"] or 0), default=None)
        if not first:
            return state, None, None, None
        calendar_id = first["calendar_id"]
        deadline, budget = first["deadline"].replace("T", " "), str(first["budget_minutes"] or 0)
        return state, deadline, budget, str(calendar_id) if calendar_id else None

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _prepare_statuses(self, statuses):
        names = sorted(statuses[0])
        columns = SQL(", ").join(map(SQL.identifier, names))
        updates = SQL(", ").join(SQL("%s = excluded.%s", SQL.identifier(name), SQL.identifier(name)) for name in names)
        return SQL(
            """ INSERT INTO helpdesk_lite_sla_status (%(columns)s)
            SELECT %(columns)s FROM jsonb_populate_recordset(NULL::helpdesk_lite_sla_status, %(rows)s::jsonb)
            ON CONFLICT (target_id, ticket_id, round) DO UPDATE SET %(updates)s
            """,
            columns=columns,
            rows=json.dumps(statuses),
            updates=updates,
        )

    @api.model
    def _prepare_columns(self, rows):
        return SQL(
            """ UPDATE helpdesk_lite_ticket ticket
               SET sla_state = new.state, sla_deadline = new.deadline, sla_budget = new.budget, sla_calendar_id = new.calendar
              FROM unnest(%s::int[], %s::text[], %s::timestamp[], %s::int[], %s::int[])
                   AS new (id, state, deadline, budget, calendar)
             WHERE ticket.id = new.id
            """,
            *(list(column) for column in zip(*rows, strict=True)),
        )


def _to_json(minute):
    return None if minute is None else to_moment(minute).isoformat()
