"""Replies reach the customer from every composer, with what happens to the ticket, as the mail server and the browser see it.

The agent has the role and nothing else; what is sent is what the web client sends.
"""

import pytest
from browser import settle
from mail_world import (
    AGENT,
    DOMAIN,
    MODES,
    TICKET,
    agent_answers,
    answer,
    html_of,
    mail,
    nothing_else_is_sent_to,
    numbers,
    receive,
    suggested,
    text_of,
)
from playwright.sync_api import expect
from rpc import Site

from devtools.server import free_port

REPLY = "helpdesk_lite.reply"
COMPOSER = "mail.compose.message"
BODY = "<p>Hello {{customer.first_name|there}},</p><p>a <b>new shade</b> for {{ticket.number}} is on its way.</p>"


@pytest.fixture
def world(mail_world):
    return mail_world


@pytest.fixture
def page(mail_world, browser):
    page = browser.page(Site(mail_world.server.url, mail_world.server.database), "agent")
    yield page
    page.context.close()


def make_reply(world, **values):
    """A shared reply whose shortcut no other test uses: its id and the shortcut."""
    shortcut = f"r{next(numbers)}"
    values = {"name": f"Reply {shortcut}", "shortcut": shortcut, "user_id": False, "body": BODY, **values}
    return world.admin(REPLY, "create", values), shortcut


