"""Every answer reaches its reader, for all channels, customers and visibilities, and nobody else gets it.

Agent and employee have only their roles. The tests check the mails that the mail server received.
"""

import pytest
from browser import settle
from mail_world import (
    AGENT,
    DOMAIN,
    EMPLOYEE,
    MODES,
    TICKET,
    agent_answers,
    answer,
    answered,
    mail,
    nothing_else_is_sent_to,
    receive,
    suggested,
    text_of,
)
from playwright.sync_api import expect
from rpc import Site


@pytest.fixture
def world(mail_world):
    return mail_world


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


def contacts_of(world, address):
    return world.admin("res.partner", "search", [("email", "=", address)])


def make_contact(world, address):
    return world.admin("res.partner", "create", {"name": "Zoe Known", "email": address})


def message_of(world, message_id):
    return world.admin("mail.message", "read", [message_id], ["partner_ids", "notification_ids", "body"])[0]


def follow(world, ticket, *logins):
    """Let employees follow a ticket, so that they get its messages."""
    partners = [
        user["partner_id"][0] for user in world.admin("res.users", "search_read", [("login", "in", logins)], ["partner_id"])
    ]
    world.admin(TICKET, "message_subscribe", [ticket], partners)


# IN THE BROWSER: THE REQUESTS OF *SEND MESSAGE*


@pytest.mark.parametrize("known", [False, True], ids=["first mail", "contact"])
def test_agent_answers_in_the_browser(world, customer, mode, known):
    if known:
        make_contact(world, customer)
    ticket = receive(world, mail(customer, to=f"{mode}@{DOMAIN}"))
    world.sink.wait_for(customer)
    assert [recipient["email"] for recipient in suggested(world.web, ticket)] == [customer]
    assert len(contacts_of(world, customer)) == known, "reading creates no contact"
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    assert "A new shade is on its way." in text_of(reply)
    assert f"{mode}@{DOMAIN}" in reply["Reply-To"]
    contacts = contacts_of(world, customer)
    assert len(contacts) == 1
    assert world.admin.read(TICKET, ticket, "partner_id")[0] == contacts[0]
    assert (contacts[0] in world.admin.read(TICKET, ticket, "message_partner_ids")) == (mode == "public")
    nothing_else_is_sent_to(world, customer, count=2)


def test_agent_answers_copies_too(world, customer):
    boss = f"boss.{customer}"
    ticket = receive(world, mail(customer, Cc=f"The Boss <{boss}>"))
    world.sink.wait_for(customer)
    agent_answers(world, ticket)
    for address, count in ((customer, 2), (boss, 1)):
        assert "A new shade is on its way." in text_of(world.sink.wait_for(address, count)[-1])
    assert len(contacts_of(world, boss)) == 1
    assert contacts_of(world, boss)[0] not in world.admin.read(TICKET, ticket, "message_partner_ids")


def test_an_employee_without_the_role_writes_to_the_bare_address(world, customer, mode):
    ticket = receive(world, mail(customer, to=f"{mode}@{DOMAIN}"))
    world.sink.wait_for(customer)
    if mode == "private":
        follow(world, ticket, "employee")
    agent_answers(world, ticket, "Look behind the shade.", web=world.desk)
    assert "Look behind the shade." in text_of(world.sink.wait_for(customer, 2)[1])
    assert not contacts_of(world, customer), "only agents make contacts"


def test_agents_make_no_other_contact(world, customer):
    ticket = receive(world, mail(customer))
    other = f"other.{customer}"
    with pytest.raises(AssertionError, match="cannot be sent to other"):
        agent_answers(world, ticket, also=[f"Other <{other}>"])
    assert not contacts_of(world, other)
    assert not contacts_of(world, customer), "nothing is half done"
    with pytest.raises(AssertionError, match="cannot be sent to care@"):
        agent_answers(world, ticket, also=[f"care@{DOMAIN}"])
    for web in (world.web, world.desk):
        with pytest.raises(AssertionError, match="not allowed to create"):
            web("/web/dataset/call_kw", model="res.partner", method="create", args=[{"name": "X"}], kwargs={})
        assert web("/mail/partner/from_email", thread_model=TICKET, thread_id=ticket, emails=[other]) == []
    assert world.desk("/mail/partner/from_email", thread_model=TICKET, thread_id=ticket, emails=[customer]) == []
    nothing_else_is_sent_to(world, customer, count=1)


