"""The pictures of the README, taken from a running ``./dev run`` with demo data: ``./dev screenshots``.

From ``./dev run --lang es``, only the main pictures are taken, for README.es.rst.
"""

import sys
from pathlib import Path

from browser import PHONE, launched, settle
from playwright.sync_api import Error
from rpc import Rpc, Site

FOLDER = Path(__file__).resolve().parent.parent / "docs/screenshots"
WIDE, LOW, TALL = (1400, 800), (1080, 500), (1400, 1140)
TINS = ("Bread tins missing from the order", "Bread tins from our order are missing")
LAMP, DESKS = "Lamp arrived with a broken shade", "Quote for 40 school desks"
PARCEL, COLLEAGUE = "Where is my parcel?", "Account for a new colleague"
RATED = "Wrong size delivered"
# a mail that the loop guard of Odoo drops; here it is parked
KETTLE = """\
From: Martha Ohm <martha.ohm@quill.example>
To: {alias}
Subject: Our kettle whistles all day
Date: Mon, 02 Mar 2026 10:00:00 +0000
Message-ID: <kettle@quill.example>
References: <kettle-loop-detection-bounce-email@quill.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Good morning,</p><p>the kettle of our order S00042 whistles, even when it is cold. Is that covered by the warranty?</p>
<p>Martha Ohm</p><img src="https://quill.example/seen.gif">
"""

# what another helpdesk exported
EXPORT = """Id,Subject,Description,Requester,Requester email,Group,Status,Priority,Created at,Solved at
35001,My lamp flickers,"Hello,
the lamp flickers.",Zoe Quill,zoe@quill.example,Customer Care,Open,Normal,2024-02-13 09:15,
35002,Two chairs are missing,Six were ordered.,Liam Brandt,liam@brandt.example,Customer Care,Pending,High,2024-02-13 10:40,
35003,Invoice paid twice,,Bakery,info@bakery.example,Customer Care,Closed,Urgent,2024-02-14 08:05,2024-02-15 16:30
"""


# why a ticket is closed; Odoo translates no data that somebody entered
REASONS = {
    "en_US": ("Solved", "No answer from the customer", "Duplicate"),
    "es_ES": ("Resuelto", "Sin respuesta del cliente", "Duplicado"),
}
# of the customer, of a colleague, and the answer that crosses them
CROSSING = {
    "en": (
        "Please make it 42 desks, two more classes have joined us.",
        "Our price for 40 desks is valid until the end of the month.",
        "Here is our quote for 40 desks.",
    ),
    "es": (
        "Que sean 42 pupitres, por favor: se han sumado dos clases.",
        "Nuestro precio para 40 pupitres vale hasta final de mes.",
        "Aquí tiene nuestro presupuesto para 40 pupitres.",
    ),
}


def test_import(page):
    """Load a file into the import screen and press *Test*."""
    page.locator(".o_import_file").first.wait_for()
    settle(page)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "zendesk.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()}
    )
    page.locator(".o_import_data_content tbody tr").first.wait_for()
    settle(page)
    page.locator(".o_control_panel button.btn-primary").first.click()


def hide_checklist(page):
    """Show the teams only."""
    page.locator(".o_kanban_record").first.wait_for()
    settle(page)
    for button in page.locator("button[name=hide_setup]").all():
        button.click()


def close_ticket(page):
    """Press *Solve*."""
    page.locator(".o_form_view button[name=action_close]:visible").first.click()


