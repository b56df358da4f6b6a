"""The script ``helpdesk-mailgate.py``, as a mail server runs it."""

import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mail_workers import Workers, listening_socket

from devtools import databases
from devtools.patience import PATIENCE
from devtools.server import free_port
from devtools.setup import Setup
from devtools.state import ROOT, logs

SCRIPT = ROOT / "helpdesk_lite/static/scripts/helpdesk-mailgate.py"
TEMPFAIL, USAGE, NOINPUT, NOUSER = 75, 64, 66, 67
GROUPS = {
    "gateway": ["base.group_user", "helpdesk_lite.group_gateway"],
    "agent": ["helpdesk_lite.group_user"],
    "manager": ["helpdesk_lite.group_manager"],
    "customer": ["base.group_portal"],
}
KEYS = {name: f"{number}a" * 20 for number, name in enumerate(GROUPS, 1)}
PREPARE = """
from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT, INDEX_SIZE
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({{"name": "gate.example"}})
env["helpdesk_lite.team"].create({{"name": "Care", "alias_name": "care", "alias_domain_id": domain.id}})
for name, groups in {groups!r}.items():
    groups = [(6, 0, [env.ref(group).id for group in groups])]
    user = env["res.users"].with_context(no_reset_password=True).create(
        {{"name": name, "login": name, "email": f"{{name}}@gate.example", "group_ids": groups}})
    key = {keys!r}[name]
    env.cr.execute("INSERT INTO res_users_apikeys (name, user_id, scope, key, index) VALUES ('Mail', %s, NULL, %s, %s)",
                   [user.id, KEY_CRYPT_CONTEXT.hash(key), key[:INDEX_SIZE]])
"""
# bytes of Latin-1 that are no UTF-8, and a line that begins with a dot
RAW = (
    b"From: Zoe <zoe@quill.example>\r\nTo: care@gate.example\r\nSubject: %s\r\nMessage-ID: <%s@quill.example>\r\n"
    b"Content-Type: text/plain; charset=latin-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nM\xfcller\r\n.dot\r\n"
)


def raw(word):
    return RAW % (word.encode(), word.encode())


