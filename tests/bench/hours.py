"""What it costs when working hours change, and when somebody leaves: ``./dev bench hours [--tickets 100000] [--json]``.

*Hours*: one team has all the tickets, open and assigned, with a calendar of five days. A holiday is added; then the scheduled
action counts the hours of all tickets again, a batch in each transaction. Measured are the change itself, the time for each
ticket, the statements of each batch, and by how much the process grew. The hours of some tickets are compared with those of
each of them alone.

*Leaving*: a user with 5,000 open tickets in 100 private teams is archived.
"""

import argparse
import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path

from devtools.odoo_env import odoo_env

# aims
CHANGE_STATEMENTS = 30
BATCH_STATEMENTS = 40
LEAVING_STATEMENTS = 60
LEAVING = {"teams": 100, "tickets": 5000}
COMPARED = 50
FIRST_DAY = datetime(2026, 3, 2)


def insert_tickets(env, team, user, count):
    """Create open assigned tickets by SQL, over four weeks, each assigned two days after it came."""
    env.flush_all()
    env.cr.execute(
        """ INSERT INTO helpdesk_lite_ticket (name, number, team_id, company_id, stage_id, is_closed, priority, active, user_id,
                                          create_date, opened_on, assign_date,
                                          write_date, create_uid, write_uid, date_last_stage_update)
            SELECT 'Lamp', 'B%(team)s-' || i, %(team)s, %(company)s, %(stage)s, FALSE, '0', TRUE, %(user)s,
                   came.date, came.date, came.date + interval '2880 minutes', %(day)s, 1, 1, %(day)s
              FROM generate_series(1, %(count)s) i
        CROSS JOIN LATERAL (SELECT %(day)s + i %% 40320 * interval '1 minute' AS date) came """,
        {
            "team": team.id,
            "company": team.company_id.id,
            "stage": team._get_first_stage().id,
            "user": user.id,
            "day": FIRST_DAY,
            "count": count,
        },
    )
    env.invalidate_all()


def memory():
    """The memory of this process in bytes."""
    return int(re.search(r"VmRSS:\s*(\d+)", Path("/proc/self/status").read_text())[1]) * 1024


def measure(env, work):
    """:return: tuple (seconds, statements)"""
    env.flush_all()
    env.invalidate_all()
    before, begun = env.cr.sql_log_count, time.perf_counter()
    work()
    env.flush_all()
    return time.perf_counter() - begun, env.cr.sql_log_count - before


def make_user(env, login):
    values = {"name": login, "login": login, "email": f"{login}@bench.example"}
    values["group_ids"] = [(6, 0, env.ref("helpdesk_lite.group_user").ids)]
    return env["res.users"].with_context(no_reset_password=True).create(values)


def measure_hours(env, count):
    calendar = env["resource.calendar"].create({"name": "Bench", "tz": "Europe/Madrid"})
    team = env["helpdesk_lite.team"].create({"name": "Bench", "resource_calendar_id": calendar.id})
    insert_tickets(env, team, make_user(env, "bench_agent"), count)
    env.cr.execute("ANALYZE helpdesk_lite_ticket")
    holiday = {"name": "Bench", "calendar_id": calendar.id, "date_from": FIRST_DAY, "date_to": FIRST_DAY + timedelta(days=1)}
    change = measure(env, lambda: env["resource.calendar.leaves"].create(holiday))
    batches, grown = [], memory()
    while team.hours_due_from:
        batches.append(measure(env, lambda: env["helpdesk_lite.ticket"]._count_next_hours(team)))
        env.cr.commit()
    grown = memory() - grown
    env.cr.execute("SELECT count(*) FROM helpdesk_lite_ticket WHERE team_id = %s AND assign_hours > 0", [team.id])
    (counted,) = env.cr.fetchone()
    tickets = env["helpdesk_lite.ticket"].search([("team_id", "=", team.id)], order="id", limit=COMPARED)
    together = tickets.mapped("assign_hours")
    for ticket in tickets:
        ticket._count_hours_again()
    env.invalidate_all()
    return {
        "tickets": count,
        "change_ms": round(change[0] * 1000, 1),
        "change_statements": change[1],
        "batches": len(batches),
        "batch_statements": max(statements for _seconds, statements in batches),
        "us_per_ticket": round(sum(seconds for seconds, _statements in batches) / count * 1e6, 1),
        "grown_mb": round(grown / 1e6, 1),
        "counted": counted,
        "same_alone": tickets.mapped("assign_hours") == together,
    }


def measure_leaving(env):
    user = make_user(env, "bench_leaver")
    teams = env["helpdesk_lite.team"].create(
        [{"name": f"Bench {n}", "privacy_visibility": "private", "member_ids": user.ids} for n in range(LEAVING["teams"])]
    )
    for team in teams:
        insert_tickets(env, team, user, LEAVING["tickets"] // LEAVING["teams"])
    seconds, statements = measure(env, user.action_archive)
    left = env["helpdesk_lite.ticket"].search_count([("user_id", "=", user.id), ("is_closed", "=", False)])
    return {**LEAVING, "ms": round(seconds * 1000, 1), "statements": statements, "left": left}


def report(figures):
    """Format the figures; those that miss their aim are marked."""

    def mark(value, aim):
        return f"{value:g}{' !' if value > aim else ''}"

    hours, leaving = figures["hours"], figures["leaving"]
    print(f"\nhours of {hours['tickets']:,} open tickets of one team")
    change = mark(hours["change_statements"], CHANGE_STATEMENTS)
    print(f"  a holiday is added          {hours['change_ms']:g} ms, {change} statements")
    print(f"  counted again               {hours['us_per_ticket']:g} µs per ticket, in {hours['batches']} batches")
    print(f"  each batch                  {mark(hours['batch_statements'], BATCH_STATEMENTS)} statements at most")
    print(f"  the process grew by         {hours['grown_mb']:g} MB")
    print(f"  the same as alone           {'yes' if hours['same_alone'] else 'NO'}")
    print(f"a user with {leaving['tickets']:,} open tickets in {leaving['teams']} teams is archived")
    statements = mark(leaving["statements"], LEAVING_STATEMENTS)
    print(f"  {leaving['ms']:g} ms, {statements} statements, tickets left: {leaving['left']}")
    print(f"aims: {CHANGE_STATEMENTS}, {BATCH_STATEMENTS} and {LEAVING_STATEMENTS} statements")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = {"leaving": measure_leaving(env), "hours": measure_hours(env, options.tickets)}
    if options.json:
        print(json.dumps(figures))
    else:
        report(figures)


if __name__ == "__main__":
    main()
