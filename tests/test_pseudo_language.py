"""All our texts can be translated: everything is opened in a generated language that marks translated texts.

Odoo's own texts are in Japanese, in other letters. So a word in Latin letters outside the marks is
data, one of the few words that Odoo leaves in English, or a word that we forgot.
"""

import os
import re
import urllib.error
import urllib.parse
import urllib.request
from functools import cache, partial
from html import unescape
from types import SimpleNamespace

import pytest
from browser import LAPTOP, PHONE, settle
from crawl import Seen, Walk, pythonic
from playwright.sync_api import expect
from rpc import Refused, Site
from unmarked import data_texts, plain, unmarked

from devtools import demo, language, project, server
from devtools.i18n import pseudo
from devtools.setup import Setup

LANGUAGE, CODE = "ja", "ja_JP"


@pytest.fixture(scope="module")
def world(tmp_path_factory, browser):
    """A server in the generated language, with demo data, and a page for each person."""
    folder = tmp_path_factory.mktemp("addons")
    pseudo.write_addons(folder, LANGUAGE)
    paths = ",".join(map(str, [*Setup.from_environment().odoo.addons, folder]))
    script = demo.SCRIPT + language.script(LANGUAGE, project.addons())
    with server.odoo_server("--addons-path", paths, script=script) as running:
        site = Site(running.url, running.database, CODE)

        @cache
        def page(login=None, size=LAPTOP):
            return browser.page(site, login, LANGUAGE, size)

        yield SimpleNamespace(site=site, page=page, server=running)


def walk_of(world, login=None, size=LAPTOP):
    """The walk of a user or a visitor."""
    return Walk(world.page(login, size), world.site, login, project.addons())


def check(walk, world, at_least, data=()):
    """Check that no word of ours is unmarked and that the walk saw texts; ``data`` are further untranslated texts."""
    shown = sum(pseudo.OPEN in one.text for one in walk.seen)
    assert len(walk.screens) >= at_least, walk.screens
    assert shown > 5 * at_least, "the generated language is there"
    assert not pythonic(walk.seen)
    left = unmarked(walk.seen, [*data_texts(world.site), *data])
    assert not left, f"{len(left)} texts of ours are not translated:\n" + "\n".join(left)


# SCREENS


@pytest.mark.parametrize("login", ["admin", "agent", "employee"])
def test_web_client(world, login):
    walk = walk_of(world, login)
    walk.walk_web_client()
    check(walk, world, at_least=20)


def test_portal_of_a_customer(world):
    walk = walk_of(world, "customer")
    tickets = walk.call("helpdesk_lite.ticket", "search", [("is_closed", "=", False)], limit=1)
    for path in (
        "/my",
        "/my/helpdesk-tickets",
        "/my/helpdesk-tickets?search=nothing-has-this",
        f"/my/helpdesk-tickets/{tickets[0]}",
        "/helpdesk",
    ):
        walk.visit(path)
    for grouping in ("stage_id", "team_id"):
        walk.visit(f"/my/helpdesk-tickets?groupby={grouping}")
    by_phone = walk_of(world, "customer", PHONE)
    by_phone.visit(f"/my/helpdesk-tickets/{tickets[0]}")
    walk.seen |= by_phone.seen
    walk.screens += by_phone.screens
    check(walk, world, at_least=8)


@pytest.mark.parametrize("login", ["admin", "agent", "employee"])
def test_no_record_looks_like_python(world, login):
    """Every form of ours with every record of the demo: what computes its text from a record may show that record. Others than
    the administrator, who sees them all, open some of each model, and all with ``HELPDESK_LITE_STORM=1``.
    """
    walk = walk_of(world, login)
    opened = walk.walk_records(None if login == "admin" or os.environ.get("HELPDESK_LITE_STORM") else 6)
    assert opened["helpdesk_lite.ticket"] > 5
    assert opened["helpdesk_lite.team"] > 1
    assert not pythonic(walk.seen)


# TARGETS OF BUTTONS: no menu and no stored action leads there


def make_tickets(world, count, **values):
    """Create equal tickets of a customer in the public team: ``(ids, id of the customer's contact)``."""
    (team,) = world.site.model("admin", "helpdesk_lite.team", "search", [("privacy_visibility", "=", "public")], limit=1)
    (customer,) = world.site.model("admin", "res.users", "search_read", [("login", "=", "customer")], ["partner_id"])
    (agent,) = world.site.model("admin", "res.users", "search", [("login", "=", "agent")])
    partner = customer["partner_id"][0]
    values = {
        "name": TWICE,
        "description": f"<p>{TWICE}</p>",
        "team_id": team,
        "partner_id": partner,
        "user_id": agent,
        **values,
    }
    return world.site.model("admin", "helpdesk_lite.ticket", "create", [values] * count), partner