class Gate:
    """A running Odoo, and calls of the script for it."""

    def __init__(self, setup, database, port):
        self.setup, self.database, self.url = setup, database, f"http://127.0.0.1:{port}"

    def query(self, sql):
        return self.setup.server.query(self.database, sql)

    def call(self, *options, mail=b"", url=None, key="gateway", script=SCRIPT):
        """:return: the finished process of the script"""
        process = self.start(*options, url=url, key=key, script=script)
        process.stdout, process.stderr = process.communicate(mail, timeout=PATIENCE)
        return process

    def start(self, *options, url=None, key="gateway", script=SCRIPT):
        env = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK")}
        if key:
            env["HELPDESK_KEY"] = KEYS.get(key, key)
        places = () if script is not SCRIPT else ("--url", url or self.url, "--database", self.database)
        return subprocess.Popen(
            [sys.executable, script, *places, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
        )

    def sources(self, word):
        """The mails of this subject that Odoo has, as bytes."""
        return [
            bytes.fromhex(source)
            for (source,) in self.query(f"SELECT encode(source, 'hex') FROM helpdesk_lite_mail WHERE subject = '{word}'")
        ]

    def tickets(self, word):
        return int(self.query(f"SELECT count(*) FROM helpdesk_lite_ticket WHERE name = '{word}'")[0][0])


@pytest.fixture(scope="module")
def gate():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database, ExitStack() as stack:
        sock = stack.enter_context(listening_socket())
        workers = Workers(setup.environment(), database, logs() / f"{database}-workers.log", [sock])
        stack.callback(workers.close)
        assert workers.run("execute", PREPARE.format(keys=KEYS, groups=GROUPS)) == 0, workers.log.read_text()
        workers.start("serve", sock.fileno())
        yield Gate(setup, database, sock.getsockname()[1])


@contextmanager
def recorder(status=200, body=b"true"):
    """A web server that answers always the same, and records what was posted."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", posted
    finally:
        server.shutdown()
        server.server_close()


def one_sentence(process):
    """What the script says, which a mail server may put into its log or a bounce."""
    text = process.stderr.decode()
    assert text.startswith("helpdesk-mailgate: ")
    assert text.count("\n") == 1, text
    assert not any(key in text for key in KEYS.values())
    return text


# DELIVERED


def test_a_mail_arrives_byte_for_byte(gate):
    """Any bytes do, where the script of standard Odoo gives up."""
    done = gate.call(mail=raw("bytes"))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert gate.sources("bytes") == [raw("bytes")]
    assert gate.query("SELECT description FROM helpdesk_lite_ticket WHERE name = 'bytes'")[0][0].count("Müller") == 1

    stock = gate.setup.odoo.home / "odoo/addons/mail/static/scripts/odoo-mailgate.py"
    port = gate.url.rpartition(":")[2]
    options = ("--host", "127.0.0.1", "--port", port, "-d", gate.database, "-u", "2", "-p", "admin")
    assert gate.call(*options, mail=raw("stock"), script=stock).returncode == 70
    assert gate.tickets("stock") == 0


def test_the_key_may_be_in_a_file(gate, tmp_path):
    file = tmp_path / "key"
    file.write_text(KEYS["gateway"] + "\n")
    assert gate.call("--key-file", file, mail=raw("file"), key=None).returncode == 0
    assert gate.tickets("file") == 1


def test_a_mail_to_an_unknown_address_is_kept_and_refused(gate):
    """The mail server may tell its sender, as with the script of standard Odoo; the mail is there for a second look."""
    done = gate.call(mail=raw("nowhere").replace(b"care@", b"nobody@"))
    assert done.returncode == NOUSER
    one_sentence(done)
    assert gate.sources("nowhere") == [raw("nowhere").replace(b"care@", b"nobody@")]
    assert gate.query("SELECT state, reason FROM helpdesk_lite_mail WHERE subject = 'nowhere'") == [["parked", "no_route"]]


# NOT DELIVERED


def test_without_a_server_a_mail_is_to_be_tried_again(gate):
    done = gate.call(mail=raw("down"), url=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == TEMPFAIL
    assert "does not answer" in one_sentence(done)


@pytest.mark.parametrize("key", ["c3" * 20, "customer", "agent", "manager", None, "ä"])
def test_nobody_else_delivers(gate, key):
    word = f"key{str(key)[:4]}"
    done = gate.call(mail=raw(word), key=key)
    assert done.returncode == TEMPFAIL, "the mail must not be returned because of a mistake in the set-up"
    assert "API key" in one_sentence(done)
    assert not gate.sources(word)
    assert gate.tickets(word) == 0


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (503, b""), (413, b""), (404, b""), (200, b"<html>Welcome</html>"), (200, b"")]
)
def test_an_answer_that_is_no_confirmation_is_none(gate, status, body, tmp_path):
    with recorder(status, body) as (url, _posted):
        done = gate.call("--spool", tmp_path / "spool", mail=raw("fault"), url=url)
    assert done.returncode == TEMPFAIL
    assert str(tmp_path / "spool") in one_sentence(done)
    (file,) = (tmp_path / "spool").glob("*.eml")
    assert file.read_bytes() == raw("fault")


def test_wrong_use_is_told_in_one_sentence(gate, tmp_path):
    for options, code in (
        (("--flush",), USAGE),
        (("--password", "secret"), USAGE),
        (("--timeout", "soon"), USAGE),
        (("--url", "odoo.example.com"), USAGE),
        (("surplus",), USAGE),
        (("--key-file", tmp_path / "missing"), TEMPFAIL),
    ):
        done = gate.call(*options, mail=raw("use"))
        assert (done.returncode, options) == (code, options)
        one_sentence(done)
    assert gate.call(mail=b"").returncode == NOINPUT
    assert gate.tickets("use") == 0


# THE SPOOL


def test_the_spool_is_flushed_in_order(gate, tmp_path):
    spool = tmp_path / "spool"
    nowhere = f"http://127.0.0.1:{free_port()}"
    words = [f"spool{number}" for number in range(4)]
    for word in words:
        assert gate.call("--spool", spool, mail=raw(word), url=nowhere).returncode == TEMPFAIL
    # tried again by the mail server, it is still one mail
    assert gate.call("--spool", spool, mail=raw(words[0]), url=nowhere).returncode == TEMPFAIL
    assert spool.stat().st_mode & 0o777 == 0o700
    assert [file.read_bytes() for file in sorted(spool.glob("*.eml"))] == [raw(word) for word in words]
    # what a crash left half written
    (spool / "0-half.eml.part").write_bytes(b"From: ")

    assert gate.call("--spool", spool, "--flush", url=nowhere).returncode == TEMPFAIL
    assert len(list(spool.glob("*.eml"))) == 4
    done = gate.call("--spool", spool, "--flush")
    assert (done.returncode, done.stderr) == (0, b"")
    assert not list(spool.glob("*.eml"))
    arrived = gate.query("SELECT name FROM helpdesk_lite_ticket WHERE name LIKE 'spool%' ORDER BY id")
    assert [name for (name,) in arrived] == words
    assert gate.call("--spool", tmp_path / "never used", "--flush").returncode == 0


def test_two_flushes_at_once_send_each_mail_once(gate, tmp_path):
    words = [f"twice{number}" for number in range(12)]
    with recorder(500) as (url, _posted):
        for word in words:
            gate.call("--spool", tmp_path, mail=raw(word), url=url)
    with recorder() as (url, posted):
        running = [gate.start("--spool", tmp_path, "--flush", url=url) for _flush in range(3)]
        assert [process.communicate(timeout=PATIENCE) and process.returncode for process in running] == [0, 0, 0]
    sent = [json.loads(body)["source"] for _path, _headers, body in posted]
    assert len(sent) == len(set(sent)) == len(words)
    assert {path for path, _headers, _body in posted} == {"/json/2/helpdesk_lite.mail/deliver"}


def test_one_mail_that_is_refused_does_not_hold_up_the_others(gate, tmp_path):
    for word in ("first", "second"):
        with recorder(500) as (url, _posted):
            gate.call("--spool", tmp_path, mail=raw(word), url=url)
    with recorder(413) as (url, posted):
        assert gate.call("--spool", tmp_path, "--flush", url=url).returncode == TEMPFAIL
    assert len(posted) == 2, "each is tried"
    with recorder(401) as (url, posted):
        assert gate.call("--spool", tmp_path, "--flush", url=url).returncode == TEMPFAIL
    assert len(posted) == 1, "with a wrong key all would fail"
    assert len(list(tmp_path.glob("*.eml"))) == 2


def test_a_spool_that_cannot_be_written_loses_nothing(gate, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = gate.call("--spool", tmp_path / "file", mail=raw("full"), url=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == TEMPFAIL
    assert "spool" in one_sentence(done)
