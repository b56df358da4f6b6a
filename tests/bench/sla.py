"""The cost of service levels: ``./dev bench sla [--tickets N] [--json]``, which is part of ``./dev bench time`` as well.

Deadlines and replays per second in the kernel; what a public holiday costs that moves the deadlines of N open tickets with
two promises each: statements, and seconds in the background; what 20 policies add to new tickets, and to moving them, with
OCA's ``helpdesk_mgmt_sla`` 19.0 beside it. The peer comes from PyPI, see ``_peer.py``.
"""

import argparse
import json
import random
import time
from datetime import datetime, timedelta

from _peer import run_with_peer

from devtools.odoo_env import odoo_env

PEER = ("odoo-addon-helpdesk-mgmt==19.0.*", "odoo-addon-helpdesk-mgmt-sla==19.0.*")
POLICIES, BATCH, ROUNDS = 20, 50, 5
DEADLINES = 50_000  # at least, in a second
LARGE = 100_000  # open tickets; with fewer, what each job and batch costs anyway weighs more


def measure_kernel(env):
    """Deadlines and replays per second on the calendar of the company."""
    from odoo.addons.helpdesk_lite.tools.sla_clock import RESOLUTION, Event, Target, replay, to_minutes

    now = datetime(2026, 3, 2)
    clock = env.company.resource_calendar_id._get_clock(env.company, now, now + timedelta(days=731))
    rnd, first = random.Random(1), to_minutes(now)
    starts = [first + rnd.randrange(500_000) for _start in range(200_000)]
    began = time.perf_counter()
    for start in starts:
        clock.deadline(start, 480)
    deadlines = len(starts) / (time.perf_counter() - began)
    target = Target(RESOLUTION, (480, 480, 240, 60), waits=True)
    events = [Event(first, kind) for kind in ("created", "customer")]
    events += [
        Event(first + hours * 60, kind) for hours, kind in ((20, "agent"), (30, "customer"), (33, "agent"), (50, "customer"))
    ]
    began = time.perf_counter()
    for _replay in range(20_000):
        replay(events, target, clock, first + 6000)
    return {"deadlines_per_second": round(deadlines), "replays_per_second": round(20_000 / (time.perf_counter() - began))}


def build(env, tickets):
    """Open tickets, each with the mail of a customer, by set-based SQL."""
    team = env["helpdesk_lite.team"].create({"name": "Bench"})
    policy = env["helpdesk_lite.sla"].create(
        {
            "name": "Bench",
            "target_ids": [
                (0, 0, {"kind": kind, "minutes_low": 2400, "minutes_medium": 2400}) for kind in ("first_response", "resolution")
            ],
        }
    )
    policy.versions = False
    env.registry.clear_cache()
    env.flush_all()
    stage = team._get_first_stage()
    env.cr.execute(
        """ INSERT INTO helpdesk_lite_ticket (name, team_id, company_id, stage_id, priority, active, is_closed, create_date,
                                          opened_on)
        SELECT 'Ticket ' || n, %(team)s, %(company)s, %(stage)s, '0', TRUE, FALSE, now() AT TIME ZONE 'UTC',
               now() AT TIME ZONE 'UTC'
          FROM generate_series(1, %(tickets)s) n
        """,
        {"team": team.id, "company": team.company_id.id, "stage": stage.id, "tickets": tickets},
    )
    env.cr.execute(
        """ INSERT INTO helpdesk_lite_event (ticket_id, date, kind, author_kind, stage_id, team_id, priority)
        SELECT id, (now() AT TIME ZONE 'UTC') - random() * interval '2 days', kind, 'customer', stage_id, team_id, priority
          FROM helpdesk_lite_ticket, unnest(ARRAY['created', 'customer']) kind WHERE team_id = %s ORDER BY id, kind DESC
        """,
        [team.id],
    )
    env.cr.execute("ANALYZE helpdesk_lite_ticket; ANALYZE helpdesk_lite_event")
    return team


def recompute(env):
    """Judge all open tickets again, as the job does. :return: tuple (seconds, statements)"""
    began, before = time.perf_counter(), env.cr.sql_log_count
    env["helpdesk_lite.sla"]._recompute_later(env.company)
    for queued in env["helpdesk_lite.sla.queue"].search([]):
        while queued._recompute_batch():
            env.flush_all()
        queued.unlink()
    env.flush_all()
    return time.perf_counter() - began, env.cr.sql_log_count - before