TWICE = "Bakery scale shows seventeen kilograms without any flour"


@pytest.mark.parametrize("login", ["admin", "agent"])
def test_buttons_of_teams_and_tickets(world, login):
    walk = walk_of(world, login)
    walk.open_web_client()
    users = world.site.model("admin", "res.users", "search", [("login", "in", ["agent", "customer"])])
    tickets = walk.call("helpdesk_lite.ticket", "search", [], limit=1)
    away = [
        team["id"]
        for team in walk.call("helpdesk_lite.team", "search_read", [], ["away_ticket_count"])
        if team["away_ticket_count"]
    ][:1]
    assert away
    for model, ids in (("helpdesk_lite.ticket", tickets), ("helpdesk_lite.team", away)):
        for user in users:
            walk.push(model, "action_show_access", ids, {"default_user_id": user})
    walk.push("helpdesk_lite.team", "action_open_workload", away)
    if login == "admin":
        walk.push("helpdesk_lite.team", "action_reassign", away)
    check(walk, world, at_least=5)


def test_tickets_that_become_opportunities(world):
    before = last_message(world)
    tickets, partner = make_tickets(world, 5)
    walk = walk_of(world, "admin")
    walk.open_web_client()
    for some in (tickets[:1], tickets):
        walk.push("helpdesk_lite.ticket", "action_open_convert", some)
    for login, some in (("agent", tickets[:1]), ("admin", tickets[1:2]), ("admin", tickets[1:4])):
        popup = world.site.model(
            login,
            "helpdesk_lite_crm.convert",
            "create",
            {"ticket_ids": some, "partner_action": "link", "partner_id": partner, "copy_conversation": True},
        )
        seer = walk if login == "admin" else walk_of(world, login)
        seer.open_web_client()
        seer.push("helpdesk_lite_crm.convert", "action_convert", [popup])
        walk.seen |= seer.seen
    walk.open_web_client()
    walk.open_record("helpdesk_lite.ticket", tickets[1])
    walk.push("helpdesk_lite.ticket", "action_open_leads", tickets[1:2])
    world.site.model(
        "customer",
        "helpdesk_lite.ticket",
        "message_post",
        [tickets[2]],
        body="Lamp",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
    )
    world.site.button("admin", "helpdesk_lite.ticket", "action_undo_convert", tickets[1:2])
    # and the other way round
    (lead,) = world.site.model("admin", "crm.lead", "create", [{"name": TWICE, "type": "opportunity", "partner_id": partner}])
    walk.open_record("crm.lead", lead)
    walk.push("crm.lead", "action_open_convert_to_ticket", [lead])
    (team,) = world.site.model("admin", "helpdesk_lite.team", "search", [("auto_assignment", "=", False)], limit=1)
    popup = world.site.model(
        "admin", "helpdesk_lite_crm.convert_lead", "create", {"lead_id": lead, "team_id": team, "copy_conversation": True}
    )
    walk.push("helpdesk_lite_crm.convert_lead", "action_convert", [popup])
    walk.open_record("crm.lead", lead)
    walk.push("crm.lead", "action_open_helpdesk_tickets", [lead])
    world.site.button("admin", "crm.lead", "action_undo_convert_to_ticket", [lead])
    walk.seen |= posted(world, before)
    check(walk, world, at_least=9)


