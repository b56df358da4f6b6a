"""Two agents, a customer and their mail on one ticket: no answer crosses what its author has not seen, and two browsers see
each other.

The suite runs 60 turns each of two web clients, mail and customer. To run 1,000, as before a release::

    HELPDESK_LITE_STORM=1 ./dev test tests/test_collision.py
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from mail_world import DOMAIN, TICKET, mail, numbers, receive
from playwright.sync_api import expect
from rpc import Refused, Site, WebClient

from devtools.patience import PATIENCE

TURNS = 1000 if os.environ.get("HELPDESK_LITE_STORM") else 30
STOPPED = "somebody has written on this ticket"
SOON = 2000  # milliseconds, until somebody is seen
# what people write; see BY_PEOPLE
PEOPLE = ("comment", "email", "email_outgoing")


@pytest.fixture
def world(mail_world):
    return mail_world


@pytest.fixture
def colleague(world):
    """The login of a second agent, whom the tests of this file share."""
    if not world.admin("res.users", "search", [("login", "=", "colleague")]):
        group = world.admin.ref("helpdesk_lite.group_user")
        values = {"name": "Kim Colleague", "login": "colleague", "password": "colleague", "email": "kim@company.example"}
        world.admin("res.users", "create", {**values, "group_ids": [(6, 0, [group])]}, context={"no_reset_password": True})
    return "colleague"


def make_customer(world, address):
    """A customer with a login, who can read their tickets."""
    values = {"name": "Zoe Quill", "login": address, "password": address, "email": address}
    portal = [(6, 0, [world.admin.ref("base.group_portal")])]
    user = world.admin("res.users", "create", {**values, "group_ids": portal}, context={"no_reset_password": True})
    return world.admin.read("res.users", user, "partner_id")[0]


def thread(world, ticket):
    """The messages of people on a ticket, oldest first."""
    domain = [("model", "=", TICKET), ("res_id", "=", ticket), ("message_type", "in", PEOPLE)]
    return world.admin("mail.message", "search_read", domain, ["author_id", "subtype_id", "body"], order="id")


# NOTHING CROSSES


def shown(web, ticket):
    """The newest message that the chatter shows: what an agent has seen who reads it now."""
    return max(web("/mail/thread/messages", thread_model=TICKET, thread_id=ticket)["messages"], default=0)


def post(web, ticket, body, seen, subtype="mail.mt_comment", partner=None):
    data = {"body": f"<p>{body}</p>", "message_type": "comment", "subtype_xmlid": subtype}
    if seen is not None:
        data |= {"seen_message_id": seen, "partner_ids": [partner]}
    return web("/mail/message/post", thread_model=TICKET, thread_id=ticket, post_data=data)


def test_no_answer_crosses_what_its_author_has_not_seen(world, customer, colleague, capsys):
    """Each agent reads the ticket, then answers; notes, mails and messages from the portal come at any moment."""
    partner = make_customer(world, customer)
    # without the limit for mails of one sender
    storm = {"name": "Storm", "alias_name": "storm", "privacy_visibility": "public", "mail_limit": 100_000}
    values = {"name": "My lamp", "team_id": world.admin("helpdesk_lite.team", "create", storm), "partner_id": partner}
    ticket = world.admin(TICKET, "create", values)
    world.admin(TICKET, "message_subscribe", [ticket], [partner])
    number = world.admin.read(TICKET, ticket, "number")
    outcomes, seen_by = Counter(), {}

    def agent(login):
        web, chance = WebClient(world.server, login), Random(login)
        for turn in range(TURNS):
            seen = shown(web, ticket)
            try:
                message = post(web, ticket, f"{login} {turn}", seen, partner=partner)["message_id"]
            except Refused as refused:
                assert STOPPED in refused.message, refused
                outcomes["stopped"] += 1
            else:
                seen_by[message] = seen
                outcomes["sent"] += 1
            if chance.random() < 0.2:
                post(web, ticket, f"note of {login}", None, subtype="mail.mt_note")

    def write_on_the_portal():
        web = WebClient(world.server, customer)
        for turn in range(TURNS // 2):
            post(web, ticket, f"portal {turn}", None)

    def write_mails():
        for turn in range(TURNS // 2):
            message = mail(customer, f"Re: [{number}] My lamp", to=f"storm@{DOMAIN}", body=f"mail {turn}")
            world.admin.message_process(message)

    with ThreadPoolExecutor(4) as pool:
        for done in [
            pool.submit(agent, "agent"),
            pool.submit(agent, colleague),
            pool.submit(write_on_the_portal),
            pool.submit(write_mails),
        ]:
            done.result()

    messages = thread(world, ticket)
    bodies = [message["body"] for message in messages]
    for kind in ("portal", "mail"):
        assert all(any(f"{kind} {turn}" in body for body in bodies) for turn in range(TURNS // 2)), kind
    assert outcomes["sent"] + outcomes["stopped"] == 2 * TURNS
    assert min(outcomes["sent"], outcomes["stopped"]) > 0, "both happened, so there were races"
    # the messages of a ticket are stored in the order of their ids, because each waits for the one before
    crossed = [
        (message["id"], other["id"])
        for message in messages
        if message["id"] in seen_by
        for other in messages
        if seen_by[message["id"]] < other["id"] < message["id"] and other["author_id"] != message["author_id"]
    ]
    assert not crossed
    with capsys.disabled():
        print(f"\n{outcomes['sent']} answers sent, {outcomes['stopped']} stopped, {len(messages)} messages")


# TWO BROWSERS


@pytest.fixture
def pages(world, browser, colleague):
    """The pages of two agents in browsers of their own."""
    site = Site(world.server.url, world.server.database)
    opened = [browser.page(site, login) for login in ("agent", colleague)]
    yield opened
    for page in opened:
        page.context.close()


def open_form(page, ticket):
    page.goto(f"/odoo/action-helpdesk_lite.ticket_action/{ticket}")
    expect(page.locator(".o-mail-Chatter-sendMessage")).to_be_enabled()


def test_two_browsers_see_each_other(world, customer, pages):
    mine, theirs = pages
    ticket = receive(world, mail(customer, f"Lamp {next(numbers)}"))
    number = world.admin.read(TICKET, ticket, "number")
    open_form(theirs, ticket)
    # the list, then the form of the one agent
    mine.goto("/odoo/action-helpdesk_lite.ticket_action?view_type=list")
    row = mine.locator(".o_data_row", has_text=number)
    expect(row.locator(".o_helpdesk_lite_person")).to_have_count(1)
    open_form(mine, ticket)
    expect(theirs.locator(".o_helpdesk_lite_here")).to_contain_text("Ada Agent", timeout=SOON)
    expect(mine.locator(".o_helpdesk_lite_here")).to_contain_text("Kim Colleague", timeout=SOON)
    expect(mine.locator(".o_helpdesk_lite_here .o_helpdesk_lite_writing")).to_have_count(0)
    theirs.locator(".o-mail-Chatter-sendMessage").click()
    theirs.locator(".o-mail-Composer-input").press_sequentially("I am on it")
    expect(mine.locator(".o_helpdesk_lite_here .o_helpdesk_lite_writing")).to_have_count(1, timeout=SOON)
    theirs.goto("about:blank")
    expect(mine.locator(".o_helpdesk_lite_here")).not_to_contain_text("Kim Colleague", timeout=SOON)


def test_the_open_thread_is_live(world, customer, pages):
    mine, _theirs = pages
    first = mail(customer, f"Lamp {next(numbers)}")
    ticket = receive(world, first)
    open_form(mine, ticket)
    expect(mine.locator(".o-mail-Message")).not_to_have_count(0)
    number = world.admin.read(TICKET, ticket, "number")
    world.admin.message_process(mail(customer, f"Re: [{number}] Lamp", body="It works again, thank you."))
    expect(mine.locator(".o-mail-Message", has_text="It works again")).to_be_visible(timeout=SOON)


def test_a_draft_survives_refusal_reload_and_another_device(world, customer, browser, colleague):
    site = Site(world.server.url, world.server.database)
    ticket = receive(world, mail(customer, f"Lamp {next(numbers)}"))
    page = browser.page(site, "agent")
    open_form(page, ticket)
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator(".o-mail-Composer-input").fill("A long answer")
    other = WebClient(world.server, colleague)
    # what comes by itself would have been seen after a second
    late = []
    page.route("**/mail/thread/messages", lambda route: late.append(route))
    post(other, ticket, "Wait", None, subtype="mail.mt_note")
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o_helpdesk_lite_crossing")).to_contain_text("Wait")
    for route in late:
        route.continue_()
    page.unroute("**/mail/thread/messages")
    page.locator(".o_helpdesk_lite_crossing .o_edit").click()
    expect(page.locator(".o-mail-Composer-input")).to_have_value("A long answer")
    wait_for_drafts(world, ticket, 1)
    page.reload()
    page.locator(".o-mail-Chatter-sendMessage").click()
    expect(page.locator(".o-mail-Composer-input")).to_have_value("A long answer")
    page.context.close()
    # another device has nothing of the first one's browser
    page = browser.page(site, "agent")
    open_form(page, ticket)
    page.locator(".o-mail-Chatter-sendMessage").click()
    expect(page.locator(".o-mail-Composer-input")).to_have_value("A long answer")
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Message", has_text="A long answer")).to_be_visible()
    wait_for_drafts(world, ticket, 0)
    page.context.close()


def drafts(world, ticket):
    return world.server.query(f"SELECT id FROM helpdesk_lite_draft WHERE ticket_id = {ticket}")


def wait_for_drafts(world, ticket, count):
    """Ask the server until it has so many drafts: the browser sends them a few seconds after the last key."""
    deadline = time.monotonic() + PATIENCE
    while len(drafts(world, ticket)) != count:
        assert time.monotonic() < deadline, f"the server has {drafts(world, ticket)}"
