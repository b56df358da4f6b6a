"""Incoming mails with real connections: kept first, processed exactly once, never lost and never answered with an error."""

import xmlrpc.client

import pytest
from intake_world import (
    MAIL,
    deliver_at_once,
    delivering,
    execute,
    failing,
    held,
    messages_of,
    nothing_is_posted,
    rows_of,
    run_job,
    second_server,
    states_of,
    terminate,
    tickets_by_team,
    wait_for_waiting,
    wait_until,
)
from mail_world import DOMAIN, TICKET, answer, mail, nothing_else_is_sent_to, receive, tickets_of

AT_ONCE = 8
# who works on a mail, or posts on a ticket; others wait for these locks
HOLDERS = """ SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE locktype = 'advisory' AND granted AND datname = current_database()"""


@pytest.fixture
def world(mail_world):
    return mail_world


@pytest.fixture(autouse=True)
def tickets_are_made_by_nobody_else(world):
    """A statement that fails in the database fails the test as well."""
    yield
    assert not execute(world, "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'failing%'")


def copy_for(message, address):
    """The copy of a mail that a mail server delivers for one recipient."""
    return f"Received: by mx.helpdesk.example id {address}\nDelivered-To: {address}\n".encode() + bytes(message)


# KEPT


def test_a_mail_is_kept_and_done(world, customer):
    message = mail(customer, "Mi lámpara")
    ticket = receive(world, message)
    (row,) = rows_of(world, message)
    assert (row["state"], row["transport"], row["ticket_ids"], row["error"]) == ("done", "gateway", [ticket], False)
    assert (row["subject"], row["email_to"], row["size"]) == ("Mi lámpara", f"care@{DOMAIN}", len(bytes(message)))
    assert row["company_id"] == world.admin.read("helpdesk_lite.team", world.care, "company_id")
    assert customer in row["email_from"]


def test_only_administrators_read_incoming_mails(world, customer):
    message = mail(customer)
    receive(world, message)
    for client in (world.agent, world.desk):
        for method, *arguments in (
            ("search_read", [], ["source"]),
            ("read_group", [], ["subject"], ["subject"]),
            ("export_data", [1], ["source"]),
            ("search_count", [("subject", "ilike", "lamp")]),
        ):
            with pytest.raises((xmlrpc.client.Fault, AssertionError), match=r"AccessError|not allowed|rights to export"):
                ask(client, MAIL, method, *arguments)


def ask(client, model, method, *arguments):
    if hasattr(client, "object"):
        return client(model, method, *arguments)
    return client("/web/dataset/call_kw", model=model, method=method, args=list(arguments), kwargs={})


def test_a_mail_that_cannot_be_kept_is_not_acknowledged(world, customer):
    message = mail(customer, "Full disk")
    with failing(world, "helpdesk_lite_mail", "Full disk", times=99, code="53100"):
        with pytest.raises(xmlrpc.client.Fault, match="NotKept"):
            world.admin.message_process(message)
    assert not rows_of(world, message)
    assert not tickets_of(world, customer)
    # the mail server delivers it again
    receive(world, message)


# EXACTLY ONCE


def test_deliveries_at_once_make_one_ticket_for_each_team(world, customer):
    message = mail(customer, to=f"care@{DOMAIN}, returns@{DOMAIN}")
    results = deliver_at_once(world, [message] * AT_ONCE)
    assert sum(bool(result) for result in results) == 1, results
    assert tickets_by_team(world, customer) == sorted([world.care, world.returns])
    assert states_of(world, message) == ["done"] + ["duplicate"] * (AT_ONCE - 1)
    nothing_else_is_sent_to(world, customer, count=2)


