"""Fetching by IMAP and POP from real servers, by processes of Odoo that are killed between any two commands."""

import datetime
import itertools
import json
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from intake_world import held, wait_for_waiting
from mail_workers import Workers
from mailbox_servers import PASSWORD, mailbox

from devtools import databases
from devtools.setup import Setup
from devtools.state import logs

PREPARE = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({"name": "fetch.example"})
for name in ("care", "returns"):
    env["helpdesk_lite.team"].create({"name": name.title(), "alias_name": name, "alias_domain_id": domain.id})
"""
SERVER = """
env["fetchmail.server"].create({{
    "name": {name!r}, "server": "127.0.0.1", "port": {port}, "user": "care@fetch.example", "state": "done",
    "server_type": {kind!r}, "is_ssl": {tls}, **{values},
}})
"""
numbers = itertools.count(1)


class Post:
    """A server of the test with its record in Odoo."""

    def __init__(self, world, account, record):
        self.world, self.account, self.record = world, account, record

    def fetch(self):
        """Run the fetch job until it ends or is killed, and return its exit code."""
        return self.world.workers.run("fetch", self.record)

    def deliver(self, count=1, **options):
        """Put new mails into the mailbox, and return their words, by which ``tickets`` finds them."""
        words = [f"lamp{next(numbers)}" for _number in range(count)]
        self.account.deliver(*(make_mail(word, **options) for word in words))
        return words

    def error(self):
        return self.world.query(f"SELECT error_message FROM fetchmail_server WHERE id = {self.record}")[0][0]

    def commands(self, start):
        return [command for command in self.account.commands if command.startswith(start)]


class World:
    def __init__(self, setup, database, workers):
        self.setup, self.database, self.workers = setup, database, workers
        # as in ``intake_world``
        self.server = SimpleNamespace(setup=setup, database=database)

    def query(self, sql):
        return self.setup.server.query(self.database, sql)

    def run(self, code):
        assert self.workers.run("execute", code) == 0, self.workers.log.read_text()

    def tickets(self, word):
        return int(self.query(f"SELECT count(*) FROM helpdesk_lite_ticket WHERE name = '{word}'")[0][0])

    @contextmanager
    def post(self, kind, tls=None, server_type=None, values=None):
        name = f"Server {next(numbers)}"
        with mailbox(kind, certificate=tls) as account:
            self.run(
                SERVER.format(
                    name=name,
                    port=account.port,
                    kind=server_type or kind,
                    tls=bool(tls),
                    values=values or {"password": PASSWORD},
                )
            )
            yield Post(self, account, int(self.query(f"SELECT id FROM fetchmail_server WHERE name = '{name}'")[0][0]))


def make_mail(word, message_id=True, body="The shade is broken.", headers=""):
    header = f"Message-ID: <{word}@quill.example>\r\n" if message_id else ""
    return (
        f"From: Zoe Quill <{word}@quill.example>\r\nTo: care@fetch.example\r\nSubject: {word}\r\n"
        f"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\n{header}{headers}\r\n{body}\r\n"
    ).encode()


@pytest.fixture(scope="module")
def world():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database, ExitStack() as stack:
        workers = Workers(setup.environment(), database, logs() / f"{database}-workers.log")
        stack.callback(workers.close)
        found = World(setup, database, workers)
        found.run(PREPARE)
        yield found


@pytest.fixture(params=["imap", "pop"])
def post(request, world):
    with world.post(request.param) as found:
        yield found


# KILLED


@pytest.mark.parametrize("executed", [False, True], ids=["before the command", "after the command"])
def test_killed_between_any_two_commands_nothing_is_lost_or_doubled(world, post, executed):
    """The process is ended at the first command, then at the second, and so on until a run has fewer.

    One of two mails has no Message-ID.
    """
    words, killed = [], 0
    for moment in itertools.count(1):
        words += post.deliver() + post.deliver(message_id=False)
        countdown = iter(range(moment - 1, -1, -1))

        def before(_command, countdown=countdown):
            if next(countdown, 1) == 0:
                world.workers.kill(world.workers.alive()[-1])
                return executed
            return True

        post.account.before = before
        code = post.fetch()
        post.account.before = None
        if code == 0:
            break
        assert code == -9
        killed += 1
        # the next run takes what was left, once PostgreSQL has noticed that the killed one holds the mailbox no more
        for _run in range(20):
            assert post.fetch() == 0
            if not post.account.unread():
                break
        assert not post.account.unread()
    assert killed >= 9, "the job has that many commands"
    assert [world.tickets(word) for word in words] == [1] * len(words)


def test_a_mail_of_a_lost_session_is_deleted_without_being_fetched_again(world):
    with world.post("pop") as post:
        (word,) = post.deliver()
        (message,) = post.account.messages
        post.account.before = lambda command: command != "QUIT"
        post.fetch()
        assert post.account.messages == [message], "POP deletes at the end of an orderly session"
        assert world.tickets(word) == 1
        post.account.before = None
        assert post.fetch() == 0
        assert not post.account.messages
        assert message.fetched == 1
        assert world.query(f"SELECT count(*) FROM helpdesk_lite_mail_uid WHERE server_id = {post.record}") == [["0"]]


def test_a_uid_that_the_server_uses_again_is_another_mail(world):
    """Of a lost session a UID is remembered; with another size, or on another server, it is not the same mail."""
    with world.post("pop") as post:
        post.deliver()
        post.account.before = lambda command: command != "QUIT"
        post.fetch()
        post.account.before = None
        word = "anotherlamp"
        post.account.messages.clear()
        post.account.last_uid = 0
        post.account.deliver(make_mail(word, body="Longer than the first."))
        post.fetch()
        assert world.tickets(word) == 1
        # the same by a change of the account
        post.deliver()
        post.account.before = lambda command: command != "QUIT"
        post.fetch()
        post.account.before = None
        assert world.query(f"SELECT count(*) FROM helpdesk_lite_mail_uid WHERE server_id = {post.record}") == [["1"]]
        world.run(f"env['fetchmail.server'].browse({post.record}).user = 'other@fetch.example'")
        assert world.query(f"SELECT count(*) FROM helpdesk_lite_mail_uid WHERE server_id = {post.record}") == [["0"]]


# WHAT THE SERVER SHOWS


def test_nothing_is_marked_or_deleted_before_it_is_ours(world, post):
    """At every command, the mails that are gone from the server's list of new ones are tickets."""
    words = post.deliver(3)
    messages = list(post.account.messages)

    def check(command):
        if command.startswith("UID STORE"):
            # the fetch itself must not mark a mail
            marked_early.extend(message for message in messages if str(message.uid) in command.split() and message.seen)
        taken = [
            word for word, message in zip(words, messages, strict=True) if message.seen or message not in post.account.messages
        ]
        seen.append([world.tickets(word) for word in taken])

    seen, marked_early = [], []
    post.account.before = check
    assert post.fetch() == 0
    check("the end")
    assert seen[-1] == [1, 1, 1]
    assert not marked_early
    assert all(set(counts) <= {1} for counts in seen), seen
    assert [message.fetched for message in messages] == [1, 1, 1]