def ask(web, model, method, *args, **kwargs):
    return web("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)


def about(world, address, text):
    """The mails with a text that an address has got, when all that waits has been sent."""
    ask(world.office, "mail.mail", "process_email_queue")
    return [message for message in world.sink.to(address) if text in html_of(message)]


# EVERY WAY OF ANSWERING


def by_short_composer(world, ticket, text):
    agent_answers(world, ticket, text)


def by_reply(world, ticket, text):
    reply, _shortcut = make_reply(world, body=f"<p>{text}</p>")
    prepared = ask(world.web, REPLY, "get_prepared", [reply], ticket)
    agent_answers(world, ticket, prepared["body"])


def compose(world, ticket, text, **values):
    """A full composer as the short one opens it."""
    emails = [recipient["email"] for recipient in suggested(world.web, ticket)]
    partners = world.web("/mail/partner/from_email", thread_model=TICKET, thread_id=ticket, emails=emails)
    values = {
        "model": TICKET,
        "res_ids": str([ticket]),
        "composition_mode": "comment",
        "body": f"<p>{text}</p>",
        "partner_ids": [(6, 0, [partner["id"] for partner in partners])],
        **values,
    }
    subtype = world.admin.ref("mail.mt_comment")
    return ask(world.web, COMPOSER, "create", {**values, "subtype_id": subtype})


def by_full_composer(world, ticket, text):
    ask(world.web, COMPOSER, "action_send_mail", [compose(world, ticket, text)])


def by_scheduled_message(world, ticket, text):
    composer = compose(world, ticket, text, scheduled_date="2041-01-01 00:00:00")
    ask(world.web, COMPOSER, "action_schedule_message", [composer])
    waiting = [("model", "=", TICKET), ("res_id", "=", ticket)]
    scheduled = ask(world.web, "mail.scheduled.message", "search", waiting)
    ask(world.web, "mail.scheduled.message", "post_message", scheduled)


def by_reply_to_selected(world, ticket, text):
    bulk = ask(world.web, TICKET, "action_reply_to_selected", [ticket])["res_id"]
    ask(world.web, "helpdesk_lite.bulk.reply", "write", [bulk], {"body": f"<p>{text}</p>"})
    ask(world.web, "helpdesk_lite.bulk.reply", "action_send", [bulk])


def by_mail_client(world, ticket, text):
    """The agent follows the ticket, gets what the customer writes, and answers that mail."""
    agent = world.admin("res.users", "search_read", [("login", "=", "agent")], ["partner_id"])[0]["partner_id"][0]
    world.admin(TICKET, "message_subscribe", [ticket], [agent])
    address, asked = world.admin.read(TICKET, ticket, "partner_email"), f"Is it number {next(numbers)}?"
    world.admin.message_process(answer(address, world.sink.wait_for(address)[0], asked))
    told = next(message for message in reversed(world.sink.wait_for(AGENT)) if asked in text_of(message))
    world.admin.message_process(answer(AGENT, told, text, name="Ada Agent"))


WAYS = (by_short_composer, by_reply, by_full_composer, by_scheduled_message, by_reply_to_selected, by_mail_client)
# Reply to Selected is to the customer, and a mail client to whom its author writes
TO_COPIES = (by_short_composer, by_reply, by_full_composer, by_scheduled_message)
KINDS = ("contact", "no contact", "copy", "employee")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_reaches_the_customer(world, customer, way, kind):
    for mode in MODES:
        address, boss = f"{mode}.{customer}", f"boss.{mode}.{customer}"
        if kind == "contact":
            world.admin("res.partner", "create", {"name": "Zoe Known", "email": address})
        if kind == "employee":
            groups = [(6, 0, [world.admin.ref("base.group_user")])]
            values = {"name": "Otto Office", "login": address, "email": address, "group_ids": groups}
            world.admin("res.users", "create", values, context={"no_reset_password": True})
        ticket = receive(world, mail(address, to=f"{mode}@{DOMAIN}", **({"Cc": boss} if kind == "copy" else {})))
        text = f"Shade number {next(numbers)} is on its way."
        way(world, ticket, text)
        assert len(about(world, address, text)) == 1, (mode, "the customer")
        assert len(about(world, boss, text)) == (kind == "copy" and way in TO_COPIES), (mode, "who is in copy")
        stranger = f"stranger.{customer}"
        assert not about(world, stranger, text)


# IN THE BROWSER


def open_ticket(page, ticket):
    """A ticket's form with the short composer open."""
    page.goto(f"/odoo/{TICKET}/{ticket}")
    page.locator(".o-mail-Thread .o-mail-Message").first.wait_for()
    settle(page)
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator(".o-mail-Composer-input").wait_for()
    page.locator(".o-mail-RecipientsInput .o_tag").first.wait_for()


def pick(page, shortcut):
    page.locator(".o-mail-Composer-input").press_sequentially(f"::{shortcut}")
    page.locator(".o-mail-Composer-suggestion", has_text=f"Reply {shortcut}").click()
    page.locator(".o-mail-Composer-html").wait_for()


def test_typed_after_colons_in_the_short_composer(world, customer, page):
    reply, shortcut = make_reply(world, stage_action="solve")
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    open_ticket(page, ticket)
    pick(page, shortcut)
    editor = page.locator(".o-mail-Composer-html")
    expect(editor.locator("b, strong")).to_have_text("new shade")
    expect(editor).not_to_contain_text("::")
    expect(page.locator(".o_staged_parts")).to_contain_text("Stage: Solved")
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Thread")).to_contain_text("new shade")
    sent = about(world, customer, "new shade")
    assert len(sent) == 1
    number = world.admin.read(TICKET, ticket, "number")
    assert "Hello Zoe," in text_of(sent[0])
    assert f"for {number} is on its way" in html_of(sent[0])
    assert "new shade</" in html_of(sent[0]), "the mail keeps the format"
    assert world.admin.read(TICKET, ticket, "is_closed")
    assert world.admin.read(REPLY, reply, "use_count") == 1
    nothing_else_is_sent_to(world, f"other.{customer}")


def test_a_refused_reply_stays_with_its_parts_and_its_format(world, customer, page):
    team = world.admin(
        "helpdesk_lite.team", "create", {"name": "Picky", "alias_name": f"picky{next(numbers)}", "privacy_visibility": "public"}
    )
    stages = [
        world.admin("helpdesk_lite.stage", "create", {"name": name, "team_ids": [(6, 0, [team])], **values})
        for name, values in (("Begun", {}), ("Done Here", {"fold": True, "require_tags": True}))
    ]
    world.admin("helpdesk_lite.team", "write", [team], {"stage_ids": [(6, 0, stages)]})
    needy = stages[1]
    _reply, shortcut = make_reply(world, stage_action="stage", stage_id=needy, team_ids=[(6, 0, [team])])
    # the first stage of this team has no mail
    ticket = receive(world, mail(customer, to=world.admin.read("helpdesk_lite.team", team, "alias_email")))
    open_ticket(page, ticket)
    pick(page, shortcut)
    # it is told before
    expect(page.locator(".o_staged_part.text-bg-danger")).to_have_attribute("title", "The stage “Done Here” needs tags.")
    page.locator(".o-mail-Composer .o_send_and").click()
    page.locator(".o_send_and_solve").click()
    page.locator(".modal", has_text="Your message has not been sent yet").wait_for()
    page.locator(".modal .btn-close, .modal footer .btn-secondary").first.click()
    expect(page.locator(".o-mail-Composer-html")).to_contain_text("new shade")
    expect(page.locator(".o_staged_part")).to_have_count(1)
    assert not about(world, customer, "new shade"), "nothing was sent"
    # left out, it can be sent
    page.locator(".o_remove_part").click()
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Thread")).to_contain_text("new shade")
    assert len(about(world, customer, "new shade")) == 1


def test_names_of_customers_are_inert(world, customer, page):
    hostile = "<img src=x onerror=alert(1)>{{agent.name}}"
    _reply, shortcut = make_reply(world, body="<p>Dear {{customer.name}} of {{ticket.name}}!</p>")
    ticket = receive(world, mail(customer, subject="<svg onload=alert(2)>"))
    world.agent(TICKET, "write", [ticket], {"partner_name": hostile})
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    open_ticket(page, ticket)
    pick(page, shortcut)
    expect(page.locator(".o-mail-Composer-html")).to_contain_text(hostile)
    assert not page.locator(".o-mail-Composer-html img, .o-mail-Composer-html svg").count()
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Thread")).to_contain_text(hostile)
    sent = about(world, customer, "onerror=alert(1)")
    assert len(sent) == 1
    assert "<img src=x" not in html_of(sent[0])
    assert "<svg" not in html_of(sent[0])
    assert not dialogs


def test_from_the_full_composer(world, customer, page):
    _reply, shortcut = make_reply(world, priority="2")
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    open_ticket(page, ticket)
    page.get_by_title("Open Full Composer").click()
    page.locator(".o_full_replies").click()
    page.locator(".o_reply_search").fill(shortcut)
    page.locator(".o_reply_option.active", has_text=f"Reply {shortcut}").wait_for()
    page.locator(".o_reply_insert").click()
    expect(page.locator(".o_mail_composer_form_view .odoo-editor-editable")).to_contain_text("new shade")
    page.locator(".modal .o_send_and").click()
    page.locator(".o_send_and_solve").click()
    expect(page.locator(".o-mail-Thread")).to_contain_text("new shade")
    assert len(about(world, customer, "new shade")) == 1
    assert world.admin.read(TICKET, ticket, "is_closed", "priority") == {"id": ticket, "is_closed": True, "priority": "2"}


def test_a_mail_server_that_is_down(world, customer):
    """The answer is marked in the conversation, and goes out by itself when the server is back."""
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    down = world.admin(
        "ir.mail_server", "create", {"name": "Down", "smtp_host": "127.0.0.1", "smtp_port": free_port(), "sequence": 0}
    )
    try:
        agent_answers(world, ticket, "Sent while it was down.")
        message = world.admin("mail.message", "search", [("body", "ilike", "while it was down"), ("res_id", "=", ticket)])
        notices = world.admin("mail.notification", "search_read", [("mail_message_id", "in", message)], ["notification_status"])
        assert {notice["notification_status"] for notice in notices} == {"exception"}, "the conversation shows it"
        waiting = world.admin("mail.mail", "search_read", [("mail_message_id", "in", message)], ["state"])
        assert [row["state"] for row in waiting] == ["outgoing"]
    finally:
        world.admin("ir.mail_server", "unlink", [down])
    assert len(about(world, customer, "while it was down")) == 1
    notices = world.admin("mail.notification", "search_read", [("mail_message_id", "in", message)], ["notification_status"])
    assert {notice["notification_status"] for notice in notices} == {"sent"}
