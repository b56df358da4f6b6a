"""A mail of a ticket is sent once, also when the job that sends mails runs while a request is sending it.

It is sent later when the mail server cannot be reached.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from mail_world import TICKET, agent_answers, mail, receive
from rpc import WebClient

from devtools.server import free_port

QUEUE = {"model": "mail.mail", "method": "process_email_queue", "args": [], "kwargs": {}}


def send_answer(world, ticket, customer):
    """An answer, which has a notification for each recipient."""
    agent_answers(world, ticket, "The shade is on its way.")


def send_mail(world, ticket, customer):
    """A mail about a ticket without notifications, as templates make them."""
    values = {"model": TICKET, "res_id": ticket, "email_to": customer, "subject": "Your lamp", "body_html": "<p>Soon.</p>"}
    mails = world.admin("mail.mail", "create", [values])
    # a client of its own, because it waits
    WebClient(world.server, "admin")("/web/dataset/call_kw", model="mail.mail", method="send", args=[mails], kwargs={})


@pytest.mark.parametrize("send", [send_answer, send_mail], ids=["answer", "mail"])
def test_what_is_being_sent_is_not_sent_by_the_job(mail_world, customer, send):
    world = mail_world
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    other = f"other.{customer}"
    with ThreadPoolExecutor(1) as pool:
        with world.sink.holding(customer):
            sending = pool.submit(send, world, ticket, customer)
            world.sink.wait_for(customer, 2)
            # another mail, which the job is to send in the meantime
            values = {"model": TICKET, "res_id": ticket, "email_to": other, "subject": "Another", "body_html": "<p>Yes.</p>"}
            world.admin("mail.mail", "create", [values])
            logged = len(world.server.log.read_text())
            world.office("/web/dataset/call_kw", **QUEUE)
            world.sink.wait_for(other)
        sending.result()
    world.office("/web/dataset/call_kw", **QUEUE)
    assert [len(world.sink.to(address)) for address in (customer, other)] == [2, 1]
    assert not [line for line in world.server.log.read_text()[logged:].splitlines() if " ERROR " in line]
    assert not world.admin("mail.mail", "search", [("state", "in", ("outgoing", "exception"))])


def test_what_could_not_be_handed_over_is_sent_later(mail_world, customer):
    """For five days, also what has no notification; what other apps could not send is left to them, as in standard Odoo."""
    world = mail_world
    ticket = receive(world, mail(customer))
    world.sink.wait_for(customer)
    down = {"name": "Down", "smtp_host": "127.0.0.1", "smtp_port": free_port()}
    server = world.admin("ir.mail_server", "create", down)
    try:
        values = {"mail_server_id": server, "subject": "Your lamp", "body_html": "<p>Soon.</p>"}
        partner = world.admin("res.users", "read", [world.admin.uid], ["partner_id"])[0]["partner_id"][0]
        ours = {**values, "model": TICKET, "res_id": ticket}
        mails = world.admin(
            "mail.mail",
            "create",
            [
                {**ours, "email_to": customer},
                {**ours, "email_to": f"old.{customer}"},
                {**values, "model": "res.partner", "res_id": partner, "email_to": f"other.{customer}"},
            ],
        )
        world.server.query(f"UPDATE mail_mail SET create_date = create_date - interval '6 days' WHERE id = {mails[1]}")
        world.office("/web/dataset/call_kw", model="mail.mail", method="send", args=[mails], kwargs={})
        states = [row["state"] for row in world.admin("mail.mail", "read", mails, ["state"])]
        assert states == ["outgoing", "exception", "exception"]
        world.admin("ir.mail_server", "write", [server], {"smtp_port": world.sink.port})
        world.office("/web/dataset/call_kw", **QUEUE)
        assert [len(world.sink.to(f"{who}{customer}")) for who in ("", "old.", "other.")] == [2, 0, 0]
        world.admin("mail.mail", "unlink", mails[1:])
    finally:
        world.admin("ir.mail_server", "unlink", [server])