class Policies:
    """What policies add to new tickets and to moving them; the helpdesks differ only in names."""

    model = team_model = None

    def __init__(self, env):
        self.env = env
        self.team = env[self.team_model].create({"name": "Bench Policies"})
        self.stages = self.get_stages()

    def make(self):
        return self.env[self.model].create(
            [
                {"name": "x", "description": "<p>x</p>", "team_id": self.team.id, "stage_id": self.stages[0]}
                for _i in range(BATCH)
            ]
        )

    def cost(self, call):
        """:return: tuple (statements, ms), the least of some rounds"""
        found = []
        for _round in range(ROUNDS):
            self.env.flush_all()
            self.env.invalidate_all()
            before, began = self.env.cr.sql_log_count, time.perf_counter()
            call()
            self.env.flush_all()
            found.append((self.env.cr.sql_log_count - before, (time.perf_counter() - began) * 1000))
        return [min(values) for values in zip(*found, strict=True)]

    def figures(self):
        def move(tickets):
            tickets.stage_id = self.stages[1] if tickets[0].stage_id.id == self.stages[0] else self.stages[0]

        tickets = self.make()
        without = {"create": self.cost(self.make), "move": self.cost(lambda: move(tickets))}
        self.make_policies()
        tickets = self.make()
        added = {"create": self.cost(self.make), "move": self.cost(lambda: move(tickets))}
        return {
            f"{what}_{unit}": round(added[what][index] - without[what][index], 1)
            for what in added
            for index, unit in enumerate(("statements", "ms"))
        }


class Ours(Policies):
    model, team_model = "helpdesk_lite.ticket", "helpdesk_lite.team"

    def get_stages(self):
        return self.team.stage_ids.filtered(lambda stage: not stage.fold)[:2].ids

    def make_policies(self):
        policies = self.env["helpdesk_lite.sla"].create(
            [
                {
                    "name": f"Policy {number}",
                    "team_ids": [(6, 0, self.team.ids)],
                    "target_ids": [(0, 0, {"kind": "resolution", "minutes_low": 60 * number, "minutes_medium": 60 * number})],
                }
                for number in range(1, POLICIES + 1)
            ]
        )
        policies.versions = False
        self.env.registry.clear_cache()


class Peer(Policies):
    model, team_model = "helpdesk.ticket", "helpdesk.ticket.team"

    def get_stages(self):
        return self.env["helpdesk.ticket.stage"].search([("closed", "=", False)], order="sequence", limit=2).ids

    def make_policies(self):
        self.team.write({"use_sla": True, "resource_calendar_id": self.env.company.resource_calendar_id.id})
        closed = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)], order="sequence", limit=1)
        self.env["helpdesk.sla"].create(
            [
                {"name": f"Policy {number}", "team_ids": [(6, 0, self.team.ids)], "hours": number, "stage_id": closed.id}
                for number in range(1, POLICIES + 1)
            ]
        )


def measure_policies(env, kind):
    return kind(env).figures()


def measure(env, tickets):
    """:return: dict of all figures of ours"""
    figures = measure_kernel(env)
    figures |= {f"20_policies_{name}": value for name, value in measure_policies(env, Ours).items()}
    build(env, tickets)
    figures["first_seconds"], figures["first_statements"] = recompute(env)
    start = datetime.now() + timedelta(days=1)
    env["resource.calendar.leaves"].create(
        {"name": "Holiday", "calendar_id": False, "date_from": start, "date_to": start + timedelta(days=2)}
    )
    figures["holiday_seconds"], figures["holiday_statements"] = recompute(env)
    figures["open_tickets"] = tickets
    return figures


def measure_peer():
    """:return: dict of the figures of the peer"""
    peer = run_with_peer(PEER, "helpdesk_mgmt_sla", __file__, "--only-peer")
    return {f"20_policies_{name}_oca": value for name, value in peer.items()}


def measure_all(env, tickets):
    """Print and return all figures, with those of the peer."""
    figures = measure(env, tickets) | measure_peer()
    figures["passed"] = (
        figures["deadlines_per_second"] >= DEADLINES
        and figures["holiday_statements"] <= max(tickets, LARGE) / 1000
        and figures["20_policies_create_statements"] <= 3
    )
    for name, value in figures.items():
        print(f"{name:<70} {value:>12}", flush=True)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only-peer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only_peer:
        with odoo_env() as env:
            print(json.dumps(measure_policies(env, Peer)))
        return
    with odoo_env() as env:
        figures = measure_all(env, arguments.tickets)
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
