"""How what people do grows with the tickets that are there: ``./dev bench growth [--sizes 1000 10000 100000] [--json]``.

Each size has a database of its own, made as for ``./dev bench visibility``: three teams with one visibility each, and two
followers for each ticket. An agent who follows a hundred tickets uses each screen and each verb as the web client does; a
customer opens the portal. The slope is the exponent of growth from the first size to the last: 0 is the same time for any
number of tickets, 1 is proportional to it. What exceeds ``FLAT`` is marked.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

import visibility

from devtools import databases
from devtools.odoo_env import odoo_env
from devtools.setup import Setup

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 5
FLAT = 0.3
RARE = "samovar"


def main():
    parser = argparse.ArgumentParser(prog="./dev bench growth")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.inside)))
        return
    figures = {size: in_own_database(size) for size in sorted(options.sizes)}
    report(figures)
    if options.json:
        print(json.dumps(figures))


def in_own_database(size):
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        answer = subprocess.run(
            [sys.executable, __file__, "--inside", str(size)],
            env=setup.environment() | {"HELPDESK_LITE_DATABASE": database},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return json.loads(answer.stdout.splitlines()[-1])


# ONE SIZE


def measure(size):
    """The milliseconds and statements of each call among so many tickets.

    :return: dict of name to [ms, statements]
    """
    with odoo_env() as env:
        teams, users = visibility.build(env, size)
        env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET description = description || %s WHERE id IN "
            "(SELECT id FROM helpdesk_lite_ticket ORDER BY hashint4(id) LIMIT 10)",
            [f"<p>A {RARE}.</p>"],
        )
        # as after as many tickets: else the first new one would pass over all numbers that are taken
        sequence = env["helpdesk_lite.ticket"]._get_number_sequence(env.company)
        env.cr.execute("SELECT setval(%s, %s)", [f"ir_sequence_{sequence.id:03d}", size])
        visibility.settle(env)
        agent = next(user for (kind, many), user in users.items() if kind == "agent" and many == 100)
        customer = next(user for (kind, many), user in users.items() if kind == "portal" and many == 100)
        figures = {}
        for user, calls in ((agent, agents_calls), (customer, customers_calls)):
            own = env(user=user.id, su=False, context={"allowed_company_ids": user.company_ids.ids})
            for name, call in calls(own, teams).items():
                figures[name] = timed(own, call)
        return figures


def timed(env, call):
    """The median of several calls, each undone and with empty record caches."""
    seconds = []
    for number in range(ROUNDS + 1):
        with env.cr.savepoint() as savepoint:
            env.invalidate_all()
            env.user.mapped("all_group_ids"), env.company.mapped("name")
            before, begun = env.cr.sql_log_count, time.perf_counter()
            call()
            env.flush_all()
            # the first one fills caches
            seconds += [time.perf_counter() - begun] if number else []
            statements = env.cr.sql_log_count - before
            savepoint.rollback()
        env.invalidate_all(flush=False)
        env.cr.precommit.clear()
    return [round(1000 * statistics.median(seconds), 1), statements]


def agents_calls(env, teams):
    Ticket, Team = env["helpdesk_lite.ticket"], env["helpdesk_lite.team"]
    listed, card = visibility.specification(Ticket, "list"), visibility.specification(Ticket, "kanban")
    form, dashboard = visibility.specification(Ticket, "form"), visibility.specification(Team, "kanban")
    is_open = [("is_closed", "=", False)]
    ticket = Ticket.search([("team_id", "=", teams["public"]), *is_open], limit=1)

    def page(domain, **options):
        return lambda: Ticket.web_search_read(domain, listed, limit=80, count_limit=10001, **options)

    def board():
        model = Ticket.with_context(read_group_expand=True)
        model.web_read_group(
            is_open, ["stage_id"], [], auto_unfold=True, unfold_read_specification=card, unfold_read_default_limit=20
        )

    return {
        "kanban": board,
        "list": page(is_open),
        "list by date": page([], order="opened_on desc"),
        "form": lambda: ticket.web_read(form),
        "dashboard": lambda: Team.web_search_read([], dashboard, limit=80),
        "search, rare word": page([("found_by", "ilike", RARE)]),
        "search, common word": page([("found_by", "ilike", "warranty")]),
        "search, number": page([("found_by", "ilike", ticket.number)]),
        "search, customer": page(["|", ("partner_name", "ilike", "Customer 17"), ("partner_email", "ilike", "c17@")]),
        "autocomplete": lambda: Ticket.name_search("payroll refund", limit=8),
        "create": lambda: Ticket.create({"name": "Lamp", "team_id": teams["public"]}),
        "create 50": lambda: Ticket.create([{"name": str(i), "team_id": teams["public"]} for i in range(50)]),
        "assign": lambda: ticket.action_assign_to_me(),
        "close": lambda: ticket.action_close(),
        "message": lambda: ticket.message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment"),
    }


def customers_calls(env, _teams):
    Ticket = env["helpdesk_lite.ticket"]
    return {name: lambda call=call: call(Ticket) for name, call in visibility.portal_calls().items()}


# REPORT


def report(figures):
    sizes = list(figures)
    print("\n" + " " * 24 + "".join(f"{size:>18,}" for size in sizes) + "   slope")
    for name, [first, _statements] in figures[sizes[0]].items():
        cells = "".join(f"{figures[size][name][0]:>12g} ({figures[size][name][1]})".rjust(18) for size in sizes)
        slope = math.log(figures[sizes[-1]][name][0] / first) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0
        print(f"{name:24}{cells}{slope:8.2f}{' !' if slope > FLAT else ''}")
    print(f"milliseconds (statements); aim: slopes up to {FLAT}")


if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    main()
