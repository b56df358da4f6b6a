"""The cost of the event log and of automatic closing: ``./dev bench time [--tickets N] [--json]``.

It measures new tickets and messages with and without the log, the columns of ``--tickets`` tickets made from their events, the
back-fill of an update, and one run of automatic closing among them.
"""

import argparse
import importlib.util
import json
import statistics
from pathlib import Path
from time import monotonic

from devtools.odoo_env import odoo_env

ROUNDS = 40
SCRIPT = Path(__file__).resolve().parents[2] / "helpdesk_lite/upgrades/19.0.1.1.0/post-events.py"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=100_000, help="tickets in the large team")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = Bench(env, options.tickets).run()
    if options.json:
        print(json.dumps(figures))


class Bench:
    def __init__(self, env, size):
        self.env, self.size, self.figures = env, size, {}
        self.Ticket = env["helpdesk_lite.ticket"]
        self.team = env["helpdesk_lite.team"].create({"name": "Care"})

    def run(self):
        log = type(self.Ticket)._log_events
        for name, function in (("with the log", log), ("without", lambda *_args, **_kwargs: None)):
            type(self.Ticket)._log_events = function
            self.measure(f"50 tickets in a batch, {name}", self.make_batch)
            ticket = self.Ticket.create({"name": "x", "team_id": self.team.id})
            self.measure(f"one message, {name}", lambda ticket=ticket: self.say(ticket))
            self.measure(f"one change of priority, {name}", lambda ticket=ticket: self.change(ticket))
        type(self.Ticket)._log_events = log
        self.large()
        return self.figures

    def measure(self, name, call):
        """Note the median of some rounds, in ms, and the number of statements."""
        seconds, statements = [], 0
        for _round in range(ROUNDS):
            self.env.flush_all()
            self.env.invalidate_all()
            before, begun = self.env.cr.sql_log_count, monotonic()
            call()
            self.env.flush_all()
            seconds.append(monotonic() - begun)
            statements = self.env.cr.sql_log_count - before
        self.note(f"{name} (ms)", round(1000 * statistics.median(seconds), 1))
        self.note(f"{name} (statements)", statements)

    def note(self, name, value):
        self.figures[name] = value
        print(f"{name:<70} {value:>12}", flush=True)

    def make_batch(self):
        self.Ticket.create([{"name": "x", "team_id": self.team.id} for _i in range(50)])

    def say(self, ticket):
        ticket.message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment")

    def change(self, ticket):
        ticket.priority = "1" if ticket.priority == "0" else "0"

    def close(self, tickets):
        tickets._close_idle(self.team)
        # what Odoo does before it commits: the lines about the change of stage
        self.env.cr.flush()

    def once(self, name, call):
        self.env.flush_all()
        self.env.invalidate_all()
        begun = monotonic()
        result = call()
        self.env.flush_all()
        self.note(f"{name} (s)", round(monotonic() - begun, 2))
        return result

    def large(self):
        """Tickets with eight events each, made by SQL."""
        team, stage = self.team, self.team.stage_ids[0]
        team.write(
            {"auto_close": True, "auto_close_warn_days": 0, "auto_close_spread_days": 0, "auto_close_template_id": False}
        )
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("SELECT COALESCE(max(id), 0) FROM helpdesk_lite_ticket")
        [last] = cr.fetchone()
        cr.execute(
            """
            INSERT INTO helpdesk_lite_ticket
                        (name, number, team_id, company_id, stage_id, priority, active, is_closed, create_date, opened_on)
            SELECT 'bench', 'B' || i, %s, %s, %s, '0', TRUE, FALSE, now() - (i %% 400) * interval '1 hour',
                   now() AT TIME ZONE 'UTC' - (i %% 400) * interval '1 hour'
              FROM generate_series(1, %s) i
            """,
            [team.id, team.company_id.id, stage.id, self.size],
        )
        cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, subtype_id, author_id, body, date, create_date)
            SELECT 'helpdesk_lite.ticket', ticket.id, 'comment', %s, CASE WHEN i %% 2 = 0 THEN %s END, 'x',
                   ticket.create_date + i * interval '1 minute', ticket.create_date + i * interval '1 minute'
              FROM helpdesk_lite_ticket ticket, generate_series(1, 6) i
             WHERE ticket.id > %s
            """,
            [self.env.ref("mail.mt_comment").id, self.env.ref("base.partner_admin").id, last],
        )
        cr.execute("ANALYZE helpdesk_lite_ticket, mail_message")
        spec = importlib.util.spec_from_file_location("post_events", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        events = self.once(f"back-fill of {self.size} tickets", lambda: script.fill(self.env))
        self.note("events that it found", events)
        cr.execute("ANALYZE helpdesk_lite_ticket, helpdesk_lite_event")
        tickets = self.Ticket.search([("id", ">", last)])
        self.once(f"columns of {self.size} tickets from their events", tickets._replay_events)
        due = self.Ticket._get_due_condition(team)
        batch = self.once("the first 200 tickets that are due", lambda: self.Ticket._take_batch(due, 0))
        before = cr.sql_log_count
        self.once(f"closing {len(batch)} tickets without mails", lambda: self.close(batch))
        self.note(f"closing {len(batch)} tickets without mails (statements)", cr.sql_log_count - before)


if __name__ == "__main__":
    main()
