"""Mail from end to end: a running server, mails given to it as the gateway script does, and
a mail server that takes what it sends. Nothing is mocked, nobody is superuser."""

import itertools
import urllib.request
import xmlrpc.client
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from rpc import Rpc, WebClient
from smtp_sink import smtp_sink

from devtools.server import odoo_server

DOMAIN = "helpdesk.example"
AGENT = "agent@company.example"
TICKET = "helpdesk_lite.ticket"

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world():
    """A server with an agent and two public teams, and the sink that its mails end in."""
    with smtp_sink() as sink:
        options = ("--smtp", "127.0.0.1", "--smtp-port", str(sink.port), "--email-from", f"odoo@{DOMAIN}")
        with odoo_server(*options) as server:
            admin = Rpc(server)
            admin("mail.alias.domain", "create", {"name": DOMAIN})
            agent = admin(
                "res.users", "create",
                {"name": "Ada Agent", "login": "agent", "password": "agent", "email": AGENT,
                 "group_ids": [(6, 0, [admin.ref("helpdesk_lite.group_user")])]},
                context={"no_reset_password": True},
            )
            care, returns = (
                admin("helpdesk_lite.team", "create", {
                    "name": name, "alias_name": name.lower(), "privacy_visibility": "public", "member_ids": [(6, 0, [agent])],
                }) for name in ("Care", "Returns")
            )
            yield SimpleNamespace(
                server=server, sink=sink, admin=admin, agent=Rpc(server, "agent"), web=WebClient(server, "agent"),
                office=WebClient(server, "admin"),
                care=care, returns=returns,
            )


@pytest.fixture
def customer():
    """An address that no other test writes from."""
    return f"zoe{next(numbers)}@quill.example"


def mail(sender, subject="My lamp", to=f"care@{DOMAIN}", body="The shade is broken.", **headers):
    """A mail; ``In_Reply_To`` gives the header In-Reply-To."""
    message = EmailMessage()
    if sender:
        message["From"] = f"Zoe Quill <{sender}>"
    message["To"] = to
    if subject is not None:
        message["Subject"] = subject
    message["Message-ID"] = f"<{next(numbers)}@quill.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def answer(sender, parent, body="Thank you.", **headers):
    """An answer to a mail from the sink, as a mail program writes it."""
    references = f"{parent['References'] or ''} {parent['Message-ID']}".strip()
    return mail(
        sender, f"Re: {parent['Subject']}", to=parent["Reply-To"], body=body,
        In_Reply_To=parent["Message-ID"], References=references, **headers,
    )


def tickets_of(world, address):
    """Numbers (ids) of the tickets that came from an address, oldest first."""
    return world.admin(TICKET, "search", [("partner_email", "=", address)], order="id")


def receive(world, message):
    """Hand a mail to the gateway; returns the id of the one ticket that it made."""
    before = world.admin(TICKET, "search", [])
    world.admin.message_process(message)
    made = world.admin(TICKET, "search", [("id", "not in", before)])
    assert len(made) == 1, f"one ticket was expected, {made} were made"
    return made[0]


def answered(world, message, ticket):
    """Hand an answer to the gateway; returns the message that it became on its ticket."""
    before = world.admin(TICKET, "search", [])
    world.admin.message_process(message)
    assert world.admin(TICKET, "search", []) == before, "an answer is not a new ticket"
    thread = [("model", "=", TICKET), ("res_id", "=", ticket)]
    return world.admin("mail.message", "search_read", thread, order="id desc", limit=1)[0]


def nothing_else_is_sent_to(world, address, count=0):
    """All that waits is sent first: only then is silence an answer."""
    world.office("/web/dataset/call_kw", model="mail.mail", method="process_email_queue", args=[], kwargs={})
    assert len(world.sink.to(address)) == count, [message["Subject"] for message in world.sink.to(address)]
    left = [("state", "in", ("outgoing", "exception"))]
    assert not world.admin("mail.mail", "search_read", left, ["email_to", "state", "failure_reason"])


def agent_answers(world, ticket, text="A new shade is on its way."):
    """What the web client does when an agent presses *Send message*, suggested recipients and all."""
    recipients = world.web("/mail/thread/recipients", thread_model=TICKET, thread_id=ticket)
    posted = world.web("/mail/message/post", thread_model=TICKET, thread_id=ticket, post_data={
        "body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment",
        "partner_ids": [recipient["id"] for recipient in recipients],
    })
    return posted["message_id"]