def test_tickets_that_become_one(world):
    before = last_message(world)
    tickets, _partner = make_tickets(world, 3)
    others, _partner = make_tickets(world, 2, partner_id=False, partner_email="vera@visitor.example")
    walk = walk_of(world, "admin")
    walk.open_web_client()
    walk.open_record("helpdesk_lite.ticket", tickets[0])
    assert walk.press(".o_possible_duplicates button")
    walk.look("possible duplicates")
    (found,) = world.site.model("admin", "helpdesk_lite.ticket", "read", tickets[:1], ["possible_duplicates"])
    words = [duplicate["words"] for duplicate in found["possible_duplicates"]]
    (rule,) = world.site.model("admin", "helpdesk_lite.merge.rule", "create", [{"name": TWICE, "same_customer": False}])
    walk.do(world.site.button("admin", "helpdesk_lite.merge.rule", "action_deduplicate", [rule]))
    walk.page.locator(".o_deduplicate_complete").wait_for()
    walk.look("deduplicate")
    walk.press(".modal .btn-close")
    walk.push("helpdesk_lite.merge.rule", "action_open_groups", [rule])
    action = walk.push("helpdesk_lite.ticket", "action_merge", [*tickets, *others])
    group = action["res_id"]
    world.site.model("admin", "helpdesk_lite.merge.group", "write", [group], {"notify_customers": True})
    lines = world.site.model(
        "admin", "helpdesk_lite.merge.record", "search", [("group_id", "=", group), ("is_master", "=", False)]
    )
    world.site.model("admin", "helpdesk_lite.merge.record", "write", lines[:1], {"absorb": True})
    world.site.button("admin", "helpdesk_lite.merge.group", "action_merge", [group])
    walk.open_record("helpdesk_lite.merge.group", group)
    (master,) = world.site.model("admin", "helpdesk_lite.ticket", "search", [("id", "in", [*tickets, *others])])
    walk.open_record("helpdesk_lite.ticket", master)
    walk.push("helpdesk_lite.ticket", "action_open_merged_tickets", [master])
    source = next(ticket for ticket in tickets if ticket != master)
    walk.open_record("helpdesk_lite.ticket", source)
    customer = walk_of(world, "customer")
    customer.visit(f"/my/helpdesk-tickets/{source}")
    world.site.button("admin", "helpdesk_lite.ticket", "action_undo_merge", [master])
    walk.seen |= customer.seen | posted(world, before)
    check(walk, world, at_least=8, data=words)


GOOD = {"name": "Vera Visitor", "email": "vera@visitor.example", "subject": "Broken lamp", "description": "It is dark."}
FORM_ERRORS = [
    *({**GOOD, name: ""} for name in GOOD),
    {**GOOD, "email": "nobody"},
    *({**GOOD, name: "1" * 60_000 + "@1.example" * (name == "email")} for name in GOOD),
    {**GOOD, "confirm_subject": "x"},
]


def test_public_form_of_a_visitor(world):
    walk = walk_of(world)
    walk.visit("/helpdesk")
    walk.page.locator(".card a.btn").first.click()
    walk.page.locator("form.o_helpdesk_lite_form").wait_for()
    walk.look("the form")
    address = walk.page.url
    for number, values in enumerate(FORM_ERRORS):
        walk.seen.add(Seen("the form", refused(address, values), f"error {number}"))
    assert len(walk.seen) > len(FORM_ERRORS)
    for name, value in GOOD.items():
        walk.page.locator(f"form.o_helpdesk_lite_form [name={name}]").fill(value)
    walk.page.locator("form.o_helpdesk_lite_form [type=submit]").click()
    walk.page.wait_for_url("**/thanks")
    walk.look("thanks")
    check(walk, world, at_least=3)


