"""OCA's helpdesk and ours in one database, installed in both orders: each keeps its addresses, pages, counters and menus.

Somebody is a customer of both, and somebody else works with both. The other addon comes from PyPI.
"""

import json
import subprocess
import urllib.request
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from lxml import html
from rpc import Rpc, WebClient
from smtp_sink import smtp_sink

from devtools import databases, peers, project
from devtools.server import odoo_server
from devtools.setup import Setup
from devtools.state import ROOT

PEER = "odoo-addon-helpdesk-mgmt==19.0.1.3.2"
OURS, THEIRS = "helpdesk_lite.ticket", "helpdesk.ticket"
OUR_PORTAL, THEIR_PORTAL = "/my/helpdesk-tickets", "/my/tickets"


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """A folder with the other addon."""
    try:
        return peers.install([PEER], tmp_path_factory.mktemp("peer"))
    except subprocess.CalledProcessError:
        pytest.skip(f"pip cannot get {PEER}")


@pytest.fixture(scope="module", params=["ours first", "theirs first"])
def world(request, peer):
    """A server with both, their tickets, and people who know both."""
    folders = (*Setup.from_environment().odoo.addons, ROOT, peer)
    template, *install = (
        (databases.tested_template, ["helpdesk_mgmt"])
        if request.param == "ours first"
        else (databases.foreign_template, ["helpdesk_mgmt"], project.addons())
    )
    options = ("--addons-path", ",".join(map(str, folders)), "--max-cron-threads", "0", "--email-from", "odoo@helpdesk.example")
    with (
        smtp_sink() as sink,
        odoo_server(*options, "--smtp", "127.0.0.1", "--smtp-port", str(sink.port), make=template, install=install) as server,
    ):
        yield make_world(server)
        errors = [line for line in server.log.read_text().splitlines() if " ERROR " in line or " CRITICAL " in line]
        assert not errors


def make_world(server):
    admin = Rpc(server)
    admin("mail.alias.domain", "create", {"name": "helpdesk.example"})

    def make_user(login, *groups):
        values = {"name": login.title(), "login": login, "password": login, "email": f"{login}@quill.example"}
        user = admin(
            "res.users",
            "create",
            {**values, "group_ids": [(6, 0, [admin.ref(group) for group in groups])]},
            context={"no_reset_password": True},
        )
        return admin.read("res.users", user, "partner_id")[0]

    zoe, other = (make_user(login, "base.group_portal") for login in ("zoe", "yan"))
    make_user("agent", "helpdesk_lite.group_user", "helpdesk_mgmt.group_helpdesk_user")
    make_user("employee", "base.group_user")
    our_team = admin("helpdesk_lite.team", "create", {"name": "Care", "alias_name": "ours", "privacy_visibility": "public"})
    their_team = admin("helpdesk.ticket.team", "create", {"name": "Repairs", "alias_name": "theirs"})

    def make_tickets(model, team, names):
        return [
            admin(
                model,
                "create",
                {"name": name, "partner_id": partner, "team_id": team, "description": f"<p>{name} is broken.</p>"},
            )
            for name, partner in names.items()
        ]

    return SimpleNamespace(
        server=server,
        admin=admin,
        # of different numbers, so that a counter that is the other one's shows
        ours=make_tickets(OURS, our_team, {"Our lamp": zoe, "Our vase": zoe, "Our secret": other}),
        theirs=make_tickets(THEIRS, their_team, {"Their lamp": zoe, "Their secret": other}),
        zoe=WebClient(server, "zoe"),
        agent=WebClient(server, "agent"),
        employee=WebClient(server, "employee"),
        office=WebClient(server, "admin"),
    )


def get_page(world, path, client=None):
    """Open a page of the portal as a customer, or as a visitor without a login.

    :return: its address without the server, its text, and the links in its breadcrumbs
    """
    with (client.opener if client else urllib.request.build_opener()).open(world.server.url + path) as response:
        page = html.fromstring(response.read())
        crumbs = page.xpath("//ol[contains(@class, 'o_portal_submenu')]//a/@href")
        return response.url.removeprefix(world.server.url), page.text_content(), crumbs


def test_the_portal_has_a_card_and_a_count_for_each(world):
    with world.zoe.opener.open(f"{world.server.url}/my") as response:
        page = response.read().decode()
    assert f'href="{OUR_PORTAL}"' in page
    assert f'href="{THEIR_PORTAL}"' in page
    counts = world.zoe("/my/counters", counters=["helpdesk_lite_ticket_count", "ticket_count"])
    assert counts == {"helpdesk_lite_ticket_count": 2, "ticket_count": 1}


@pytest.mark.parametrize(
    ("path", "there", "not_there"),
    [
        (OUR_PORTAL, ("Our lamp", "Our vase"), ("Their lamp", "Our secret", "Their secret")),
        (THEIR_PORTAL, ("Their lamp",), ("Our lamp", "Our vase", "Our secret", "Their secret")),
    ],
    ids=["ours", "theirs"],
)
def test_each_list_has_its_own_tickets(world, path, there, not_there):
    address, text, _crumbs = get_page(world, path, world.zoe)
    assert address == path
    assert [name for name in there if name not in text] == []
    assert [name for name in not_there if name in text] == []


def test_each_page_is_its_own_with_its_own_breadcrumbs(world):
    address, text, crumbs = get_page(world, f"{OUR_PORTAL}/{world.ours[0]}", world.zoe)
    assert address == f"{OUR_PORTAL}/{world.ours[0]}"
    assert "Our lamp is broken." in text
    assert OUR_PORTAL in crumbs
    assert not [link for link in crumbs if link.startswith(THEIR_PORTAL)]

    address, text, crumbs = get_page(world, f"/my/ticket/{world.theirs[0]}", world.zoe)
    assert address == f"/my/ticket/{world.theirs[0]}"
    assert "Their lamp" in text
    assert [link for link in crumbs if link.startswith(THEIR_PORTAL)]
    assert OUR_PORTAL not in crumbs


