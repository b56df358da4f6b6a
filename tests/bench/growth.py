"""How what people do grows with the tickets that are there: ``./dev bench growth [--sizes 1000 10000 100000] [--json]``.

Each size has a database of its own, made as for ``./dev bench visibility``: three teams with one visibility each, and two
followers for each ticket. As many tasks of ``project.task``, with the same texts, customers and followers, and as many tickets
of OCA's ``helpdesk_mgmt`` 19.0 from PyPI lie in the same database (``_growth_peers.py``). An agent who follows a hundred
tickets uses each screen and each verb as the web client does, of all three in turn; a customer opens the portal. The slope is
the exponent of growth from the first size to the last: 0 is the same time for any number of tickets, 1 is proportional to it.
What exceeds ``FLAT`` is marked, and so is what takes longer than a peer's among most tickets.
"""

import argparse
import json
import math
import statistics
import time

import visibility
from _growth_peers import OCA, PEER, TASK, make_peers, peers_calls, screens
from _peer import run_with_peer

from devtools.odoo_env import odoo_env

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 5
FLAT = 0.3
RARE = "samovar"
OURS = "Helpdesk Lite"


def main():
    parser = argparse.ArgumentParser(prog="./dev bench growth")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.inside)))
        return
    figures = {
        size: run_with_peer(OCA, "helpdesk_lite,helpdesk_mgmt", __file__, "--inside", str(size)) for size in options.sizes
    }
    report(figures)
    if options.json:
        print(json.dumps(figures))


# ONE SIZE


def measure(size):
    """The milliseconds and statements of each call among so many tickets.

    :return: dict of names of calls to dict of who does it to [ms, statements]
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
        agent = next(user for (kind, many), user in users.items() if kind == "agent" and many == 100)
        customer = next(user for (kind, many), user in users.items() if kind == "portal" and many == 100)
        homes = make_peers(env, teams, agent)
        visibility.settle(env, "project_task", "helpdesk_ticket")
        figures = {}
        for user, calls in ((agent, agents_calls), (customer, customers_calls)):
            own = env(user=user.id, su=False, context={"allowed_company_ids": user.company_ids.ids})
            for name, alike in calls(own, teams, homes).items():
                figures[name] = timed(own, alike)
        return figures


def timed(env, calls):
    """The medians of several calls in turn, each undone and with empty record caches.

    :param dict calls: who does it to a function
    :return: dict of who does it to [ms, statements]
    """
    seconds, statements = {who: [] for who in calls}, {}
    for number in range(ROUNDS + 1):
        for who, call in calls.items():
            with env.cr.savepoint() as savepoint:
                env.invalidate_all()
                env.user.mapped("all_group_ids"), env.company.mapped("name")
                before, begun = env.cr.sql_log_count, time.perf_counter()
                call()
                # with what waits for the commit, such as tracked changes
                env.cr.flush()
                # the first one fills caches
                seconds[who] += [time.perf_counter() - begun] if number else []
                statements[who] = env.cr.sql_log_count - before
                savepoint.rollback()
            env.invalidate_all(flush=False)
            env.cr.precommit.clear()
            env.cr.postcommit.clear()
    return {who: [round(1000 * statistics.median(times), 1), statements[who]] for who, times in seconds.items()}


def agents_calls(env, teams, homes):
    Ticket, Team = env["helpdesk_lite.ticket"], env["helpdesk_lite.team"]
    is_open = [("is_closed", "=", False)]
    ticket = Ticket.search([("team_id", "=", teams["public"]), *is_open], limit=1)

    calls, page = screens(Ticket, Team, ticket, is_open, "opened_on desc")
    calls |= {
        "search, rare word": page([("found_by", "ilike", RARE)]),
        "search, common word": page([("found_by", "ilike", "warranty")]),
        "search, number": page([("found_by", "ilike", ticket.number)]),
        "search, customer": page(["|", ("partner_name", "ilike", "Customer 17"), ("partner_email", "ilike", "c17@")]),
        "create": lambda: Ticket.create({"name": "Lamp", "team_id": teams["public"]}),
        "create 50": lambda: Ticket.create([{"name": str(i), "team_id": teams["public"]} for i in range(50)]),
        "assign": lambda: ticket.action_assign_to_me(),
        "close": lambda: ticket.action_close(),
    }
    theirs = {who: peers_calls(env, who, home, RARE) for who, home in homes.items()}
    return {
        name: {OURS: call} | {who: named[name] for who, named in theirs.items() if name in named}
        for name, call in calls.items()
    }


def customers_calls(env, _teams, _homes):
    Ticket, Task = env["helpdesk_lite.ticket"], env[TASK]
    own = env["ir.rule"]._compute_domain(TASK, "read")

    def page(words=()):
        # as project's portal
        domain = [*own, ("has_template_ancestor", "=", False), *words]
        Task.sudo().search_count(domain)
        tasks = Task.sudo().search(domain, order="project_id, create_date desc", limit=80)
        tasks.mapped(lambda task: (task.name, task.stage_id.name, task.create_date))

    calls = {name: {OURS: lambda call=call: call(Ticket)} for name, call in visibility.portal_calls().items()}
    calls["portal page"][TASK] = page
    calls["portal page, words"][TASK] = lambda: page([("name", "ilike", "payroll refund")])
    return calls


# REPORT


def report(figures):
    sizes = list(figures)
    for who in (OURS, TASK, PEER):
        print(f"\n{who:24}" + "".join(f"{size:>18,}" for size in sizes) + "   slope")
        for name, first in figures[sizes[0]].items():
            if who not in first:
                continue
            found = [figures[size][name][who] for size in sizes]
            cells = "".join(f"{ms:>12g} ({statements})".rjust(18) for ms, statements in found)
            slope = math.log(found[-1][0] / found[0][0]) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0
            ms = figures[sizes[-1]][name][OURS][0]
            share = f"{ms / found[-1][0]:8.2f}{' !' if ms > found[-1][0] else ''} of theirs" if who != OURS else ""
            print(f"{name:24}{cells}{slope:8.2f}{' !' if slope > FLAT else ''}{share}")
    print(f"milliseconds (statements); aims: slopes up to {FLAT}, and a peer's time")


if __name__ == "__main__":
    main()