def test_an_address_on_a_hidden_ticket_creates_no_contact(world, customer):
    ticket = receive(world, mail(customer, to=f"private@{DOMAIN}"))
    team = world.teams["private"]
    member = world.admin.read("helpdesk_lite.team", team, "member_ids")
    world.admin("helpdesk_lite.team", "write", [team], {"member_ids": [(5, 0, 0)]})
    partner = world.admin.read("res.users", member[0], "partner_id")[0]
    world.office(
        "/web/dataset/call_kw", model="helpdesk_lite.team", method="message_unsubscribe", args=[[team], [partner]], kwargs={}
    )
    try:
        assert world.web("/mail/partner/from_email", thread_model=TICKET, thread_id=ticket, emails=[customer]) == []
        assert not contacts_of(world, customer)
    finally:
        world.admin("helpdesk_lite.team", "write", [team], {"member_ids": [(6, 0, member)]})


def test_a_message_to_nobody_is_refused(world, customer):
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    thread = [("model", "=", TICKET), ("res_id", "=", ticket)]
    before = world.admin("mail.message", "search_count", thread)
    with pytest.raises(AssertionError, match="Nobody would get this message"):
        agent_answers(world, ticket, without=[customer])
    assert world.admin("mail.message", "search_count", thread) == before
    # a ticket without any address
    nameless = receive(world, mail(None, "From nobody"))
    with pytest.raises(AssertionError, match="Nobody would get this message"):
        agent_answers(world, nameless)
    # following colleagues count as recipients, and a note needs no recipient
    follow(world, ticket, "employee")
    agent_answers(world, ticket, "Only for us.", without=[customer])
    assert "Only for us." in text_of(world.sink.wait_for(EMPLOYEE)[-1])
    world.agent(TICKET, "message_post", [nameless], body="Who was it?", subtype_xmlid="mail.mt_note")
    nothing_else_is_sent_to(world, customer, count=1)


# BY MAIL CLIENT


