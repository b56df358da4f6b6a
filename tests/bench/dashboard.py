"""The dashboard of teams beside OCA's: ``./dev bench dashboard [--tickets N] [--json]``.

As many tickets of OCA's ``helpdesk_mgmt`` 19.0 from PyPI as of ours lie in one database, spread over three teams each and over
stages, of which four of ten close. Both dashboards are opened in turn by the same agent as the web client does it, with what
their cards show, and with empty record caches. The aim is OCA's time.
"""

import argparse
import json
import statistics
import time

import visibility
from _peer import run_with_peer

from devtools.odoo_env import odoo_env

PEER = ("odoo-addon-helpdesk-mgmt==19.0.*",)
GROUPS = ("helpdesk_lite.group_user", "helpdesk_mgmt.group_helpdesk_manager")
ROUNDS = 15
PEERS_TICKETS = """
    INSERT INTO helpdesk_ticket (name, number, description, team_id, company_id, stage_id, priority, active, user_id,
                                 unattended, last_stage_update, create_date, write_date, create_uid, write_uid)
    SELECT ticket.name, ticket.number, ticket.description, (%(teams)s::int[])[1 + ticket.id %% 3], ticket.company_id,
           (%(stages)s::int[])[1 + (ticket.is_closed IS TRUE)::int], ticket.priority, TRUE, ticket.user_id, FALSE,
           ticket.opened_on, ticket.create_date, ticket.write_date, 1, 1
      FROM helpdesk_lite_ticket ticket
"""


def main():
    parser = argparse.ArgumentParser(prog="./dev bench dashboard")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with odoo_env() as env:
            print(json.dumps(measure(env, options.tickets)))
        return
    figures = run_with_peer(PEER, "helpdesk_lite,helpdesk_mgmt", __file__, "--inside", "--tickets", str(options.tickets))
    for name, value in figures.items():
        print(f"{name:70}{value:>14}")
    if options.json:
        print(json.dumps(figures))


def measure(env, tickets):
    teams, users = visibility.build(env, tickets)
    agent = next(user for (kind, _many), user in users.items() if kind == "agent")
    agent.group_ids |= env["res.groups"].union(*(env.ref(group) for group in GROUPS))
    peer_teams = env["helpdesk.ticket.team"].create(
        [{"name": name, "user_ids": [(6, 0, agent.ids)]} for name in ("One", "Two", "Three")]
    )
    stages = env["helpdesk.ticket.stage"].create([{"name": "New"}, {"name": "Done", "closed": True}])
    stages.team_ids = peer_teams
    env.flush_all()
    env.cr.execute(PEERS_TICKETS, {"teams": peer_teams.ids, "stages": stages.ids})
    visibility.settle(env, "helpdesk_ticket")
    # what the web client adds to each request
    context = {"lang": "en_US", "tz": "Europe/Brussels", "uid": agent.id, "allowed_company_ids": agent.company_ids.ids}
    env = env(user=agent.id, su=False, context=context)
    # the agent does not see the private one of the three teams, so two of theirs are shown, with as many tickets
    boards = {
        "ours": env["helpdesk_lite.team"].search([("id", "in", list(teams.values()))]),
        "OCA": env["helpdesk.ticket.team"].browse(peer_teams.ids[1:]),
    }
    assert len(boards["ours"]) == len(boards["OCA"]), boards
    cards = {name: visibility.specification(board, "kanban") for name, board in boards.items()}
    seconds, statements = {name: [] for name in boards}, {}
    for number in range(ROUNDS + 1):
        for name, board in boards.items():
            env.invalidate_all()
            before, begun = env.cr.sql_log_count, time.perf_counter()
            board.web_search_read([("id", "in", board.ids)], cards[name], limit=80)
            # the first one fills caches
            seconds[name] += [time.perf_counter() - begun] if number else []
            statements[name] = env.cr.sql_log_count - before
    figures = {}
    for name, times in seconds.items():
        figures[f"{name}: ms"] = round(1000 * statistics.median(times), 1)
        figures[f"{name}: statements"] = statements[name]
    figures["ours of OCA (aim 1.0)"] = round(figures["ours: ms"] / figures["OCA: ms"], 2)
    return figures


if __name__ == "__main__":
    main()
