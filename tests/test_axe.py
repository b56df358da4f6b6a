"""What axe-core says of our screens and dialogs: nothing serious or critical.

Looked at is what our addons draw. What Odoo draws around it, and in the same way everywhere, is left out by :data:`OF_ODOO`.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from browser import settle
from mail_world import TICKET
from playwright.sync_api import expect
from rpc import Site

SERIOUS = ("serious", "critical")
# Elements of Odoo on our screens that our addons cannot change without changing them everywhere in Odoo. Contacts, users and
# opportunities have the same findings in those of which nothing else is said.
OF_ODOO = (
    # lists: the button of the optional columns has no name (button-name)
    ".o_optional_columns_dropdown",
    # lists: the checkboxes of the rows have no label (label)
    ".o_list_record_selector",
    # faces without a text, beside the name or instead of it (image-alt)
    ".o-mail-Avatar",
    # the clock of the activities (role-img-alt)
    ".o_field_kanban_activity",
    # fields in which records are chosen (aria-allowed-attr)
    ".o-autocomplete--input",
    # and other values: web/static/src/core/select_menu (aria-allowed-attr, autocomplete-valid)
    ".o_select_menu",
    # the tabs of a form (aria-required-parent)
    ".o_notebook_headers",
    # the buttons above messages (role-img-alt)
    ".o-mail-Chatter-topbar",
    # the face beside a message: mail/static/src/core/common/message.xml (aria-prohibited-attr, image-alt)
    ".o-mail-Message-sidebar",
    # the conversation on the portal: portal/static/src/chatter (color-contrast, image-alt)
    "#chatterRoot",
    # search and sorting of the portal: portal/views/portal_templates.xml (button-name)
    ".o_portal_search_panel",
)
RUN = """async ([context, serious]) => {
    const { violations } = await axe.run(context, { resultTypes: ["violations"] });
    return violations
        .filter((found) => serious.includes(found.impact))
        .flatMap((found) =>
            found.nodes.map((node) => {
                const [contrast] = node.any.filter((check) => check.data?.fgColor).map((check) => check.data);
                const colors = contrast ? ` ${contrast.fgColor} on ${contrast.bgColor}: ${contrast.contrastRatio}` : "";
                return `${found.id}${colors}: ${node.target.join(" ")}\\n    ${node.html.slice(0, 200)}`;
            })
        );
}"""


def look(page, *inside):
    """What axe-core finds to be serious.

    :param inside: selectors of what is looked at, by default the whole page
    :return: list of str, sorted
    """
    settle(page)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    context = {"include": [[selector] for selector in inside or ("body",)], "exclude": [[selector] for selector in OF_ODOO]}
    return sorted(page.evaluate(RUN, [context, SERIOUS]))


@pytest.fixture(scope="module")
def desk(mail_world):
    """Tickets in every state that is shown in its own way: ids by name."""
    admin = mail_world.admin
    address = "zoe@axe.example"
    login = {"name": "Zoe Quill", "login": address, "password": address, "email": address}
    portal = [(6, 0, [admin.ref("base.group_portal")])]
    user = admin("res.users", "create", {**login, "group_ids": portal}, context={"no_reset_password": True})
    partner = admin.read("res.users", user, "partner_id")[0]
    reason = admin("helpdesk_lite.close.reason", "create", {"name": "Mended"})
    agent = admin("res.users", "search", [("login", "=", "agent")])[0]
    opened, waiting, closed = (
        admin("helpdesk_lite.stage", "create", {"name": name, "sequence": position, **more})
        for position, (name, more) in enumerate(
            (("Open", {}), ("Waiting", {"is_waiting": True}), ("Closed", {"fold": True, "require_close_reason": True}))
        )
    )
    team = {
        "name": "Carpenters",
        "privacy_visibility": "public",
        "member_ids": [(6, 0, [agent])],
        "stage_ids": [(6, 0, [opened, waiting, closed])],
        "use_website_form": True,
        "use_rating": True,
    }
    team = admin("helpdesk_lite.team", "create", team)
    made = {
        name: admin(TICKET, "create", {"name": f"My {name}", "team_id": team, "partner_id": partner, **more})
        for name, more in (
            ("lamp", {"priority": "3", "user_id": agent}),
            ("chair", {"stage_id": closed, "close_reason_id": reason}),
            ("desk", {"stage_id": waiting}),
            ("shelf", {}),
            ("table", {}),
        )
    }
    admin(TICKET, "message_subscribe", list(made.values()), [partner])
    told = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    admin(TICKET, "message_post", made["shelf"], body="We look into it.", **told)
    mail_world.agent(TICKET, "message_post", made["lamp"], body="The customer was called.")
    admin(TICKET, "message_post", made["lamp"], body="And the chair is late.", author_id=partner, **told)
    admin("helpdesk_lite.relation", "create", {"ticket_id": made["lamp"], "kind": "part", "other_id": made["table"]})
    admin(
        "helpdesk_lite.reply",
        "create",
        {"name": "We Look", "shortcut": "axe", "user_id": False, "body": "<p>We look.</p>", "stage_action": "wait"},
    )
    return {**made, "address": address, "team": team}


@pytest.fixture(scope="module")
def open_page(mail_world, browser):
    """A function that opens a page; those of one person share what was loaded."""
    pages = {}
    site = Site(mail_world.server.url, mail_world.server.database)

    def goto(path, login, wanted):
        if login not in pages:
            pages[login] = browser.page(site, login)
        pages[login].goto(path)
        pages[login].locator(wanted).first.wait_for()
        return pages[login]

    yield goto
    for page in pages.values():
        page.context.close()


def test_what_visitors_and_customers_see(desk, open_page):
    found = {
        path: look(open_page(path, login, wanted), "main")
        for path, login, wanted in (
            (f"/helpdesk/carpenters-{desk['team']}", None, "form input[type=email]"),
            ("/my/helpdesk-tickets", desk["address"], "table"),
            (f"/my/helpdesk-tickets/{desk['lamp']}", desk["address"], ".o-mail-Message"),
            (f"/my/helpdesk-tickets/{desk['chair']}/rate?rate=5", desk["address"], ".o_helpdesk_lite_rating_form"),
        )
    }
    assert not any(found.values()), tell(found)


def test_the_screens_of_agents(desk, open_page):
    found = {}
    for path, login, wanted in (
        ("/odoo/helpdesk-lite", "admin", ".o_kanban_record canvas"),
        ("/odoo/helpdesk-lite-figures", "admin", ".o_helpdesk_lite_overview canvas"),
        ("/odoo/helpdesk-lite-tickets?view_type=list", "agent", ".o_data_row"),
        ("/odoo/helpdesk-lite-tickets?view_type=kanban", "agent", ".o_kanban_record main"),
        (f"/odoo/helpdesk-lite-tickets/{desk['lamp']}", "agent", ".o-mail-Message"),
    ):
        page = open_page(path, login, wanted)
        if "list" in path:
            page.locator(".o_searchview_facet .o_facet_remove").first.click()
        found[path] = look(page, ".o_content")
    assert not any(found.values()), tell(found)


def test_dialogs(mail_world, desk, open_page):
    page = open_page(f"/odoo/helpdesk-lite-tickets/{desk['lamp']}", "agent", ".o-mail-Chatter-sendMessage:enabled")
    act = """([method, id]) => {
        const { orm, action } = odoo.__WOWL_DEBUG__.root.env.services;
        return orm
            .call("helpdesk_lite.ticket", method, [[id]])
            .then((found) => action.doAction({ views: [[false, "form"]], ...found }))
            .then(() => true);
    }"""
    page.locator(".o_form_view button[name=action_close]:visible").first.click()
    found = {"close reason": look_at_dialog(page)}
    for method in ("action_snooze", "action_split", "action_relate", "action_show_access", "action_reply_to_selected"):
        page.evaluate(act, [method, desk["lamp"]])
        found[method] = look_at_dialog(page)
    page.locator(".o-mail-Chatter-sendMessage").click()
    settle(page)
    page.keyboard.press("Alt+Shift+r")
    found["replies"] = look_at_dialog(page)
    page.locator(".o-mail-Composer-input").fill("Here is yours.")
    # what comes by itself would have been seen
    page.route("**/mail/thread/messages", lambda route: route.abort())
    told = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    mail_world.admin(TICKET, "message_post", desk["lamp"], body="Wait, I do it.", **told)
    page.locator(".o-mail-Composer-send").click()
    found["crossing"] = look_at_dialog(page, ".o_helpdesk_lite_crossing")
    page.unroute("**/mail/thread/messages")
    page = open_page(f"/odoo/helpdesk-lite-tickets/{desk['lamp']}", "agent", ".o-mail-Chatter-sendMessage:enabled")
    settle(page)
    page.keyboard.press("?")
    found["keys"] = look_at_dialog(page)
    page.evaluate(act.replace("[[id]]", "[id]"), ["action_merge", [desk["lamp"], desk["shelf"]]])
    page.locator(".o_form_view [name=record_ids] .o_data_row").first.wait_for()
    found["merge"] = look(page, ".o_content")
    assert not any(found.values()), tell(found)


def look_at_dialog(page, wanted=".modal"):
    """Look at the open dialog and close it."""
    page.locator(wanted).wait_for()
    found = look(page, ".o_dialog")
    page.keyboard.press("Escape")
    expect(page.locator(".modal")).to_have_count(0)
    return found


def tell(found):
    return "\n".join(f"{screen}\n  {line}" for screen, lines in found.items() for line in lines)
