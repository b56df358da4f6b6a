"""Mail from end to end: a running server, mails delivered as by the gateway script, and a mail server
that accepts its mails. Nothing is mocked, and nobody is superuser."""

import urllib.request
import xmlrpc.client

import pytest
from mail_world import (
    AGENT,
    DOMAIN,
    TICKET,
    agent_answers,
    answer,
    answered,
    html_of,
    mail,
    nothing_else_is_sent_to,
    receive,
    text_of,
    tickets_of,
)


@pytest.fixture
def world(mail_world):
    return mail_world


# THE CONVERSATION


def test_a_conversation_threads_together(world, customer):
    """A customer writes, gets an acknowledgement and an agent's answer, and answers back."""
    ticket = receive(world, mail(customer))
    values = world.admin.read(
        TICKET, ticket, "name", "number", "description", "team_id", "partner_id", "partner_name", "partner_email", "user_id"
    )
    assert values["name"] == "My lamp"
    assert "The shade is broken." in values["description"]
    assert values["team_id"][0] == world.care
    assert (values["partner_id"], values["user_id"]) == (False, False)
    assert (values["partner_name"], values["partner_email"]) == ("Zoe Quill", customer)
    assert not world.admin("res.partner", "search", [("email", "=", customer)]), "a mail makes no contact"

    acknowledgement = world.sink.wait_for(customer)[0]
    assert values["number"] in acknowledgement["Subject"]
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert f"/my/helpdesk-tickets/{ticket}?access_token=" in html_of(acknowledgement).replace("&amp;", "&")
    assert "broken" not in html_of(acknowledgement), "the text of an unknown sender is not mailed on"
    assert "care@" in acknowledgement["Reply-To"]

    world.agent(TICKET, "action_assign_to_me", [ticket])
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    assert "A new shade is on its way." in text_of(reply)
    assert "care@" in reply["Reply-To"]
    contacts = world.admin("res.partner", "search", [("email", "=", customer)])
    assert [world.admin.read(TICKET, ticket, "partner_id")[0]] == contacts, "the answer made the customer a contact"

    comment = answered(world, answer(customer, reply), ticket)
    assert "Thank you." in comment["body"]
    assert comment["subtype_id"][0] == world.admin.ref("mail.mt_comment")
    assert not comment["is_internal"]
    told = world.sink.wait_for(AGENT)[-1]
    assert "Thank you." in text_of(told)
    assert reply["Message-ID"] in f"{told['References']} {told['In-Reply-To']}" or values["number"] in told["Subject"]
    nothing_else_is_sent_to(world, customer, count=2)


def test_answer_to_the_acknowledgement_lands_on_the_ticket(world, customer):
    ticket = receive(world, mail(customer))
    acknowledgement = world.sink.wait_for(customer)[0]
    comment = answered(world, answer(customer, acknowledgement, "It is the blue one."), ticket)
    assert "It is the blue one." in comment["body"]
    assert comment["subtype_id"][0] == world.admin.ref("mail.mt_comment"), "the agents are notified, because it is not a note"
    nothing_else_is_sent_to(world, customer, count=1)


def test_the_link_of_the_acknowledgement_opens_the_ticket(world, customer):
    ticket = receive(world, mail(customer))
    acknowledgement = html_of(world.sink.wait_for(customer)[0]).replace("&amp;", "&")
    token = acknowledgement.split(f"/my/helpdesk-tickets/{ticket}?access_token=")[1].split('"')[0].split("&")[0]
    page = urllib.request.urlopen(f"{world.server.url}/my/helpdesk-tickets/{ticket}?access_token={token}").read().decode()
    assert world.admin.read(TICKET, ticket, "number") in page


def test_answer_reopens_a_closed_ticket(world, customer):
    ticket = receive(world, mail(customer))
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    world.agent(TICKET, "action_close", [ticket])
    assert world.agent.read(TICKET, ticket, "is_closed")
    answered(world, answer(customer, reply, "It broke again."), ticket)
    assert world.agent.read(TICKET, ticket, "is_closed", "close_date") == {
        "id": ticket,
        "is_closed": False,
        "close_date": False,
    }
    nothing_else_is_sent_to(world, customer, count=2)


def test_internal_note_reaches_no_customer(world, customer):
    ticket = receive(world, mail(customer))
    agent_answers(world, ticket)
    world.sink.wait_for(customer, 2)
    world.agent(TICKET, "message_post", [ticket], body="He always says that.", subtype_xmlid="mail.mt_note")
    nothing_else_is_sent_to(world, customer, count=2)
    assert not any("He always says that." in html_of(message) for message in world.sink.to(customer))


