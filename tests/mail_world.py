"""A running Odoo with people and teams, to which mails are delivered as by the gateway script, and a mail server
that accepts its mails. Nothing is mocked, and nobody is superuser."""

import itertools
from contextlib import contextmanager
from email.message import EmailMessage
from types import SimpleNamespace

from rpc import Rpc, WebClient
from smtp_sink import smtp_sink

from devtools.server import odoo_server

DOMAIN = "helpdesk.example"
AGENT = "agent@company.example"
EMPLOYEE = "employee@company.example"
TICKET = "helpdesk_lite.ticket"
MODES = ("private", "company", "public")

numbers = itertools.count(1)


def options_of(sink):
    """The options of Odoo's command line with which a server sends mails to a sink."""
    return ("--smtp", "127.0.0.1", "--smtp-port", str(sink.port), "--email-from", f"odoo@{DOMAIN}")


@contextmanager
def mail_world():
    """A server with an agent and an employee, a team for each visibility and two public ones, and its mail sink."""
    with smtp_sink() as sink, odoo_server(*options_of(sink)) as server:
        yield furnish(server, sink)


def furnish(server, sink):
    """Make the people and teams of a ``mail_world`` on a server."""
    admin = Rpc(server)
    # Odoo's digest would be one of the mails that are sent
    digests = admin("ir.cron", "search", [("model_id.model", "=", "digest.digest")])
    admin("ir.cron", "write", digests, {"active": False})
    admin("mail.alias.domain", "create", {"name": DOMAIN})
    agent, _employee = (
        admin(
            "res.users",
            "create",
            # only the role, because new users usually can create contacts as well
            {"name": name, "login": login, "password": login, "email": email, "group_ids": [(6, 0, [admin.ref(group)])]},
            context={"no_reset_password": True},
        )
        for name, login, email, group in (
            ("Ada Agent", "agent", AGENT, "helpdesk_lite.group_user"),
            ("Emil Employee", "employee", EMPLOYEE, "base.group_user"),
        )
    )
    teams = {
        name: admin(
            "helpdesk_lite.team",
            "create",
            {"name": name.title(), "alias_name": name, "privacy_visibility": mode, "member_ids": [(6, 0, [agent])]},
        )
        for name, mode in (("care", "public"), ("returns", "public"), *((mode, mode) for mode in MODES))
    }
    return SimpleNamespace(
        server=server,
        sink=sink,
        admin=admin,
        agent=Rpc(server, "agent"),
        web=WebClient(server, "agent"),
        office=WebClient(server, "admin"),
        desk=WebClient(server, "employee"),
        care=teams["care"],
        returns=teams["returns"],
        teams=teams,
    )


def mail(sender, subject="My lamp", to=f"care@{DOMAIN}", body="The shade is broken.", name="Zoe Quill", **headers):
    """Build a mail; ``In_Reply_To`` sets the header In-Reply-To."""
    message = EmailMessage()
    if sender:
        message["From"] = f"{name} <{sender}>"
    message["To"] = to
    if subject is not None:
        message["Subject"] = subject
    message["Message-ID"] = f"<{next(numbers)}@quill.example>"
    for header, value in headers.items():
        del message[header.replace("_", "-")]
        message[header.replace("_", "-")] = value
    message.set_content(body)
    return message


def answer(sender, parent, body="Thank you.", **headers):
    """Build an answer to a mail from the sink, as a mail client does."""
    references = f"{parent['References'] or ''} {parent['Message-ID']}".strip()
    return mail(
        sender,
        f"Re: {parent['Subject']}",
        to=parent["Reply-To"],
        body=body,
        In_Reply_To=parent["Message-ID"],
        References=references,
        **headers,
    )


def tickets_of(world, address):
    """The ids of the tickets from an address, oldest first."""
    return world.admin(TICKET, "search", [("partner_email", "=", address)], order="id")


def receive(world, message):
    """Deliver a mail to the gateway, and return the id of the only ticket that it created."""
    before = world.admin(TICKET, "search", [])
    world.admin.message_process(message)
    made = world.admin(TICKET, "search", [("id", "not in", before)])
    assert len(made) == 1, f"one ticket was expected, {made} were made"
    return made[0]


def answered(world, message, ticket):
    """Deliver an answer to the gateway, and return its message on the ticket."""
    before = world.admin(TICKET, "search", [])
    world.admin.message_process(message)
    assert world.admin(TICKET, "search", []) == before, "an answer is not a new ticket"
    thread = [("model", "=", TICKET), ("res_id", "=", ticket), ("message_id", "=", str(message["Message-ID"]))]
    return world.admin("mail.message", "search_read", thread)[0]


def nothing_else_is_sent_to(world, address, count=0):
    """Send all waiting mails first, so that a missing mail proves something."""
    world.office("/web/dataset/call_kw", model="mail.mail", method="process_email_queue", args=[], kwargs={})
    assert len(world.sink.to(address)) == count, [message["Subject"] for message in world.sink.to(address)]
    left = [("state", "in", ("outgoing", "exception"))]
    remaining = world.admin("mail.mail", "search_read", left, ["email_to", "state", "failure_reason", "subject", "body_html"])
    assert not remaining, remaining


def suggested(web, ticket):
    """The recipients that the chatter of the web client proposes."""
    data = web(
        "/mail/data",
        fetch_params=[["mail.thread", {"thread_model": TICKET, "thread_id": ticket, "request_list": ["suggestedRecipients"]}]],
    )
    return next(thread["suggestedRecipients"] for thread in data["mail.thread"] if thread["id"] == ticket)


def agent_answers(world, ticket, text="A new shade is on its way.", web=None, without=(), also=()):
    """*Send message* as in the browser, which posts proposed recipients by address, with or without a contact.

    :param without: addresses that the sender removes
    :param also: addresses that the sender adds
    """
    web = web or world.web
    emails = [recipient["email"] for recipient in suggested(web, ticket) if recipient["email"] not in without]
    post_data = {"body": text, "email_add_signature": True, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    if emails or also:
        post_data["partner_emails"] = [*emails, *also]
    posted = web("/mail/message/post", thread_model=TICKET, thread_id=ticket, post_data=post_data)
    return posted["message_id"]


def text_of(message):
    return message.get_body(("plain", "html")).get_content()


def html_of(message):
    return message.get_body(("html", "plain")).get_content()