def answer_at_once(page):
    """Send an answer that crosses one of a colleague, and another message of the customer."""
    lang = page.evaluate("luxon.Settings.defaultLocale").split("-")[0]
    asked, answered, yours = CROSSING.get(lang, CROSSING["en"])
    page.locator(".o-mail-Chatter-sendMessage:enabled").first.click()
    page.locator(".o-mail-Composer-input").first.fill(yours)
    page.evaluate(
        """async ([asked, answered]) => {
            const id = Number(document.location.pathname.match(/\\/(\\d+)$/)[1]);
            const { orm } = odoo.__WOWL_DEBUG__.root.env.services;
            const [ticket] = await orm.read("helpdesk_lite.ticket", [id], ["partner_id"]);
            const [colleague] = await orm.searchRead("res.users", [["login", "=", "admin"]], ["partner_id"]);
            const told = { message_type: "comment", subtype_xmlid: "mail.mt_comment" };
            for (const [body, author] of [[asked, ticket.partner_id], [answered, colleague.partner_id]]) {
                await orm.call("helpdesk_lite.ticket", "message_post", [[id]], { ...told, body, author_id: author[0] });
            }
        }""",
        [asked, answered],
    )
    page.locator(".o-mail-Composer-send:enabled").first.click()


def search_replies(page):
    """Open the replies of a ticket, and look at the third one."""
    page.locator(".o-mail-Chatter-sendMessage:enabled").first.click()
    page.locator(".o-mail-Composer-input").first.wait_for()
    settle(page)
    page.keyboard.press("Alt+Shift+R")
    page.locator(".o_reply_option").nth(2).click()


def split_off(page):
    """Open the dialog in which messages are chosen."""
    page.evaluate(
        """async () => {
            const id = Number(document.location.pathname.match(/\\/(\\d+)$/)[1]);
            const { orm, action } = odoo.__WOWL_DEBUG__.root.env.services;
            action.doAction(await orm.call("helpdesk_lite.ticket", "action_split", [[id]]));
        }"""
    )


def turn_on_closing(page):
    """Tick *Automatic Closing*, without saving it."""
    page.locator(".o_field_widget[name=auto_close] input").click()
    settle(page)
    page.locator(".o_field_widget[name=auto_close_template_id]").scroll_into_view_if_needed()


