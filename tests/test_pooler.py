"""Few connections: with PgBouncer's pool of transactions, and when Odoo may open no more, tickets are assigned all the same."""

import subprocess
import sys
import xmlrpc.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pooler
import pytest
from hosts_world import running_host, trouble, wait_for
from intake_world import execute, run_job, states_of
from mail_world import DOMAIN, TICKET, furnish, mail, nothing_else_is_sent_to, options_of, tickets_of
from rpc import Rpc
from smtp_sink import smtp_sink
from visitors import Visitor

from devtools import databases
from devtools.patience import FAREWELL, PATIENCE
from devtools.setup import Setup

TEAM = "helpdesk_lite.team"
POOL, CLIENTS, TICKETS = 3, 8, 5
SINGLE = ("--max-cron-threads", "0")


@pytest.fixture(scope="module")
def world():
    """A server with eight processes, all of whose connections come from a pool of three."""
    program = pooler.find()
    if not program:
        pytest.skip("PgBouncer cannot be had here")
    with ExitStack() as stack:
        setup = Setup.from_environment()
        database = stack.enter_context(databases.temporary(setup))
        sink = stack.enter_context(smtp_sink())
        pooled = stack.enter_context(pooler.pooled(setup, program, POOL, FAREWELL))
        workers = ("--workers", str(CLIENTS), *SINGLE)
        host = stack.enter_context(running_host(pooled, database, *options_of(sink), workers=workers))
        wait_for(host)
        world = furnish(host, sink)
        world.host = host
        yield world


def make_team(world, name):
    """A team that assigns its tickets to three agents."""
    values = [
        {
            "name": f"{name} {number}",
            "login": f"{name}{number}",
            "group_ids": [(6, 0, [world.admin.ref("helpdesk_lite.group_user")])],
        }
        for number in range(3)
    ]
    agents = world.admin("res.users", "create", values, context={"no_reset_password": True})
    return world.admin(
        TEAM,
        "create",
        {
            "name": name.title(),
            "alias_name": name,
            "privacy_visibility": "public",
            "auto_assignment": True,
            "assign_method": "equal_total",
            "member_ids": [(6, 0, agents)],
            "resource_calendar_id": False,
            "use_website_form": True,
        },
    )


def at_once(count, do):
    """Do something several times at the same moment.

    :param do: function of a number
    :return: list of results; a fault is a result
    """
    together = Barrier(count)

    def act(number):
        together.wait(PATIENCE)
        try:
            return do(number)
        except xmlrpc.client.Fault as fault:
            return fault

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))


def shares(world, team):
    return Counter(
        dict(execute(world, f"SELECT user_id, count(*) FROM helpdesk_lite_ticket WHERE team_id = {team} GROUP BY 1"))
    )


def test_eight_clients_with_three_connections_assign(world, capsys):
    """Before, three of them held what all of them waited for, until the pool gave up."""
    team = make_team(world, "pool")
    clients = [Rpc(world.host) for _number in range(CLIENTS)]

    def create(number):
        return [
            clients[number](TICKET, "create", {"name": f"{number} {turn}", "team_id": team, "user_id": False})
            for turn in range(TICKETS)
        ]

    made = at_once(CLIENTS, create)
    assert not [one for one in made if isinstance(one, xmlrpc.client.Fault)], made
    counts = shares(world, team)
    assert sum(counts.values()) == CLIENTS * TICKETS
    with capsys.disabled():
        print(f"\nassigned at once: {CLIENTS * TICKETS - counts[None]} of {CLIENTS * TICKETS}")
    assert counts[None] < CLIENTS * TICKETS, "some are assigned at once"
    world.admin("ir.cron", "method_direct_trigger", [world.admin.ref("helpdesk_lite.cron_assign_waiting")])
    counts = shares(world, team)
    assert None not in counts, "and the others by the job"
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    once = "SELECT count(*), count(DISTINCT ticket_id), count(DISTINCT number) FROM helpdesk_lite_assignment WHERE team_id = %s"
    assert execute(world, once, team) == [(CLIENTS * TICKETS,) * 3]