def test_copies_are_kept_and_are_no_followers(world, customer):
    colleague = world.admin("res.partner", "create", {"name": "Cora", "email": f"cora.{customer}"})
    ticket = receive(world, mail(customer, Cc=f"Cora <cora.{customer}>, boss@quill.example, care@{DOMAIN}"))
    values = world.admin.read(TICKET, ticket, "email_cc", "message_partner_ids")
    assert f"cora.{customer}" in values["email_cc"]
    assert "boss@quill.example" in values["email_cc"]
    assert DOMAIN not in values["email_cc"], "our own addresses are no copies"
    assert colleague not in values["message_partner_ids"]
    acknowledgement = world.sink.wait_for(customer)[0]
    answered(world, answer(customer, acknowledgement, Cc=f"third@quill.example, cora.{customer}"), ticket)
    values = world.admin.read(TICKET, ticket, "email_cc", "message_partner_ids")
    assert "third@quill.example" in values["email_cc"]
    assert colleague not in values["message_partner_ids"]
    nothing_else_is_sent_to(world, f"cora.{customer}")


# DELIVERED TWICE, AND TO TWO


def test_the_same_mail_twice_is_one_ticket(world, customer):
    message = mail(customer)
    ticket = receive(world, message)
    world.admin.message_process(message)
    assert tickets_of(world, customer) == [ticket]
    nothing_else_is_sent_to(world, customer, count=1)


def test_one_mail_to_two_teams_is_one_ticket_each(world, customer):
    message = mail(customer, to=f"care@{DOMAIN}, Returns <returns@{DOMAIN}>")
    world.admin.message_process(message)
    tickets = tickets_of(world, customer)
    assert [world.admin.read(TICKET, ticket, "team_id")[0] for ticket in tickets] == [world.care, world.returns]
    assert all("The shade is broken." in world.admin.read(TICKET, ticket, "description") for ticket in tickets)
    world.admin.message_process(message)
    assert tickets_of(world, customer) == tickets


# MACHINES


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List-Id": "Lamps <lamps.quill.example>"},
    ],
    ids=lambda headers: " ".join(next(iter(headers.items()))),
)
def test_machines_make_tickets_and_get_no_acknowledgement(world, customer, headers):
    receive(world, mail(customer, **headers))
    nothing_else_is_sent_to(world, customer)


def test_our_own_alias_gets_no_acknowledgement(world):
    receive(world, mail(f"returns@{DOMAIN}"))
    nothing_else_is_sent_to(world, f"returns@{DOMAIN}")


# BAD INPUT: no mail is lost


@pytest.mark.parametrize("subject", [None, "", "   "])
def test_no_subject(world, customer, subject):
    ticket = receive(world, mail(customer, subject))
    assert world.admin.read(TICKET, ticket, "name").strip()


def test_no_sender(world):
    ticket = receive(world, mail(None, "From nobody"))
    assert world.admin.read(TICKET, ticket, "name") == "From nobody"
    assert "The shade is broken." in world.admin.read(TICKET, ticket, "description")


def test_unknown_character_set(world, customer):
    raw = bytes(mail(customer, "Strange letters")).replace(b'charset="utf-8"', b'charset="foo-bar"')
    assert b"foo-bar" in raw
    ticket = receive(world, raw)
    assert "The shade is broken." in world.admin.read(TICKET, ticket, "description")


def test_scripts_are_taken_out(world, customer):
    message = mail(customer)
    message.add_alternative("<p>Look <b>here</b></p><script>alert(1)</script><img src=x onerror=alert(2)>", subtype="html")
    ticket = receive(world, message)
    description = world.admin.read(TICKET, ticket, "description")
    assert "<b>here</b>" in description
    assert "script" not in description
    assert "onerror" not in description


def test_attachments_are_kept_and_their_names_are_harmless(world, customer):
    message = mail(customer)
    message.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="../../etc/x.pdf")
    ticket = receive(world, message)
    attachments = world.admin(
        "ir.attachment", "search_read", [("res_model", "=", TICKET), ("res_id", "=", ticket)], ["name", "raw"]
    )
    assert len(attachments) == 1
    assert "/" not in attachments[0]["name"]
    assert ".." not in attachments[0]["name"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_ten_megabytes_of_text(world, customer, kind):
    """The description has the beginning and the whole text is attached, because it is too long for the sanitizer."""
    message = mail(customer)
    line = "All work and no play makes Jack a dull boy.\n"
    whole = line * (10 * 2**20 // len(line)) + "The end."
    message.set_content(whole, subtype=kind)
    ticket = receive(world, message)
    assert line.strip() in world.admin.read(TICKET, ticket, "description")
    attachments = world.admin(
        "ir.attachment", "search_read", [("res_model", "=", TICKET), ("res_id", "=", ticket)], ["file_size", "raw"]
    )
    assert [attachment["file_size"] >= len(whole) for attachment in attachments] == [True]


def test_no_such_address_is_reported(world, customer):
    """The gateway script reports this text to the mail server, which reports it to the sender."""
    with pytest.raises(xmlrpc.client.Fault, match="No possible route"):
        world.admin.message_process(mail(customer, to=f"nobody@{DOMAIN}"))
    assert not tickets_of(world, customer)