# name, login, size, page, what to click first, what to wait for
SHOTS = [
    ("set-up", "admin", LOW, "/odoo/helpdesk-lite", None, "button[name=hide_setup]"),
    ("dashboard", "admin", LOW, "/odoo/helpdesk-lite", hide_checklist, ".o_kanban_record canvas"),
    (
        "kanban",
        "agent",
        WIDE,
        "/odoo/helpdesk-lite",
        ".o_kanban_record:not(.o_kanban_ghost) button",
        ".o_kanban_group .o_kanban_record img",
    ),
    ("form", "agent", WIDE, "/odoo/helpdesk-lite-tickets/{lamp}", None, ".o-mail-Chatter .o-mail-Message"),
    ("close-dialog", "agent", LOW, "/odoo/helpdesk-lite-tickets/{lamp}", close_ticket, ".modal [name=close_reason_id] input"),
    (
        "automatic-closing",
        "admin",
        WIDE,
        "/odoo/helpdesk-lite-teams/{team_id}",
        turn_on_closing,
        ".o_form_view [name=auto_close_template_id] input",
    ),
    (
        "workload",
        "admin",
        LOW,
        "/odoo/helpdesk-lite-teams/{team_id}",
        "button[name=action_open_workload]",
        ".o_graph_view canvas",
    ),
    ("figures", "admin", TALL, "/odoo/helpdesk-lite-figures", None, ".o_helpdesk_lite_overview canvas"),
    (
        "who-can-see-this",
        "agent",
        WIDE,
        "/odoo/helpdesk-lite-tickets/{lamp}",
        "button[name=action_show_access]",
        ".modal .o_data_row",
    ),
    (
        "convert",
        "agent",
        WIDE,
        "/odoo/helpdesk-lite-tickets/{desks}",
        "button[name=action_open_convert]",
        ".modal [name=sales_team_id] input",
    ),
    ("merge", "agent", WIDE, "/odoo/helpdesk-lite-duplicates/{group}", None, ".o_form_view .o_data_row"),
    ("join", "agent", WIDE, "/odoo/helpdesk-lite-duplicates/{others}", None, ".o_form_view .o_data_row"),
    (
        "duplicates",
        "agent",
        WIDE,
        "/odoo/helpdesk-lite-tickets/{tins}",
        ".o_possible_duplicates button",
        ".o_possible_duplicates li",
    ),
    ("incoming-mail", "admin", WIDE, "/odoo/helpdesk-lite-incoming-mail/{mail}", None, ".o_form_view [name=preview] p"),
    (
        "import",
        "admin",
        WIDE,
        "/odoo/import?active_model=helpdesk_lite.ticket",
        test_import,
        ".o_import_data_content p.alert-info",
    ),
    (
        "sla-policy",
        "admin",
        WIDE,
        "/odoo/helpdesk-lite-sla-policies/{policy}",
        None,
        ".o_form_view [name=target_ids] .o_data_row",
    ),
    ("why-this-deadline", "agent", WIDE, "/odoo/helpdesk-lite-tickets/{lamp}", "button.o_helpdesk_lite_sla", ".modal table"),
    (
        "two-at-once",
        "agent",
        WIDE,
        "/odoo/helpdesk-lite-tickets/{desks}",
        answer_at_once,
        ".o_helpdesk_lite_crossing .o_helpdesk_lite_arrived",
    ),
    ("replies", "agent", WIDE, "/odoo/helpdesk-lite-tickets/{parcel}", search_replies, ".o_reply_option.active"),
    ("related", "agent", WIDE, "/odoo/helpdesk-lite-tickets/{colleague}", None, ".o_helpdesk_lite_answer_parts"),
    ("split", "agent", WIDE, "/odoo/helpdesk-lite-tickets/{lamp}", split_off, ".modal .o_data_row"),
    ("portal", "customer", WIDE, "/my/helpdesk-tickets/{lamp}", None, ".o-mail-Message"),
    ("portal-list", "customer", LOW, "/my/helpdesk-tickets", None, "table"),
    ("portal-phone", "customer", PHONE, "/my/helpdesk-tickets/{lamp}", None, ".o-mail-Message"),
    ("rating", "customer", (1080, 680), "/my/helpdesk-tickets/{rated}/rate?rate=5", None, ".o_helpdesk_lite_rating_form"),
    ("rating-phone", "customer", PHONE, "/my/helpdesk-tickets/{rated}/rate?rate=5", None, ".o_helpdesk_lite_rating_form"),
    ("ratings", "admin", (1366, 500), "/odoo/helpdesk-lite-ratings", None, ".o_list_view .o_data_row"),
    ("public-form", None, WIDE, "/helpdesk/{team}", None, "form input[type=email]"),
    ("public-form-phone", None, PHONE, "/helpdesk/{team}", None, "form input[type=email]"),
]
# the addon whose page in the list of apps shows the picture as well
SHOWN_BY = {
    "dashboard": "helpdesk_lite",
    "form": "helpdesk_lite",
    "portal": "helpdesk_lite",
    "public-form": "helpdesk_lite",
    "convert": "helpdesk_lite_crm",
    "merge": "helpdesk_lite_data_cleaning",
}
# the pictures for READMEs in other languages
TRANSLATED = (
    "set-up",
    "dashboard",
    "kanban",
    "form",
    "close-dialog",
    "automatic-closing",
    "two-at-once",
    "replies",
    "related",
    "split",
    "import",
    "incoming-mail",
    "merge",
    "join",
    "sla-policy",
    "why-this-deadline",
    "figures",
    "portal",
    "rating",
    "rating-phone",
    "ratings",
    "public-form",
)


def make_reasons(site, lang):
    """Make close reasons, unless there are any."""
    if not site.model("admin", "helpdesk_lite.close.reason", "search", []):
        site.model("admin", "helpdesk_lite.close.reason", "create", [{"name": name} for name in REASONS[lang]])