def test_nobody_comes_to_a_ticket_of_others_by_either_portal(world):
    paths = [f"{portal}/{world.ours[2]}" for portal in (OUR_PORTAL, THEIR_PORTAL)]
    # the last one is the id of one of our tickets
    paths += [f"/my/ticket/{ticket}" for ticket in (world.theirs[1], world.ours[2])]
    for path in paths:
        for client in (world.zoe, None):
            assert "secret is" not in get_page(world, path, client)[1], path


def test_links_that_were_mailed_open_what_they_opened(world):
    world.admin(OURS, "message_post", world.ours[0], body="Soon.", message_type="comment", subtype_xmlid="mail.mt_comment")
    [[token]] = world.server.query(f"SELECT access_token FROM helpdesk_lite_ticket WHERE id = {world.ours[0]}")
    assert token
    for path in (f"/my/tickets/{world.ours[0]}?", f"/mail/view?model={OURS}&res_id={world.ours[0]}&"):
        address, text, _crumbs = get_page(world, f"{path}access_token={token}")
        assert address.startswith(f"{OUR_PORTAL}/{world.ours[0]}?"), path
        assert "Our lamp is broken." in text
    # as a button in a mail, without a token
    for model, ticket, page in ((OURS, world.ours[0], OUR_PORTAL), (THEIRS, world.theirs[0], "/my/ticket")):
        address, _text, _crumbs = get_page(world, f"/mail/view?model={model}&res_id={ticket}", world.zoe)
        assert address.startswith(f"{page}/{ticket}"), model


def test_customers_answer_to_each(world):
    for model, ticket in ((OURS, world.ours[0]), (THEIRS, world.theirs[0])):
        world.zoe(
            "/mail/message/post",
            thread_model=model,
            thread_id=ticket,
            post_data={"body": "Thanks!", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
        )
        domain = [("model", "=", model), ("res_id", "=", ticket), ("body", "ilike", "Thanks!")]
        assert world.admin("mail.message", "search_count", domain) == 1


def test_mails_come_to_each(world):
    for model, alias in ((OURS, "ours"), (THEIRS, "theirs")):
        mail = EmailMessage()
        mail["From"], mail["To"] = "Vera Visitor <vera@visitor.example>", f"{alias}@helpdesk.example"
        mail["Subject"], mail["Message-ID"] = f"A mail to {alias}", f"<{alias}@visitor.example>"
        mail.set_content("It is dark.")
        world.admin.message_process(mail)
        assert world.admin(model, "search_count", [("name", "=", f"A mail to {alias}")]) == 1


# THE WEB CLIENT


def get_menus(world, client):
    with client.opener.open(f"{world.server.url}/web/webclient/load_menus") as response:
        return json.load(response)


def get_apps(menus):
    """The two apps, by the name of their addon."""
    return {
        menu["xmlid"].split(".")[0]: menu
        for menu in menus.values()
        if menu["id"] == menu["appID"] and menu["xmlid"].split(".")[0] in ("helpdesk_lite", "helpdesk_mgmt")
    }


def test_the_apps_can_be_told_apart(world):
    for client in (world.agent, world.office):
        apps = get_apps(get_menus(world, client))
        assert apps["helpdesk_mgmt"]["name"] == "Helpdesk"
        assert apps["helpdesk_lite"]["name"] == "Helpdesk Lite"
        assert apps["helpdesk_lite"]["webIconData"] != apps["helpdesk_mgmt"]["webIconData"]
    apps = get_apps(get_menus(world, world.employee))
    assert [app["name"] for app in apps.values()] == ["Helpdesk"], "who sees only ours has nothing to tell apart"


@pytest.mark.parametrize("addon", ["helpdesk_lite", "helpdesk_mgmt"])
def test_every_menu_opens_its_own_screen(world, addon):
    menus = get_menus(world, world.office)
    app = get_apps(menus)[addon]
    ids = {menu["actionID"] for menu in menus.values() if menu["appID"] == app["id"] and menu["actionID"]}
    actions = [world.office("/web/action/load", action_id=action) for action in ids]
    windows = [action for action in actions if action["type"] == "ir.actions.act_window"]
    assert len(windows) >= 7
    for action in windows:
        if action["path"]:
            again = world.office("/web/action/load", action_id=action["path"])
            assert again["id"] == action["id"], action["path"]
            # our addons for other apps add screens to the menu
            assert again["xml_id"].startswith(addon), action["path"]
        views = world.office(
            "/web/dataset/call_kw",
            model=action["res_model"],
            method="get_views",
            args=[[(False, kind) for kind in action["view_mode"].split(",")]],
            kwargs={},
        )["views"]
        assert all(view["arch"] for view in views.values()), action["name"]
        world.office(
            "/web/dataset/call_kw",
            model=action["res_model"],
            method="web_search_read",
            args=[[], {"display_name": {}}],
            kwargs={"limit": 5},
        )


def test_paths_from_before_are_ours_where_they_are_free(world):
    models = {
        "helpdesk": "helpdesk_lite.team",
        "helpdesk-my-tickets": OURS,
        "helpdesk-lite-tickets": OURS,
        # theirs
        "helpdesk-tickets": THEIRS,
        "helpdesk-teams": "helpdesk.ticket.team",
    }
    assert {path: world.office("/web/action/load", action_id=path)["res_model"] for path in models} == models