def refused(address, values):
    """The error that the form shows for values."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.addheaders = [("Accept-Language", LANGUAGE)]
    token = re.search(r'name="csrf_token" value="([^"]+)"', opener.open(address).read().decode())[1]
    try:
        opener.open(address, urllib.parse.urlencode({**values, "csrf_token": token}).encode())
    except urllib.error.HTTPError as error:
        alert = re.search(r'id="helpdesk_lite_error"[^>]*>(.*?)</div>', error.read().decode(), re.DOTALL)
        return unescape(alert[1]).strip()
    return pytest.fail(f"{values} went well")


# TEXTS THAT ARE NOT ALWAYS ON A SCREEN


def test_labels_and_tooltips_of_every_field(world):
    """All fields of our models, also outside of views, because filters and exports list them."""
    models = world.site.model(
        "admin",
        "ir.model.data",
        "search_read",
        [("model", "=", "ir.model"), ("module", "in", project.addons()), ("name", "like", "model_helpdesk_lite%")],
        ["res_id"],
    )
    names = [
        row["model"] for row in world.site.model("admin", "ir.model", "read", [row["res_id"] for row in models], ["model"])
    ]
    seen = {
        Seen(name, description["name"], "model")
        for name, description in zip(
            names, world.site.model("admin", "ir.model", "read", [row["res_id"] for row in models], ["name"]), strict=True
        )
    }
    for name in names:
        for field, facts in world.site.model("admin", name, "fields_get", [], ["string", "help", "selection"]).items():
            texts = [facts["string"], facts.get("help") or "", *(label for _value, label in facts.get("selection") or [])]
            seen |= {Seen(name, text, field) for text in texts}
    assert len(seen) > 100
    left = unmarked(seen, [])
    assert not left, "\n".join(left)


def test_errors(world):
    """Messages about actions that are forbidden or impossible."""

    def find(model, domain, limit=1):
        return world.site.model("admin", model, "search", domain, limit=limit)

    (ticket,) = find("helpdesk_lite.ticket", [("is_closed", "=", False)])
    (team,) = find("helpdesk_lite.team", [("ticket_ids", "!=", False)])
    (open_stage,) = find("helpdesk_lite.stage", [("fold", "=", False), ("is_default", "=", True)])
    (folded,) = find("helpdesk_lite.stage", [("fold", "=", True)])
    create, tell = partial(world.site.model, "admin"), partial(refusal, world)
    foreign = create("helpdesk_lite.stage", "create", {"name": "Elsewhere", "team_ids": False})
    empty = create("helpdesk_lite.team", "create", {"name": "Empty", "stage_ids": False, "active": False})
    bare = create("helpdesk_lite.team", "create", {"name": "Bare", "stage_ids": [open_stage]})
    waiting = create("helpdesk_lite.ticket", "create", {"name": "Waiting", "team_id": bare})
    create("helpdesk_lite.tag", "create", {"name": "Twice"})
    seen = {
        tell("admin", "helpdesk_lite.team", "write", [bare], {"stage_ids": [folded]}),
        tell("admin", "helpdesk_lite.team", "write", [team], {"stage_ids": [open_stage]}),
        tell("admin", "helpdesk_lite.team", "unlink", [team]),
        tell("admin", "helpdesk_lite.stage", "unlink", [open_stage]),
        tell("admin", "helpdesk_lite.stage", "create", {"name": "Rot", "rotting_threshold_days": -1}),
        tell("admin", "helpdesk_lite.tag", "create", {"name": "Twice"}),
        tell("admin", "helpdesk_lite.ticket", "write", [ticket], {"stage_id": foreign}),
        tell("admin", "helpdesk_lite.ticket", "create", {"name": "No stage", "team_id": empty}),
        tell("admin", "helpdesk_lite.ticket", "action_close", [waiting]),
        tell("employee", "helpdesk_lite.ticket", "write", [ticket], {"name": "Mine now"}),
        tell("employee", "helpdesk_lite.team", "create", {"name": "Mine"}),
        tell("customer", "helpdesk_lite.ticket", "write", [ticket], {"name": "Mine now"}),
    }
    assert sum(pseudo.OPEN in one.text for one in seen) >= 10
    left = unmarked(seen, [*data_texts(world.site), "Elsewhere", "Empty", "Bare", "Twice"])
    assert not left, "\n".join(left)


def test_errors_of_conversions_and_merges(world):
    def create(model, **values):
        return world.site.model("admin", model, "create", [values])[0]

    def popup(ticket, **values):
        return [create("helpdesk_lite_crm.convert", ticket_ids=[ticket], **values)]

    tell = partial(refusal, world)
    (ticket, other), _partner = make_tickets(world, 2)
    (bare,), _partner = make_tickets(world, 1, partner_id=False)
    (known,), _partner = make_tickets(world, 1, partner_id=False, partner_email="vera@visitor.example")
    create("res.partner", name="Vera Visitor", email="vera@visitor.example")
    (gone,), _partner = make_tickets(world, 1, active=False)
    archived = create("res.partner", name="Lost Contact", active=False)
    lead, won = (create("crm.lead", name=TWICE, type="opportunity") for _number in range(2))
    world.site.button("admin", "crm.lead", "action_set_won", [won])
    (team,) = world.site.model("admin", "helpdesk_lite.team", "search", [("auto_assignment", "=", False)], limit=1)
    Rule = "helpdesk_lite.merge.rule"
    rule = create(Rule, name=TWICE)
    world.site.button("admin", "helpdesk_lite.ticket", "action_merge", [ticket, other])
    seen = {
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(bare, partner_action="create")),
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(known, partner_action="create")),
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(ticket, partner_action="link", partner_id=False)),
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(ticket, partner_action="link", partner_id=archived)),
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(ticket, lead_id=won)),
        tell("admin", "helpdesk_lite_crm.convert", "action_convert", popup(gone, partner_action="none")),
        tell(
            "admin",
            "helpdesk_lite_crm.convert_lead",
            "action_convert",
            [create("helpdesk_lite_crm.convert_lead", lead_id=won, team_id=team)],
        ),
        tell("admin", "helpdesk_lite.ticket", "action_undo_convert", [ticket]),
        tell("admin", "crm.lead", "action_undo_convert", [lead]),
        tell("admin", "crm.lead", "action_undo_convert_to_ticket", [lead]),
        tell("admin", "helpdesk_lite.ticket", "action_merge", [ticket]),
        tell("admin", "helpdesk_lite.ticket", "action_undo_merge", [ticket]),
        tell("employee", "helpdesk_lite.ticket", "action_merge", [ticket, other]),
        tell("admin", Rule, "create", {"name": TWICE, "similarity_threshold": 0}),
        tell("admin", Rule, "create", {"name": TWICE, "similarity_threshold": 120}),
        tell("admin", Rule, "create", {"name": TWICE, "mode": "automatic", "automatic_threshold": 10}),
        tell("admin", Rule, "create", {"name": TWICE, "window_days": -1}),
        tell("admin", Rule, "write", [rule], {"line_ids": [(0, 0, {"field_name": "team_id"})] * 2}),
    }
    assert sum(pseudo.OPEN in one.text for one in seen) >= 18
    left = unmarked(seen, [*data_texts(world.site), "Lost Contact"])
    assert not left, "\n".join(left)


def refusal(world, login, model, method, *args):
    """The error message for a call."""
    try:
        world.site.model(login, model, method, *args)
    except Refused as error:
        return Seen(f"{login}, {model}.{method}{args}", error.message, "error")
    return pytest.fail(f"{model}.{method}{args} went well")


def test_mails_and_notes(world):
    """All messages and mails while tickets arrive and are handled and closed."""
    (team,) = world.site.model("admin", "helpdesk_lite.team", "search", [("privacy_visibility", "=", "public")], limit=1)
    (agent,) = world.site.model("admin", "res.users", "search", [("login", "=", "agent")])
    (customer,) = world.site.model("admin", "res.users", "search", [("login", "=", "customer")])
    (partner,) = world.site.model("admin", "res.users", "read", [customer], ["partner_id"])
    before, values = last_message(world), {"team_id": team, "partner_id": partner["partner_id"][0], "name": "Lamp"}
    ticket = world.site.model("admin", "helpdesk_lite.ticket", "create", {**values, "user_id": agent})
    world.site.model("admin", "helpdesk_lite.ticket", "create", [{**values, "user_id": agent}] * 3)
    world.site.model(
        "agent",
        "helpdesk_lite.ticket",
        "message_post",
        [ticket],
        body="Lamp",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
    )
    world.site.model("agent", "helpdesk_lite.ticket", "action_close", [ticket])
    close_on_portal(world, ticket)
    for mode in ("private", "public"):
        world.site.model("admin", "helpdesk_lite.team", "write", [team], {"privacy_visibility": mode})
    seen = posted(world, before)
    assert len(world.site.model("admin", "mail.mail", "search", [("mail_message_id", ">", before)])) >= 4
    left = unmarked(seen, data_texts(world.site))
    assert not left, "\n".join(left)


def last_message(world):
    # more than the newest one, which may be a chat with OdooBot, because Odoo applies the limit first
    return world.site.model("admin", "mail.message", "search", [], limit=100, order="id desc")[0]


def posted(world, before):
    """The messages and mails since a message."""
    seen = set()
    for message in world.site.model(
        "admin", "mail.message", "search_read", [("id", ">", before)], ["subject", "body", "subtype_id", "model"]
    ):
        for name in ("subject", "body"):
            seen.add(Seen("message", plain(message[name]), str(message["model"])))
    for mail in world.site.model(
        "admin", "mail.mail", "search_read", [("mail_message_id", ">", before)], ["subject", "body_html"]
    ):
        seen |= {Seen("mail", plain(mail["subject"]), "subject"), Seen("mail", plain(mail["body_html"]), mail["subject"])}
    return seen


def close_on_portal(world, ticket):
    """Close a ticket on the portal, after the customer's answer has reopened it."""
    world.site.model(
        "customer",
        "helpdesk_lite.ticket",
        "message_post",
        [ticket],
        body="Lamp",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
    )
    walk = walk_of(world, "customer")
    walk.visit(f"/my/helpdesk-tickets/{ticket}")
    walk.page.locator(".o_helpdesk_lite_close button").click()
    expect(walk.page.locator(".o_helpdesk_lite_close")).to_have_count(0)
    settle(walk.page)
