"""What tests of incoming mails need beside ``mail_world``: transactions of others, injected errors, deliveries at once."""

import threading
import time
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg2
from mail_world import TICKET
from rpc import Rpc

from devtools.patience import PATIENCE
from devtools.server import free_port, launch, wait_until_it_answers
from devtools.state import logs

MAIL = "helpdesk_lite.mail"
FIELDS = [
    *("email_from", "email_to", "subject", "size", "digest", "transport", "state", "reason", "error", "tries", "next_try"),
    *("ticket_ids", "company_id", "source"),
]


def message_id(message):
    return str(message["Message-ID"])


def rows_of(world, message):
    """The kept mails with the Message-ID of a mail, oldest first."""
    return world.admin(MAIL, "search_read", [("message_id", "=", message_id(message))], FIELDS, order="id")


def states_of(world, message):
    return sorted(row["state"] for row in rows_of(world, message))


def messages_of(world, message):
    """The pairs (model, id of the record) of the messages in Odoo with the Message-ID of a mail."""
    found = world.admin("mail.message", "search_read", [("message_id", "=", message_id(message))], ["model", "res_id"])
    return sorted((one["model"], one["res_id"]) for one in found)


def run_job(world, *messages):
    """Run the job that processes mails again, as if the pauses of these mails were over."""
    for message in messages:
        execute(
            world,
            "UPDATE helpdesk_lite_mail SET next_try = now() - interval '1 day' WHERE message_id = %s",
            message_id(message),
        )
    world.admin("ir.cron", "method_direct_trigger", [world.admin.ref("helpdesk_lite.cron_mail_again")])


def deliver_at_once(world, raws):
    """Deliver mails at the same moment, each by a client of its own.

    :return: list of results; a fault is a result
    """
    together = threading.Barrier(len(raws))
    clients = [Rpc(world.server) for _raw in raws]

    def deliver(client, raw):
        together.wait(PATIENCE)
        try:
            return client.message_process(raw)
        except xmlrpc.client.Fault as fault:
            return fault

    with ThreadPoolExecutor(len(raws)) as pool:
        return list(pool.map(deliver, clients, raws))


@contextmanager
def delivering(world):
    """Deliver mails in the background, and wait for all of them at the end of the block.

    :return: context manager of a function that delivers a mail and returns its future
    """
    with ThreadPoolExecutor() as pool:
        yield lambda raw, server=world.server: pool.submit(Rpc(server).message_process, raw)


@contextmanager
def second_server(world):
    """Another Odoo on the same database, as an :class:`Rpc` takes it, with its ``process``."""
    port, log = free_port(), logs() / f"{world.server.database}-second.log"
    process = launch(world.server.setup, world.server.database, port, log, "--max-cron-threads", "0")
    try:
        wait_until_it_answers(process, port, log)
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", database=world.server.database, process=process)
    finally:
        process.kill()
        process.wait(PATIENCE)


def connect(world):
    server = world.server.setup.server
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    return psycopg2.connect(
        dbname=world.server.database, **{names[name]: value for name, value in server.variables.items() if name in names}
    )


def execute(world, sql, *values):
    """Run a statement in a transaction of its own.

    :return: list of rows
    """
    connection = connect(world)
    try:
        with connection, connection.cursor() as cursor:
            # without values, a percent sign is one
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def wait_until(world, sql, *values):
    """Wait until a query has rows, and return them."""
    deadline = time.monotonic() + PATIENCE
    while not (rows := execute(world, sql, *values)):
        assert time.monotonic() < deadline, sql
        time.sleep(0.02)
    return rows


@contextmanager
def held(world, ticket):
    """Change a ticket in another transaction, which is committed when the block ends."""
    connection = connect(world)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE helpdesk_lite_ticket SET write_date = now() WHERE id = %s", [ticket])
            yield connection.info.backend_pid
    finally:
        connection.close()


@contextmanager
def nothing_is_posted(world):
    """Let everybody who posts a message wait until the block ends, without a conflict of transactions afterwards."""
    connection = connect(world)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("LOCK TABLE mail_message IN SHARE MODE")
            yield connection.info.backend_pid
    finally:
        connection.close()


def wait_for_waiting(world, pid, count=1):
    """Wait until connections wait for the lock of a backend, and return their process ids."""
    sql = """SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)) AND (SELECT count(*) FROM pg_stat_activity
              WHERE %s = ANY(pg_blocking_pids(pid))) >= %s"""
    return [row[0] for row in wait_until(world, sql, pid, pid, count)]


def terminate(world, pid):
    assert execute(world, "SELECT pg_terminate_backend(%s)", pid) == [(True,)]


@contextmanager
def failing(world, table, word, times, code="P0001"):
    """Make the first ``times`` rows of a table fail whose text contains a word.

    Counted by a sequence, because a transaction that is rolled back counts as well.

    :param str code: the SQLSTATE of the error, P0001 for one that never goes away by itself
    """
    name = f"failing_{table}"
    execute(world, f"CREATE SEQUENCE {name}")
    execute(
        world,
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (to_jsonb(NEW) - 'source')::text LIKE '%{word}%' AND nextval('{name}') <= {times} THEN
                    RAISE EXCEPTION 'injected for {word}' USING ERRCODE = '{code}';
                END IF;
                RETURN NEW;
            END $$""",
    )
    execute(world, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    try:
        yield
        assert execute(world, f"SELECT last_value FROM {name} WHERE is_called"), "nothing was to fail"
    finally:
        execute(world, f"DROP TRIGGER {name} ON {table}")
        execute(world, f"DROP FUNCTION {name}")
        execute(world, f"DROP SEQUENCE {name}")


def tickets_by_team(world, address):
    tickets = world.admin(TICKET, "search_read", [("partner_email", "=", address)], ["team_id"], order="team_id, id")
    return [ticket["team_id"][0] for ticket in tickets]
