"""The cost of service levels: ``./dev bench sla --tickets N [--json]``.

Deadlines and replays per second in the kernel, and what a public holiday costs that moves the deadlines of N open tickets with
two promises each: statements, and seconds in the background.
"""

import argparse
import json
import random
import time
from datetime import datetime, timedelta

from devtools.odoo_env import odoo_env

DEADLINES = 50_000  # at least, in a second


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
        """ INSERT INTO helpdesk_lite_ticket (name, team_id, company_id, stage_id, priority, active, is_closed, create_date)
        SELECT 'Ticket ' || n, %(team)s, %(company)s, %(stage)s, '0', TRUE, FALSE, now() AT TIME ZONE 'UTC'
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with odoo_env() as env:
        figures = measure_kernel(env)
        build(env, arguments.tickets)
        figures["first_seconds"], figures["first_statements"] = recompute(env)
        start = datetime.now() + timedelta(days=1)
        env["resource.calendar.leaves"].create(
            {"name": "Holiday", "calendar_id": False, "date_from": start, "date_to": start + timedelta(days=2)}
        )
        figures["holiday_seconds"], figures["holiday_statements"] = recompute(env)
        figures["tickets"] = arguments.tickets
    figures["passed"] = figures["deadlines_per_second"] >= DEADLINES and figures["holiday_statements"] <= max(
        arguments.tickets / 1000, 20
    )
    for name, value in figures.items():
        print(f"{name}: {value}")
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