def test_expunged_mails_are_skipped(world, post):
    """Mails that vanish after they were listed keep nothing from being fetched."""
    words = post.deliver(4)
    gone = post.account.messages[1:3]

    def before(command):
        if command.startswith(("RETR", "UID FETCH")):
            while gone:
                post.account.expunge(gone.pop())

    post.account.before = before
    assert post.fetch() == 0
    assert not gone
    assert [world.tickets(word) for word in words] == [1, 0, 0, 1]
    assert not post.error()
    assert not post.account.unread()


def test_what_others_marked_for_deletion_is_not_expunged(world):
    with world.post("imap") as post:
        post.deliver(2)
        post.account.messages[0].seen = post.account.messages[0].marked = True
        assert post.fetch() == 0
        assert len(post.account.messages) == 2


def test_a_line_of_any_length_arrives(world, post):
    word = "longline"
    post.account.deliver(make_mail(word, body="x" * 300_000 + "\r\n.dot\r\nend"))
    after = post.deliver()
    assert post.fetch() == 0
    assert world.tickets(word) == 1
    assert world.tickets(after[0]) == 1
    description = world.query(
        f"SELECT length(description), description LIKE '%.dot%' FROM helpdesk_lite_ticket WHERE name = '{word}'"
    )[0]
    assert int(description[0]) > 300_000
    assert description[1] == "t"


def test_a_pop_server_without_uids_works(world):
    with world.post("pop") as post:
        post.account.has_uidl = False
        words = post.deliver(2, message_id=False)
        post.account.before = lambda command: command != "QUIT"
        post.fetch()
        post.account.before = None
        post.fetch()
        assert [world.tickets(word) for word in words] == [1, 1]
        assert not post.account.messages


# TOO BIG


