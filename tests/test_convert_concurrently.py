"""Simultaneous clicks convert a ticket only once, with real processes and commits."""

import multiprocessing
import xmlrpc.client
from types import SimpleNamespace

import pytest
from rpc import Rpc

from devtools.patience import PATIENCE
from devtools.server import odoo_server

CLICKS = 8
TICKET, LEAD, CONVERT = "helpdesk_lite.ticket", "crm.lead", "helpdesk_lite_crm.convert"
POLITE = ("at this very moment", "is converted already", "is converted to a ticket already", "is closed")


@pytest.fixture(scope="module")
def world():
    """A server with an agent and a salesperson without other rights."""
    with odoo_server() as server:
        admin = Rpc(server)
        for login, group in (("agent", "helpdesk_lite.group_user"), ("seller", "sales_team.group_sale_salesman_all_leads")):
            admin(
                "res.users",
                "create",
                {
                    "name": login.title(),
                    "login": login,
                    "password": login,
                    "email": f"{login}@company.example",
                    "group_ids": [(6, 0, [admin.ref(group)])],
                },
                context={"no_reset_password": True},
            )
        team = admin("helpdesk_lite.team", "create", {"name": "Care"})
        yield SimpleNamespace(server=server, admin=admin, agent=Rpc(server, "agent"), seller=Rpc(server, "seller"), team=team)


def click(rpc, model, method, record, start, answers):
    """Wait for the other processes, then click."""
    start.wait(PATIENCE)
    try:
        answers.put(("done", rpc(model, method, [record])))
    except xmlrpc.client.Fault as fault:
        answers.put(("refused", fault.faultString))


def click_at_once(rpc, model, method, records):
    """Click in several processes at once.

    :return: list of tuples (whether the click was accepted, answer)
    """
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(len(records)), context.Queue()
    processes = [context.Process(target=click, args=(rpc, model, method, record, start, answers)) for record in records]
    for process in processes:
        process.start()
    said = [answers.get(timeout=PATIENCE) for _process in processes]
    for process in processes:
        process.join(PATIENCE)
    return said


def make_ticket(world, name):
    return world.admin(TICKET, "create", {"name": name, "team_id": world.team, "partner_email": "zoe@quill.example"})


def leads_of(world, tickets):
    return world.admin(LEAD, "search", [("ticket_id", "in", tickets)], context={"active_test": False})


def assert_one_and_the_others_told(said):
    refused = [answer for kind, answer in said if kind == "refused"]
    assert len(refused) == len(said) - 1, said
    for answer in refused:
        assert any(words in answer for words in POLITE), answer
        assert "Traceback" not in answer


def test_eight_clicks_make_one_opportunity(world):
    ticket = make_ticket(world, "Forty lamps")
    wizards = [
        world.agent(CONVERT, "create", {"ticket_ids": [(6, 0, [ticket])], "partner_action": "create"})
        for _click in range(CLICKS)
    ]
    assert_one_and_the_others_told(click_at_once(world.agent, CONVERT, "action_convert", wizards))
    assert len(leads_of(world, [ticket])) == 1
    assert world.admin.read(TICKET, ticket, "converted_lead_id")[0] == leads_of(world, [ticket])[0]
    contacts = world.admin("res.partner", "search_count", [("email_normalized", "=", "zoe@quill.example")])
    assert contacts == 1, "those who came late made no contact either"


def test_overlapping_selections_make_one_opportunity_for_each_ticket(world):
    tickets = [make_ticket(world, f"Request {number}") for number in range(10)]
    wizards = [
        world.agent(CONVERT, "create", {"ticket_ids": [(6, 0, tickets)], "partner_action": "none"}) for _click in range(CLICKS)
    ]
    said = click_at_once(world.agent, CONVERT, "action_convert", wizards)
    assert {kind for kind, _answer in said} == {"done"}, "a selection reports, it does not fail"
    assert len(leads_of(world, tickets)) == len(tickets)
    assert not world.admin(TICKET, "search", [("id", "in", tickets)])


def test_eight_undos_restore_once(world):
    ticket = make_ticket(world, "Back again")
    wizard = world.agent(CONVERT, "create", {"ticket_ids": [(6, 0, [ticket])], "partner_action": "none"})
    world.agent(CONVERT, "action_convert", [wizard])
    said = click_at_once(world.agent, TICKET, "action_undo_convert", [ticket] * CLICKS)
    assert [kind for kind, _answer in said].count("done") == 1, said
    assert world.admin.read(TICKET, ticket, "active") is True
    assert all("Traceback" not in answer for kind, answer in said if kind == "refused")


def test_eight_clicks_make_one_ticket(world):
    lead = world.seller(LEAD, "create", {"name": "My lamp is broken", "type": "opportunity"})
    wizards = [
        world.seller("helpdesk_lite_crm.convert_lead", "create", {"lead_id": lead, "team_id": world.team})
        for _click in range(CLICKS)
    ]
    before = world.admin(TICKET, "search_count", [])
    assert_one_and_the_others_told(click_at_once(world.seller, "helpdesk_lite_crm.convert_lead", "action_convert", wizards))
    assert world.admin(TICKET, "search_count", []) == before + 1
