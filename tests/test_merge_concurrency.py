"""Several people merge the same tickets into different ones at the same moment, with real transactions."""

import threading
import xmlrpc.client
from types import SimpleNamespace

import pytest
from rpc import Rpc

from devtools.patience import PATIENCE
from devtools.server import odoo_server

TICKET, GROUP = "helpdesk_lite.ticket", "helpdesk_lite.merge.group"
ROUNDS = 5


@pytest.fixture(scope="module")
def world():
    with odoo_server() as server:
        admin = Rpc(server)
        yield SimpleNamespace(server=server, admin=admin, team=admin("helpdesk_lite.team", "create", {"name": "Care"}))


def make_tickets(world, names):
    return [world.admin(TICKET, "create", {"name": name, "team_id": world.team}) for name in names]


def choose(world, tickets, master):
    """The group of a selection whose master was chosen on its page."""
    group = world.admin(TICKET, "action_merge", tickets)["res_id"]
    record = world.admin("helpdesk_lite.merge.record", "search", [("group_id", "=", group), ("ticket_id", "=", master)])
    world.admin("helpdesk_lite.merge.record", "write", record, {"is_master": True})
    return group


def merge_at_once(world, groups):
    """Click on all the pages at once.

    :return: dict of the groups that were refused to the reason
    """
    refused, together = {}, threading.Barrier(len(groups))

    def merge(group):
        rpc = Rpc(world.server)
        together.wait(PATIENCE)
        try:
            rpc(GROUP, "action_merge", [group])
        except xmlrpc.client.Fault as fault:
            refused[group] = fault.faultString

    threads = [threading.Thread(target=merge, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return refused


def masters_of(world, tickets):
    """What each ticket was merged into, by id; the others are active."""
    rows = world.admin(TICKET, "read", tickets, ["active", "merged_into_id"])
    assert all(row["active"] != bool(row["merged_into_id"]) for row in rows), rows
    return {row["id"]: row["merged_into_id"][0] for row in rows if row["merged_into_id"]}


def test_of_merges_at_once_one_wins_and_the_other_is_told(world):
    for number in range(ROUNDS):
        tickets = make_tickets(world, [f"{name} {number}" for name in "ab"])
        messages = world.admin("mail.message", "search", [("model", "=", TICKET), ("res_id", "in", tickets)])
        groups = [choose(world, tickets, master) for master in tickets]
        refused = merge_at_once(world, groups)
        assert len(refused) == 1, refused
        assert "was merged already" in "".join(refused.values())
        states = world.admin(GROUP, "read", groups, ["state"])
        assert sorted(state["state"] for state in states) == ["merged", "new"]
        ((merged, master),) = masters_of(world, tickets).items()
        assert {merged, master} == set(tickets)
        places = world.admin("mail.message", "read", messages, ["res_id"])
        assert {place["res_id"] for place in places} == {master}


def test_a_ring_of_merges_at_once_makes_a_chain(world):
    """The first into the second, the second into the third, and the third into the first: no circle, and nothing is lost."""
    for number in range(ROUNDS):
        tickets = make_tickets(world, [f"{name} {number}" for name in "abc"])
        messages = world.admin("mail.message", "search", [("model", "=", TICKET), ("res_id", "in", tickets)])
        groups = [choose(world, [tickets[place - 1], tickets[place]], tickets[place]) for place in range(3)]
        refused = merge_at_once(world, groups)
        assert all("was merged already" in reason for reason in refused.values()), refused
        merged = masters_of(world, tickets)
        assert len(merged) == 3 - len(refused)
        assert 1 <= len(merged) <= 2
        for source in merged:
            last = source
            for _step in tickets:
                last = merged.get(last, last)
            assert last not in merged, "a circle"
        left = set(tickets) - merged.keys()
        places = world.admin("mail.message", "read", messages, ["res_id"])
        assert {place["res_id"] for place in places} == left
        while merged:
            last = next(master for master in merged.values() if master not in merged)
            world.admin(TICKET, "action_undo_merge", [last])
            merged = masters_of(world, tickets)