def test_a_mail_over_the_limit_stays_on_its_server_until_the_limit_is_raised(world, post):
    (small,) = post.deliver()
    big = "biglamp" + post.account.kind
    message = post.account.deliver(make_mail(big, body="x\r\n" * 700_000))
    world.run(f"env['fetchmail.server'].browse({post.record}).size_limit = 1")
    for _run in range(2):
        assert post.fetch() == 0
        assert world.tickets(small) == 1
        assert world.tickets(big) == 0
        assert post.account.messages[-1] is message
        assert not message.seen
        parked = world.query(
            f"SELECT state, reason, size, length(source) < 1000 FROM helpdesk_lite_mail WHERE subject = '{big}'"
        )
        assert parked == [["parked", "too_big", str(len(message.source)), "t"]], "its header is kept, once"
    body_fetches = {"imap": "UID FETCH 2 (BODY.PEEK[])", "pop": "RETR 2"}[post.account.kind]
    assert not post.commands(body_fetches)
    world.run(f"env['fetchmail.server'].browse({post.record}).size_limit = 3")
    assert post.fetch() == 0
    assert world.tickets(big) == 1
    assert not post.account.unread()
    rows = world.query(f"SELECT state, size FROM helpdesk_lite_mail WHERE subject = '{big}'")
    assert rows == [["done", str(len(message.source))]]


# WHAT OTHERS CHANGE


def test_an_answer_to_a_ticket_that_somebody_else_changes_is_one_message(world, post):
    """By standard Odoo's job, such an answer fails with a serialization error, and is deleted from its POP server."""
    (word,) = post.deliver()
    assert post.fetch() == 0
    ((ticket,),) = world.query(f"SELECT id FROM helpdesk_lite_ticket WHERE name = '{word}'")
    # a copy is written to the ticket
    (answer,) = post.deliver(headers=f"In-Reply-To: <{word}@quill.example>\r\nCc: {word}@third.example\r\n")
    with held(world, int(ticket)) as pid:
        job = world.workers.start("fetch", post.record)
        wait_for_waiting(world, pid)
    assert world.workers.wait(job) == 0
    assert not post.account.unread()
    messages = f"SELECT model, res_id FROM mail_message WHERE message_id = '<{answer}@quill.example>'"
    assert world.query(messages) == [["helpdesk_lite.ticket", ticket]]
    assert world.query(f"SELECT state FROM helpdesk_lite_mail WHERE subject = '{answer}'") == [["done"]]
    assert world.tickets(answer) == 0


# WHAT CANNOT BE KEPT


def test_a_mail_that_cannot_be_stored_stays_new_and_the_error_is_shown(world, post):
    """Disk full: the job shows the reason on the server's form, and the next run takes the mail."""
    words = post.deliver(2)
    world.query("""
        CREATE FUNCTION disk_full() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER disk_full BEFORE INSERT ON helpdesk_lite_mail FOR EACH ROW EXECUTE FUNCTION disk_full();
    """)
    try:
        assert post.fetch() == 0, "the job goes on with other servers"
        assert len(post.account.unread()) == 2
        assert [world.tickets(word) for word in words] == [0, 0]
        assert "space" in post.error()
    finally:
        world.query("DROP TRIGGER disk_full ON helpdesk_lite_mail; DROP FUNCTION disk_full()")
    assert post.fetch() == 0
    assert not post.account.unread()
    assert [world.tickets(word) for word in words] == [1, 1]
    assert not post.error()


# SUBCLASSES OF ODOO'S SERVER


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for 127.0.0.1, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.datetime(2026, 1, 1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2100))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    files[1].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return tuple(map(str, files))


@pytest.mark.parametrize(("server_type", "token"), [("gmail", "google_gmail"), ("outlook", "microsoft_outlook")])
def test_servers_with_oauth_fetch_as_the_others(world, certificate, server_type, token):
    """Gmail and Outlook log in by their own classes of Odoo, over TLS, and then fetch like any IMAP server."""
    values = {
        f"{token}_refresh_token": "refresh",
        f"{token}_access_token": f"token of {server_type}",
        f"{token}_access_token_expiration": 2_100_000_000,
    }
    with world.post("imap", tls=certificate, server_type=server_type, values=values) as post:
        (word,) = post.deliver()
        assert post.fetch() == 0
        assert not post.error()
        assert world.tickets(word) == 1
        assert not post.account.unread()
        assert post.commands("AUTHENTICATE XOAUTH2")
        assert post.commands(f"user=care@fetch.example\1auth=Bearer token of {server_type}")
        assert post.commands("UID FETCH 1 (BODY.PEEK[])")
        assert not post.commands("LOGIN")


# WHAT IT COSTS


def test_a_mail_takes_four_statements_and_one_commit_more_than_in_standard_odoo(world, tmp_path):
    result = tmp_path / "costs"
    assert world.workers.run("count", "care@fetch.example", str(result)) == 0, world.workers.log.read_text()[-3000:]
    ours, standard = ([min(values) for values in zip(*costs, strict=True)] for costs in json.loads(result.read_text()).values())
    assert standard[0] > 20, "the statements of standard Odoo are counted"
    assert (ours[0] - standard[0] <= 4, ours[1] - standard[1]) == (True, 1), (ours, standard)