def text_of(message):
    return message.get_body(("plain", "html")).get_content()


def html_of(message):
    return message.get_body(("html", "plain")).get_content()


# THE CONVERSATION

def test_a_conversation_threads_together(world, customer):
    """A customer writes, is acknowledged, is answered by an agent, answers back."""
    ticket = receive(world, mail(customer))
    values = world.admin.read(
        TICKET, ticket, "name", "number", "description", "team_id", "partner_id", "partner_name", "partner_email", "user_id")
    assert values["name"] == "My lamp"
    assert "The shade is broken." in values["description"]
    assert values["team_id"][0] == world.care
    assert (values["partner_id"], values["user_id"]) == (False, False)
    assert (values["partner_name"], values["partner_email"]) == ("Zoe Quill", customer)
    assert not world.admin("res.partner", "search", [("email", "=", customer)]), "a mail makes no contact"

    acknowledgement = world.sink.wait_for(customer)[0]
    assert values["number"] in acknowledgement["Subject"]
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert f"/my/tickets/{ticket}?access_token=" in html_of(acknowledgement).replace("&amp;", "&")
    assert "broken" not in html_of(acknowledgement), "what an unknown sender wrote is not mailed on"
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
    assert comment["subtype_id"][0] == world.admin.ref("mail.mt_comment"), "the agents' eyes are told, it is no note"
    nothing_else_is_sent_to(world, customer, count=1)


def test_the_link_of_the_acknowledgement_opens_the_ticket(world, customer):
    ticket = receive(world, mail(customer))
    acknowledgement = html_of(world.sink.wait_for(customer)[0]).replace("&amp;", "&")
    token = acknowledgement.split(f"/my/tickets/{ticket}?access_token=")[1].split('"')[0].split("&")[0]
    page = urllib.request.urlopen(f"{world.server.url}/my/tickets/{ticket}?access_token={token}").read().decode()
    assert world.admin.read(TICKET, ticket, "number") in page


def test_answer_reopens_a_closed_ticket(world, customer):
    ticket = receive(world, mail(customer))
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    world.agent(TICKET, "action_close", [ticket])
    assert world.agent.read(TICKET, ticket, "is_closed")
    answered(world, answer(customer, reply, "It broke again."), ticket)
    assert world.agent.read(TICKET, ticket, "is_closed", "close_date") == {
        "id": ticket, "is_closed": False, "close_date": False}
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

@pytest.mark.parametrize("headers", [
    {"Auto-Submitted": "auto-replied"}, {"Auto-Submitted": "auto-generated"}, {"Precedence": "bulk"},
    {"List-Id": "Lamps <lamps.quill.example>"},
], ids=lambda headers: " ".join(next(iter(headers.items()))))
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
    message.add_alternative(
        "<p>Look <b>here</b></p><script>alert(1)</script><img src=x onerror=alert(2)>", subtype="html")
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
        "ir.attachment", "search_read", [("res_model", "=", TICKET), ("res_id", "=", ticket)], ["name", "raw"])
    assert len(attachments) == 1
    assert "/" not in attachments[0]["name"]
    assert ".." not in attachments[0]["name"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_ten_megabytes_of_text(world, customer, kind):
    """The beginning is the description, the whole is attached: the sanitiser cannot take it all."""
    message = mail(customer)
    line = "All work and no play makes Jack a dull boy.\n"
    whole = line * (10 * 2**20 // len(line)) + "The end."
    message.set_content(whole, subtype=kind)
    ticket = receive(world, message)
    assert line.strip() in world.admin.read(TICKET, ticket, "description")
    attachments = world.admin(
        "ir.attachment", "search_read", [("res_model", "=", TICKET), ("res_id", "=", ticket)], ["file_size", "raw"])
    assert [attachment["file_size"] >= len(whole) for attachment in attachments] == [True]


def test_no_such_address_is_reported(world, customer):
    """The gateway script tells the mail server from this text, which then tells the sender."""
    with pytest.raises(xmlrpc.client.Fault, match="No possible route"):
        world.admin.message_process(mail(customer, to=f"nobody@{DOMAIN}"))
    assert not tickets_of(world, customer)
