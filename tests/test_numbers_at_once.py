"""Ticket numbers that two transactions want at the same moment, with real connections."""

import time
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor

import pytest
from intake_world import connect, deliver_at_once, execute, rows_of, run_job, wait_for_waiting
from mail_world import TICKET, mail, nothing_else_is_sent_to, tickets_of

from devtools.patience import PATIENCE

AT_ONCE = 6
SEQUENCE = "ir.sequence"
# a ticket as another program could store it: as an existing one, with a number of its own
STORE = """
    INSERT INTO helpdesk_lite_ticket
    SELECT (jsonb_populate_record(ticket, jsonb_build_object(
                'id', nextval('helpdesk_lite_ticket_id_seq'), 'number', %s, 'message_id', NULL, 'access_token', NULL))).*
      FROM helpdesk_lite_ticket ticket WHERE id = %s
"""


@pytest.fixture
def world(mail_world):
    return mail_world


def number_of(world, ticket):
    return world.admin.read(TICKET, ticket, "number")


def test_a_number_that_somebody_else_stores_at_the_moment_is_drawn_again(world):
    last = world.agent(TICKET, "create", {"name": "Last", "team_id": world.care})
    number = number_of(world, last)
    following = [f"T{int(number.removeprefix('T')) + step:05d}" for step in (1, 2)]
    connection = connect(world)
    try:
        with ThreadPoolExecutor(1) as pool:
            with connection, connection.cursor() as cursor:
                cursor.execute(STORE, [following[0], last])
                made = pool.submit(world.agent, TICKET, "create", {"name": "Next", "team_id": world.care})
                # it has drawn the number that the other one stores, and waits to see whether that stays
                wait_for_waiting(world, connection.info.backend_pid)
            assert number_of(world, made.result()) == following[1]
    finally:
        connection.close()


def test_a_sequence_without_gaps_brings_nobody_an_error(world, customer):
    """Odoo lets only one transaction at a time draw from it, and refuses the others at once: they are tried again."""
    company = world.admin.read("helpdesk_lite.team", world.care, "company_id")[0]
    (sequence,) = world.admin(SEQUENCE, "search", [("code", "=", "helpdesk_lite.ticket"), ("company_id", "=", company)])
    next_number = world.admin.read(SEQUENCE, sequence, "number_next_actual")
    world.admin(SEQUENCE, "write", [sequence], {"implementation": "no_gap", "number_next_actual": next_number})
    senders = [f"{number}.{customer}" for number in range(AT_ONCE)]
    messages = [mail(sender) for sender in senders]
    try:
        results = deliver_at_once(world, messages)
        assert not any(isinstance(result, xmlrpc.client.Fault) for result in results), results
        deadline = time.monotonic() + PATIENCE
        while left := [message for message in messages if rows_of(world, message)[0]["state"] != "done"]:
            assert time.monotonic() < deadline, world.server.log
            assert {rows_of(world, message)[0]["state"] for message in left} == {"failed"}
            run_job(world, *left)
        tickets = [ticket for sender in senders for ticket in tickets_of(world, sender)]
        assert len(tickets) == AT_ONCE
        numbers = sorted(int(number_of(world, ticket).removeprefix("T")) for ticket in tickets)
        assert numbers == list(range(numbers[0], numbers[0] + AT_ONCE)), "without gaps"
        for sender in senders:
            nothing_else_is_sent_to(world, sender, count=1)
    finally:
        highest = execute(world, "SELECT max(substr(number, 2)::int) FROM helpdesk_lite_ticket WHERE number ~ '^T[0-9]+$'")[0][
            0
        ]
        world.admin(SEQUENCE, "write", [sequence], {"implementation": "standard", "number_next_actual": highest + 1})
