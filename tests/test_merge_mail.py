"""Tickets are merged while 50 mails arrive on all of them, delivered to two processes of Odoo. None is lost."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from intake_world import messages_of, rows_of, second_server
from mail_world import TICKET, mail, receive
from rpc import Rpc

from devtools.patience import PATIENCE

GROUP, LINE = "helpdesk_lite.merge.group", "helpdesk_lite.merge.record"
MAILS, BEFORE, AT_ONCE = 50, 15, 6


@pytest.fixture
def world(mail_world):
    return mail_world


def prepare(world, master, sources):
    """Choose tickets and their master, as an agent does.

    :return: the function that clicks the button
    """
    group = world.agent(TICKET, "action_merge", [master, *sources])["res_id"]
    lines = world.agent(LINE, "search_read", [("group_id", "=", group)], ["ticket_id", "outcome"])
    world.agent(LINE, "write", [line["id"] for line in lines if line["ticket_id"][0] == master], {"is_master": True})
    return lambda: world.agent(GROUP, "action_merge", [group])


def shown(world, ticket):
    """The ids of all messages that an agent finds in a ticket's chatter, page by page."""
    found, before = [], None
    while True:
        params = {"limit": 30, **({"before": before} if before else {})}
        page = world.web("/mail/thread/messages", thread_model=TICKET, thread_id=ticket, fetch_params=params)["messages"]
        if not page:
            return set(found)
        found += page
        before = min(page)


def test_50_mails_arrive_during_a_merge(world, customer):
    other = f"max-{customer}"
    # who are no programs that answer each other
    world.admin("mail.gateway.allowed", "create", [{"email": address} for address in (customer, other)])
    master, absorbed = (receive(world, mail(customer, f"Lamp {number}")) for number in "ab")
    joined = receive(world, mail(other, "Another lamp"))
    numbers = {row["id"]: row["number"] for row in world.admin(TICKET, "read", [master, absorbed, joined], ["number"])}
    turns = itertools.cycle([(master, customer), (absorbed, customer), (joined, other)])
    mails = [
        (ticket, mail(sender, f"Re: [{numbers[ticket]}]")) for _mail, (ticket, sender) in zip(range(MAILS), turns, strict=False)
    ]
    click, some, done = prepare(world, master, [absorbed, joined]), threading.Event(), itertools.count(1)
    with second_server(world) as second, ThreadPoolExecutor(AT_ONCE) as pool:
        clients = threading.local()
        servers = itertools.cycle((world.server, second))

        def deliver(message):
            if not hasattr(clients, "rpc"):
                clients.rpc = Rpc(next(servers))
            clients.rpc.message_process(message)
            if next(done) >= BEFORE:
                some.set()

        deliveries = [pool.submit(deliver, message) for _ticket, message in mails]
        assert some.wait(PATIENCE)
        assert not all(delivery.done() for delivery in deliveries), "the merge would be no concurrent one"
        click()
        for delivery in deliveries:
            delivery.result(PATIENCE)
    places = {}
    for ticket, message in mails:
        assert {row["state"] for row in rows_of(world, message)} == {"done"}
        ((model, place),) = messages_of(world, message)
        assert model == TICKET
        places.setdefault(ticket, []).append(place)
    assert set(places[master]) == {master}
    assert set(places[joined]) == {joined}
    # what was written in the very moment of the merge stays, and is shown with the master's
    assert set(places[absorbed]) <= {master, absorbed}
    assert places[absorbed].count(master) > places[absorbed].count(absorbed)
    ids = world.admin(
        "mail.message", "search", [("message_id", "in", [str(message["Message-ID"]) for _ticket, message in mails])]
    )
    assert len(ids) == MAILS
    assert set(ids) <= shown(world, master)
    states = world.admin(TICKET, "read", [master, absorbed, joined], ["active", "is_merged"])
    assert [(state["active"], state["is_merged"]) for state in states] == [(True, False), (False, True), (False, True)]
    # a late answer finds its place as well, and undoing brings each back
    late = [(ticket, mail(sender, f"Re: [{numbers[ticket]}]")) for ticket, sender in ((absorbed, customer), (joined, other))]
    for _ticket, message in late:
        world.admin.message_process(message)
    assert [messages_of(world, message) for _ticket, message in late] == [[(TICKET, master)], [(TICKET, joined)]]
    world.agent(TICKET, "action_undo_merge", [master])
    for ticket, message in mails + late:
        assert messages_of(world, message) == [(TICKET, ticket)]