@pytest.mark.parametrize("known", [False, True], ids=["first mail", "contact"])
def test_agent_answers_by_mail_client(world, customer, mode, known):
    if known:
        make_contact(world, customer)
    ticket = receive(world, mail(customer, to=f"{mode}@{DOMAIN}", subject=f"Lamp of {customer}"))
    acknowledgement = world.sink.wait_for(customer)[0]
    follow(world, ticket, "agent")
    answered(world, answer(customer, acknowledgement, "It is the blue one."), ticket)
    told = next(message for message in reversed(world.sink.wait_for(AGENT)) if "It is the blue one." in text_of(message))
    answered(world, answer(AGENT, told, "We send a blue one.", name="Ada Agent"), ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    assert "We send a blue one." in text_of(reply)
    assert len(contacts_of(world, customer)) == known, "a mail makes no contact"
    # and back
    comment = answered(world, answer(customer, reply, "Thank you."), ticket)
    assert "Thank you." in comment["body"]
    nothing_else_is_sent_to(world, customer, count=2)


def test_recipients_of_the_original_mail_get_it_once(world, customer):
    ticket = receive(world, mail(customer))
    acknowledgement = world.sink.wait_for(customer)[0]
    follow(world, ticket, "agent")
    answered(world, answer(customer, acknowledgement, "It is the green one."), ticket)
    told = next(message for message in reversed(world.sink.wait_for(AGENT)) if "It is the green one." in text_of(message))
    answered(world, answer(AGENT, told, "Copied to you.", name="Ada Agent", Cc=customer), ticket)
    nothing_else_is_sent_to(world, customer, count=1)


@pytest.mark.parametrize("known", [False, True], ids=["first mail", "contact"])
@pytest.mark.parametrize("what", ["note", "automatic", "outsider"])
def test_messages_that_are_not_for_the_customer_do_not_reach_them(world, customer, what, known):
    """Try an answer to a note, an absence notice, and an employee without access."""
    if known:
        make_contact(world, customer)
    ticket = receive(world, mail(customer, to=f"private@{DOMAIN}", subject=f"Salary of {customer}"))
    acknowledgement = world.sink.wait_for(customer)[0]
    follow(world, ticket, "agent")
    answered(world, answer(customer, acknowledgement, f"Mine, {customer}."), ticket)
    told = next(message for message in reversed(world.sink.wait_for(AGENT)) if f"Mine, {customer}." in text_of(message))
    if what == "note":
        note = world.office(
            "/mail/message/post",
            thread_model=TICKET,
            thread_id=ticket,
            post_data={
                "body": f"Careful with {customer}.",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_note",
                "partner_emails": [AGENT],
            },
        )
        assert note["message_id"]
        told = next(message for message in reversed(world.sink.wait_for(AGENT)) if "Careful" in text_of(message))
        answered(world, answer(AGENT, told, "I know them.", name="Ada Agent"), ticket)
    elif what == "automatic":
        answered(world, answer(AGENT, told, "I am on holiday.", name="Ada Agent", Auto_Submitted="auto-replied"), ticket)
    else:
        kept = answered(world, answer(EMPLOYEE, told, "I found this in the printer.", name="Emil Employee"), ticket)
        assert kept["is_internal"]
    nothing_else_is_sent_to(world, customer, count=1)


def test_nobody_sends_mails_in_the_name_of_an_employee(world, customer):
    """The author of the first mail knows its reference, and forges an answer of the agent who follows."""
    first = mail(customer, to=f"company@{DOMAIN}")
    ticket = receive(world, first)
    world.sink.wait_for(customer)
    follow(world, ticket, "agent", "employee")
    for address in (AGENT, EMPLOYEE):
        forged = mail(
            address,
            "Re: My lamp",
            to=f"company@{DOMAIN}",
            body="Pay here.",
            name="Ada Agent",
            In_Reply_To=first["Message-ID"],
            References=first["Message-ID"],
        )
        assert "Pay here." in answered(world, forged, ticket)["body"], "the mail is kept"
    nothing_else_is_sent_to(world, customer, count=1)


def test_only_employees_get_the_reference_that_proves_an_answer(world, customer):
    make_contact(world, customer)
    ticket = receive(world, mail(customer, to=f"public@{DOMAIN}", body=f"Mark me, {customer}."))
    acknowledgement = world.sink.wait_for(customer)[0]
    follow(world, ticket, "agent")
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    answered(world, answer(customer, reply, f"And again, {customer}."), ticket)
    told = next(message for message in reversed(world.sink.wait_for(AGENT)) if f"And again, {customer}." in text_of(message))
    assert "helpdesk-lite-" in told["References"]
    assert "helpdesk-lite-" not in f"{acknowledgement['References']} {reply['References']}"


def test_no_address_is_written_to_past_the_composer(world, customer):
    ticket = receive(world, mail(customer, to=f"company@{DOMAIN}"))
    foreign = f"foreign.{customer}"
    for web in (world.web, world.desk):
        with pytest.raises(AssertionError, match="cannot be sent to foreign"):
            web(
                "/web/dataset/call_kw",
                model=TICKET,
                method="message_post",
                args=[[ticket]],
                kwargs={
                    "body": "Buy",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    "outgoing_email_to": foreign,
                },
            )
    nothing_else_is_sent_to(world, foreign)


# IN A REAL BROWSER, TYPED


@pytest.fixture(scope="module")
def page(mail_world, browser):
    return browser.page(Site(mail_world.server.url, mail_world.server.database), "agent")


def open_ticket(page, ticket):
    """A ticket's form with the short composer open."""
    page.goto(f"/odoo/{TICKET}/{ticket}")
    page.locator(".o-mail-Thread .o-mail-Message").first.wait_for()
    # the chatter may reload, which closes the composer
    settle(page)
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator(".o-mail-Composer-input").wait_for()


def recipients_shown(page, selector):
    tags = page.locator(f"{selector} .o_tag")
    tags.first.wait_for()
    return tags.all_inner_texts()


def test_typed_into_the_short_composer(world, customer, page):
    ticket = receive(world, mail(customer))
    open_ticket(page, ticket)
    assert [text for text in recipients_shown(page, ".o-mail-RecipientsInput") if "Zoe Quill" in text or customer in text]
    page.locator(".o-mail-Composer-input").fill("Typed in the short one.")
    page.locator(".o-mail-Composer-send").click()
    assert "Typed in the short one." in text_of(world.sink.wait_for(customer, 2)[1])
    expect(page.locator(".o-mail-Thread")).to_contain_text("Typed in the short one.")


def test_typed_into_the_full_composer(world, customer, page):
    ticket = receive(world, mail(customer))
    open_ticket(page, ticket)
    recipients_shown(page, ".o-mail-RecipientsInput")
    page.get_by_title("Open Full Composer").click()
    composer = page.locator(".modal", has=page.locator(".o_mail_composer_form_view"))
    shown = recipients_shown(page, ".o_mail_composer_form_view [name='partner_ids']")
    assert "Zoe Quill" in shown[0]
    assert "Unnamed" not in shown[0]
    composer.locator(".odoo-editor-editable").fill("Typed in the full one.")
    composer.locator(".o_mail_send").click()
    assert "Typed in the full one." in text_of(world.sink.wait_for(customer, 2)[1])


def test_a_refused_message_stays_in_a_composer_that_sends(world, customer, page):
    nameless = receive(world, mail(None, f"Nobody {customer}"))
    open_ticket(page, nameless)
    written = page.locator(".o-mail-Composer-input")
    written.fill("Who are you?")
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".modal")).to_contain_text("Nobody would get this message")
    page.locator(".modal .btn-primary").click()
    expect(page.locator(".modal")).to_have_count(0)
    assert "Who are you?" in written.evaluate("node => node.value ?? node.innerText")
    follow(world, nameless, "employee")
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Thread")).to_contain_text("Who are you?")
    assert "Who are you?" in text_of(world.sink.wait_for(EMPLOYEE)[-1])