def test_it_is_said_once_by_each_process(world):
    said = world.host.lines("come from a pooler")
    assert 1 <= len(said) <= CLIENTS
    assert not world.host.lines(" WARNING .*could not be locked"), "what is expected is no warning"


def test_eight_visitors_with_three_connections_are_served(world):
    team = make_team(world, "visits")
    path = f"/helpdesk/{team}"
    visitors = [Visitor(world.host.url + path, f"visit{number}@visitor.example") for number in range(CLIENTS)]
    assert at_once(CLIENTS, lambda number: visitors[number].send()) == [200] * CLIENTS
    assert sum(shares(world, team).values()) == CLIENTS


def test_eight_mails_with_three_connections_are_processed(world):
    """A mail needs one connection at a time: it is kept, then it is processed in one transaction."""
    team = make_team(world, "mails")
    clients = [Rpc(world.host) for _number in range(CLIENTS)]
    messages = [mail(f"pool{number}@quill.example", to=f"mails@{DOMAIN}") for number in range(CLIENTS)]
    results = at_once(CLIENTS, lambda number: clients[number].message_process(messages[number]))
    assert not [one for one in results if isinstance(one, xmlrpc.client.Fault)], results
    assert [states_of(world, message) for message in messages] == [["done"]] * CLIENTS
    assert sum(shares(world, team).values()) == CLIENTS
    nothing_else_is_sent_to(world, "pool0@quill.example", count=1)


def test_a_mail_that_comes_several_times_at_once_is_one_ticket(world):
    clients = [Rpc(world.host) for _number in range(CLIENTS)]
    message = mail("again@quill.example")
    results = at_once(CLIENTS, lambda number: clients[number].message_process(message))
    assert not [one for one in results if isinstance(one, xmlrpc.client.Fault)], results
    # who could not wait for the first one long enough is tried again by the job, and is a duplicate then
    run_job(world, message)
    assert states_of(world, message) == ["done"] + ["duplicate"] * (CLIENTS - 1)
    assert len(tickets_of(world, "again@quill.example")) == 1
    nothing_else_is_sent_to(world, "again@quill.example", count=1)


def test_nothing_is_an_error(world):
    assert not trouble(world.host.log)


# ------------------------------------------------------------
# ODOO'S OWN LIMIT
# ------------------------------------------------------------


DRAINED = """
from contextlib import ExitStack, closing
from devtools.odoo_env import odoo_env
from odoo.sql_db import PoolError

with odoo_env() as env, ExitStack() as others:
    agents = env["res.users"].with_context(no_reset_password=True).create([
        {"name": f"Agent {i}", "login": f"drained{i}", "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]}
        for i in range(3)])
    team = env["helpdesk_lite.team"].create({
        "name": "Drained", "auto_assignment": True, "assign_method": "equal_total", "member_ids": agents.ids,
        "resource_calendar_id": False, "alias_name": False})
    env.cr.commit()
    # what other requests of this process hold
    try:
        while True:
            others.enter_context(closing(env.registry.cursor()))
    except PoolError:
        pass
    values = {"name": "Lamp", "team_id": team.id, "user_id": False}
    tickets = env["helpdesk_lite.ticket"].create([values] * 4)
    others.close()
    env.cr.commit()
    assert tickets.user_id == agents, tickets.mapped("user_id.login")
    assert not any(tickets.mapped("assignment_waiting"))
    # the choice is in the ledger, so that it counts for the next one, which has a connection of its own
    last = env["helpdesk_lite.ticket"].create([values] * 2)
    env.cr.commit()
    loads = sorted(len((tickets + last).filtered(lambda ticket: ticket.user_id == agent)) for agent in agents)
    assert loads == [2, 2, 2], loads
"""


def test_without_a_second_connection_the_choice_is_made_in_the_ticket():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        environment = setup.environment() | {"HELPDESK_LITE_DATABASE": database, "ODOO_DB_MAXCONN": "4"}
        done = subprocess.run([sys.executable, "-c", DRAINED], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("as there is no second connection") == 1, done.stderr