def test_copies_at_once_make_one_ticket_for_each_team_in_bcc(world, customer):
    message = mail(customer)
    copies = [copy_for(message, f"{name}@{DOMAIN}") for name in ("care", "returns")] * (AT_ONCE // 2)
    results = deliver_at_once(world, copies)
    assert not any(isinstance(result, xmlrpc.client.Fault) for result in results), results
    assert tickets_by_team(world, customer) == sorted([world.care, world.returns])
    # the copy for the team in Bcc is to both teams, and serves both when it is the first
    assert set(states_of(world, message)) == {"done", "duplicate"}
    nothing_else_is_sent_to(world, customer, count=2)


def test_a_later_copy_is_for_the_team_in_bcc_only(world, customer):
    message = mail(customer)
    receive(world, copy_for(message, f"care@{DOMAIN}"))
    ticket = receive(world, copy_for(message, f"returns@{DOMAIN}"))
    assert tickets_by_team(world, customer) == sorted([world.care, world.returns])
    assert [row["ticket_ids"] for row in rows_of(world, message)][1:] == [[ticket]]
    for name in ("returns", "care", "mailbox"):
        assert world.admin.message_process(copy_for(message, f"{name}@{DOMAIN}")) is False
    assert states_of(world, message) == ["done"] * 2 + ["duplicate"] * 3
    assert len(tickets_of(world, customer)) == 2


def test_an_answer_delivered_at_once_is_one_message(world, customer):
    ticket = receive(world, mail(customer))
    message = answer(customer, world.sink.wait_for(customer)[0])
    results = deliver_at_once(world, [message] * AT_ONCE)
    assert not any(isinstance(result, xmlrpc.client.Fault) for result in results), results
    assert messages_of(world, message) == [(TICKET, ticket)]
    assert tickets_of(world, customer) == [ticket]
    assert states_of(world, message) == ["done"] + ["duplicate"] * (AT_ONCE - 1)


def test_when_the_first_of_several_fails_another_makes_the_ticket(world, customer):
    message = mail(customer, "First fails")
    with failing(world, "helpdesk_lite_ticket", "First fails", times=1):
        results = deliver_at_once(world, [message] * 4)
    assert not any(isinstance(result, xmlrpc.client.Fault) for result in results), results
    assert len(tickets_of(world, customer)) == 1
    assert states_of(world, message) == ["done", "duplicate", "duplicate", "failed"]
    run_job(world, message)
    assert states_of(world, message) == ["done", "duplicate", "duplicate", "duplicate"]
    assert len(tickets_of(world, customer)) == 1
    nothing_else_is_sent_to(world, customer, count=1)


def test_without_message_id_the_bytes_decide(world, customer):
    message = mail(customer)
    del message["Message-ID"]
    receive(world, message)
    assert world.admin.message_process(message) is False
    message.set_content("Another text.")
    receive(world, message)
    assert len(tickets_of(world, customer)) == 2


# ERRORS


def test_serialization_failures_are_tried_again_at_once(world, customer):
    message = mail(customer, "Collides")
    with failing(world, "helpdesk_lite_ticket", "Collides", times=2, code="40001"):
        receive(world, message)
    assert states_of(world, message) == ["done"]
    nothing_else_is_sent_to(world, customer, count=1)


def test_an_error_is_kept_and_nobody_is_told_but_us(world, customer):
    message = mail(customer, "Fails for good")
    alias = world.admin.read("helpdesk_lite.team", world.care, "alias_id")[0]
    status = world.admin.read("mail.alias", alias, "alias_status")
    with failing(world, "helpdesk_lite_ticket", "Fails for good", times=99):
        assert world.admin.message_process(message) is False
        (row,) = rows_of(world, message)
        assert (row["state"], row["tries"], bool(row["next_try"])) == ("failed", 1, True)
        assert "injected for Fails for good" in row["error"]
        assert row["company_id"] == world.admin.read("helpdesk_lite.team", world.care, "company_id")
        run_job(world, message)
        assert rows_of(world, message)[0]["tries"] == 2
    assert not tickets_of(world, customer)
    assert not messages_of(world, message)
    assert world.admin.read("mail.alias", alias, "alias_status") == status
    nothing_else_is_sent_to(world, customer)
    run_job(world, message)
    assert states_of(world, message) == ["done"]
    assert rows_of(world, message)[0]["ticket_ids"] == tickets_of(world, customer)
    nothing_else_is_sent_to(world, customer, count=1)


def answer_that_changes(world, customer):
    """A ticket, and an answer that writes to it: a new address in Cc."""
    ticket = receive(world, mail(customer))
    return ticket, answer(customer, world.sink.wait_for(customer)[0], Cc="third@quill.example")


def test_an_answer_waits_for_a_ticket_that_somebody_else_changes(world, customer):
    ticket, message = answer_that_changes(world, customer)
    with delivering(world) as deliver, held(world, ticket) as pid:
        deliver(message)
        deliver(message)
        wait_for_waiting(world, pid)
    assert messages_of(world, message) == [(TICKET, ticket)]
    assert states_of(world, message) == ["done", "duplicate"]


def test_a_killed_connection_is_replaced(world, customer):
    ticket, message = answer_that_changes(world, customer)
    with delivering(world) as deliver, held(world, ticket) as pid:
        deliver(message)
        (waiting,) = wait_for_waiting(world, pid)
        terminate(world, waiting)
        wait_until(world, "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)) AND pid != %s", pid, waiting)
    assert messages_of(world, message) == [(TICKET, ticket)]
    assert states_of(world, message) == ["done"]


def test_without_the_lock_the_database_still_counts_once(world, customer):
    """The connection that holds the lock is lost, and another delivery begins while the first one still works."""
    ticket = receive(world, mail(customer))
    message = answer(customer, world.sink.wait_for(customer)[0])
    with delivering(world) as deliver, nothing_is_posted(world) as pid:
        results = [deliver(message)]
        (first,) = wait_for_waiting(world, pid)
        (holder,) = {row[0] for row in execute(world, HOLDERS)} - {first}
        terminate(world, holder)
        results.append(deliver(message))
        # messages of a ticket are posted one after the other
        wait_for_waiting(world, first)
    assert not any(isinstance(result.exception(), xmlrpc.client.Fault) for result in results)
    assert messages_of(world, message) == [(TICKET, ticket)]
    assert states_of(world, message) == ["done", "duplicate"]


def test_a_mail_outlives_a_killed_server(world, customer):
    ticket, message = answer_that_changes(world, customer)
    with second_server(world) as second, delivering(world) as deliver, held(world, ticket) as pid:
        deliver(message, second)
        wait_for_waiting(world, pid)
        # while somebody works on it, the job leaves it alone
        run_job(world, message)
        assert [(row["state"], row["tries"]) for row in rows_of(world, message)] == [("received", 1)]
        second.process.kill()
        second.process.wait()
    assert not messages_of(world, message)
    assert states_of(world, message) == ["received"]
    run_job(world, message)
    assert messages_of(world, message) == [(TICKET, ticket)]
    assert [(row["state"], row["tries"]) for row in rows_of(world, message)] == [("done", 2)]


# OTHER MODELS


def test_errors_of_other_models_are_left_to_odoo(world, customer):
    model = world.admin("ir.model", "search", [("model", "=", "res.partner")])[0]
    values = {
        "alias_name": f"contacts{customer.partition('@')[0]}",
        "alias_model_id": model,
        "alias_defaults": "{'type': 'nonsense'}",
    }
    alias = world.admin("mail.alias", "create", values)
    address = world.admin.read("mail.alias", alias, "alias_full_name")
    message = mail(customer, to=address)
    with pytest.raises(xmlrpc.client.Fault):
        world.admin.message_process(message)
    assert not rows_of(world, message)
    assert world.admin.read("mail.alias", alias, "alias_status") == "invalid"
    world.sink.wait_for(customer)
    # a mail that is for a team as well is kept, and nobody is told
    other = mail(customer, to=f"{address}, care@{DOMAIN}")
    assert world.admin.message_process(other) is False
    assert states_of(world, other) == ["failed"]
    assert not messages_of(world, other)
    nothing_else_is_sent_to(world, customer, count=1)
    world.admin("mail.alias", "write", [alias], {"alias_defaults": "{}"})
    run_job(world, other)
    assert states_of(world, other) == ["done"]
    assert [model for model, _id in messages_of(world, other)] == [TICKET, "res.partner"]