def ask_for_reason(site, is_asked):
    """Set whether the stage *Solved* asks for a close reason, which is then in the way of replies that solve a ticket."""
    (solved,) = site.model(
        "admin", "ir.model.data", "search_read", [("module", "=", "helpdesk_lite"), ("name", "=", "stage_solved")], ["res_id"]
    )
    site.model("admin", "helpdesk_lite.stage", "write", [solved["res_id"]], {"require_close_reason": is_asked})


def names(site):
    """Find the ids and slugs for the URLs of the pages."""

    def find(model, domain):
        found = site.model("admin", model, "search", domain)
        return found[0] if found else sys.exit(f"screenshots: no {model} {domain}: is the demo data there?")

    team = find("helpdesk_lite.team", [("name", "=", "Customer Care")])
    tickets = {
        name: find("helpdesk_lite.ticket", [("name", "=", subject)])
        for name, subject in (("lamp", LAMP), ("desks", DESKS), ("parcel", PARCEL), ("colleague", COLLEAGUE))
    }
    rated = find("helpdesk_lite.ticket", [("name", "=", RATED)])
    (alias,) = site.model("admin", "helpdesk_lite.team", "read", [team], ["alias_email"])
    known = site.model("admin", "helpdesk_lite.mail", "search", [("message_id", "=", "<kettle@quill.example>")])
    if not known:
        Rpc(site).message_process(KETTLE.format(alias=alias["alias_email"]).encode())
    mail = find("helpdesk_lite.mail", [("message_id", "=", "<kettle@quill.example>"), ("state", "=", "parked")])
    tins = [find("helpdesk_lite.ticket", [("name", "=", subject)]) for subject in TINS]
    group, others = (
        site.model("admin", "helpdesk_lite.ticket", "action_merge", chosen)["res_id"]
        for chosen in (tins, [tickets["lamp"], tickets["desks"]])
    )
    policy = find("helpdesk_lite.sla", [("name", "=", "Standard")])
    places = {"mail": mail, "policy": policy, "rated": rated, "team": f"customer-care-{team}", "team_id": team}
    return {**tickets, **places, "group": group, "others": others, "tins": tins[0]}


def take(page, address, click, wanted):
    """Take a picture of a page as PNG.

    :param click: a selector to click first, or a function of the page that does more
    """
    page.goto(address)
    if callable(click):
        settle(page)
        click(page)
    elif click:
        page.locator(click).first.wait_for()
        settle(page)
        page.locator(click).first.click()
    page.locator(wanted).first.wait_for()
    settle(page)
    taken = None
    # drawing a chart does not change the tree of the page
    while taken != (taken := page.screenshot(animations="disabled")):
        pass
    return taken


def main(program, url, database, wanted):
    site = Site(url, database)
    found = names(site)
    (admin,) = site.model("admin", "res.users", "search_read", [("login", "=", "admin")], ["lang"])
    make_reasons(site, admin["lang"])
    folder = FOLDER
    if not admin["lang"].startswith("en"):
        folder, wanted = FOLDER / admin["lang"], wanted or TRANSLATED
    folder.mkdir(parents=True, exist_ok=True)
    with launched(program) as browser:
        for name, login, size, address, click, selector in SHOTS:
            if wanted and name not in wanted:
                continue
            ask_for_reason(site, name == "close-dialog")
            page = browser.page(site, login, admin["lang"].replace("_", "-"), size)
            picture = take(page, address.format(**found), click, selector)
            page.context.close()
            path = folder / f"{name}.png"
            path.write_bytes(picture)
            if folder == FOLDER and name in SHOWN_BY:
                (FOLDER.parent.parent / SHOWN_BY[name] / "static/description" / path.name).write_bytes(picture)
            print(f"{path.relative_to(FOLDER.parent.parent)}  {len(picture) // 1024} KB", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
    except (Error, AssertionError) as error:
        sys.exit(f"screenshots: {error}")
