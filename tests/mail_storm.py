"""A storm of mails: by IMAP, POP and the gateway script into one database, while its processes are killed.

Used by ``test_mail_storm.py`` and by ``./dev bench mail --storm``, which also runs it on an Odoo without our addons.
"""

import os
import queue
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mail_workers import Workers, listening_socket
from mailbox_servers import PASSWORD, mailbox
from own_postgres import own_database

from devtools import databases
from devtools.patience import PATIENCE
from devtools.state import ROOT, logs

DOMAIN = "storm.example"
KINDS = ("imap", "imap", "imap", "pop", "pop", "pop", "script", "script")
WEIGHTS = (4, 4, 4, 4, 4, 4, 3, 3)
SCRIPT = ROOT / "helpdesk_lite/static/scripts/helpdesk-mailgate.py"
EX_TEMPFAIL = 75
SERIALIZATION, FAILURE, DISK_FULL = 31, 83, 101  # every how many rows fail
KEY = "0123456789abcdef" * 2 + "01234567"

SERVERS = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({{"name": "storm.example"}})
for kind, port in {ports}:
    env["fetchmail.server"].create({{"name": f"{{kind}} {{port}}", "server": "127.0.0.1", "port": port, "user": "care",
        "password": {password!r}, "server_type": kind, "state": "done"}})
"""
TROUBLE = """
CREATE SEQUENCE trouble_points;
CREATE FUNCTION trouble() RETURNS trigger AS $$
DECLARE n bigint := nextval('trouble_points');
BEGIN
    IF n % {serialization} = 0 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '40001'; END IF;
    IF n % {failure} = 0 THEN RAISE EXCEPTION 'injected'; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER trouble BEFORE INSERT ON mail_message FOR EACH ROW EXECUTE FUNCTION trouble();
CREATE TRIGGER trouble BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION trouble();
"""
DISK = """
CREATE SEQUENCE disk_points;
CREATE FUNCTION disk_full() RETURNS trigger AS $$
BEGIN
    IF nextval('disk_points') % {disk_full} = 0 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '53100'; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER trouble BEFORE INSERT ON helpdesk_lite_mail FOR EACH ROW EXECUTE FUNCTION disk_full();
"""


class Helpdesk:
    """Tickets by mail into two teams, with the gateway script of this addon."""

    name = "Helpdesk Lite"
    table, parent = "helpdesk_lite_ticket", "team_id"
    model = "helpdesk_lite.ticket"
    template = staticmethod(databases.tested_template)
    prepare = (
        SERVERS
        + """
for name in ("care", "returns"):
    env["helpdesk_lite.team"].create({{"name": name, "alias_name": name, "alias_domain_id": domain.id}})
from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT, INDEX_SIZE
env.cr.execute("INSERT INTO res_users_apikeys (name, user_id, scope, key, index) VALUES ('Storm', 2, NULL, %s, %s)",
               [KEY_CRYPT_CONTEXT.hash({key!r}), {key!r}[:INDEX_SIZE]])
"""
    )
    trouble = TROUBLE + DISK

    def command(self, storm, spool):
        options = ["--spool", spool] if spool else []
        return [sys.executable, SCRIPT, "--url", storm.url, "--database", storm.database, *options]

    def drain(self, storm):
        """Let the job try everything again that failed or was left by a killed process."""
        waiting = "SELECT count(*) FROM helpdesk_lite_mail WHERE state IN ('received', 'failed')"
        for _round in range(50):
            if storm.query(waiting) == [["0"]]:
                return
            storm.query(
                "UPDATE helpdesk_lite_mail SET next_try = now() - interval '1 day' WHERE state IN ('received', 'failed')"
            )
            storm.workers.run("try_again")

    def rows(self, storm):
        """The sources of the mails that are no message but a row of Incoming Mail: {number of the mail: list of hex}"""
        found = {}
        for subject, source in storm.query(
            "SELECT subject, encode(source, 'hex') FROM helpdesk_lite_mail WHERE state IN ('received', 'failed', 'parked')"
        ):
            found.setdefault(number_in(subject), []).append(source)
        return found


class Stock(Helpdesk):
    """Tasks by mail into two projects, in an Odoo without our addons, with the gateway script of Odoo."""

    name = "standard Odoo"
    table, parent = "project_task", "project_id"
    model = "project.task"
    template = staticmethod(databases.foreign_template)
    prepare = (
        SERVERS
        + """
for name in ("care", "returns"):
    env["project.project"].create({{"name": name, "alias_name": name, "alias_domain_id": domain.id}})
"""
    )
    trouble = TROUBLE

    def command(self, storm, spool):
        script = storm.setup.odoo.home / "odoo/addons/mail/static/scripts/odoo-mailgate.py"
        options = ["--host", "127.0.0.1", "--port", str(storm.port), "-d", storm.database, "-u", "2", "-p", "admin"]
        return [sys.executable, script, *options, "--retry-status"]

    def drain(self, storm):
        pass

    def rows(self, storm):
        return {}


@dataclass
class Mail:
    """One genuine mail: how many teams it is for, and the ways it comes, which may be two."""

    number: int
    source: bytes
    teams: int
    ways: list = field(default_factory=list)


def number_in(subject):
    found = re.search(r"storm(\d+)", subject or "")
    return found and int(found[1])


def make_mails(count, rng):
    """Plain mails, mails to two teams, answers, mails without Message-ID; some come by two ways.

    :rtype: list[Mail]
    """
    mails = []
    for number in range(count):
        kind = rng.choices(("plain", "two", "answer", "no_id"), (70, 10, 10, 10))[0]
        headers = [
            f"From: Zoe Quill <zoe{number}@quill.example>",
            f"To: care@{DOMAIN}" + (f", returns@{DOMAIN}" if kind == "two" else ""),
            f"Subject: {'Re: ' if kind == 'answer' else ''}storm{number}",
            "Date: Mon, 02 Mar 2026 10:00:00 +0000",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        if kind != "no_id":
            headers.append(f"Message-ID: <storm{number}@quill.example>")
        if kind == "answer" and number:
            headers.append(f"In-Reply-To: <storm{rng.randrange(number)}@quill.example>")
        body = f"The shade of lamp {number} is broken.\r\n" + "A line of text.\r\n" * rng.randrange(60)
        ways = [rng.choices(range(len(KINDS)), WEIGHTS)[0]]
        if rng.random() < 0.1:
            ways.append(rng.choices(range(len(KINDS)), WEIGHTS)[0])
        source = ("\r\n".join(headers) + "\r\n\r\n" + body).encode()
        mails.append(Mail(number, source, 2 if kind == "two" else 1, ways))
    return mails


class Storm:
    """Runs a storm; ``figures`` has what came of it.

    :param setup: with a PostgreSQL server whose processes may be killed
    :param world: :class:`Helpdesk` or :class:`Stock`
    :param int count: of mails
    :param int kills: of processes, three quarters of Odoo's and a quarter of PostgreSQL's
    """

    def __init__(self, setup, database, world, count, kills, seed):
        self.setup, self.database, self.world = setup, database, world
        self.rng = random.Random(seed)
        self.mails = make_mails(count, random.Random(seed))
        # about two commands for each mail, and fewer than that are certain
        self.plan = sorted(self.rng.randrange(int(1.3 * count)) for _kill in range(kills))
        self.events = 0
        self.killed = Counter()
        self.exits = Counter()
        self.lock = threading.Lock()
        self.backends_to_kill = queue.Queue()
        self.fetching = {}
        self.serving = set()
        self.over = False
        self.figures = {}

    def query(self, sql):
        return self.setup.server.query(self.database, sql)

    def run(self):
        with ExitStack() as stack:
            self.accounts = [stack.enter_context(mailbox(kind)) for kind in KINDS if kind != "script"]
            sock = listening_socket()
            stack.callback(sock.close)
            self.port = sock.getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}"
            self.spool = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            log = logs() / f"{self.database}-storm.log"
            self.workers = Workers(self.setup.environment(), self.database, log, [sock])
            stack.callback(self.workers.close)
            ports = [(account.kind, account.port) for account in self.accounts]
            prepare = self.world.prepare.format(ports=ports, password=PASSWORD, key=KEY)
            assert self.workers.run("execute", prepare) == 0, log.read_text()[-3000:]
            self.servers = {
                int(port): int(record) for record, port in self.query("SELECT id, port FROM fetchmail_server WHERE port > 0")
            }
            self.query(
                self.world.trouble.format(
                    table=self.world.table, serialization=SERIALIZATION, failure=FAILURE, disk_full=DISK_FULL
                )
            )
            self.send()
            begin = time.monotonic()
            with self.servers_and_killer(sock):
                threads = [threading.Thread(target=self.fetch, args=[account]) for account in self.accounts]
                threads += [threading.Thread(target=self.deliver, args=[way]) for way in self.script_ways()]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.figures["seconds"] = round(time.monotonic() - begin, 1)
                self.calm_down()
            self.judge()
        return self.figures

    def script_ways(self):
        return [way for way, kind in enumerate(KINDS) if kind == "script"]

    def send(self):
        """Put the mails into the mailboxes, and into the queues of the mail servers that call the script."""
        self.queues = {way: queue.Queue() for way in self.script_ways()}
        for mail in self.mails:
            for way in mail.ways:
                if way in self.queues:
                    self.queues[way].put(mail)
                else:
                    self.accounts[way].deliver(mail.source)
        for account in self.accounts:
            account.before = lambda _command: self.event()

    # the three ways

    def fetch(self, account):
        """Fetch until the mailbox is empty, with a new process whenever one has ended."""
        record = self.servers[account.port]
        while account.unread():
            pid = self.workers.start("fetch", record)
            self.fetching[account.port] = pid
            self.exits[self.workers.wait(pid)] += 1

    def deliver(self, way):
        """Deliver by the script as a mail server does: what gets a temporary failure is tried again."""
        # one of the two keeps a spool, and leaves it to the flush to try again
        spool = self.spool if way % 2 else None
        while not self.queues[way].empty():
            mail = self.queues[way].get()
            self.event()
            code = self.call(self.world.command(self, spool), mail.source)
            if code == EX_TEMPFAIL and not (spool and any(spool.glob("*.eml"))):
                self.queues[way].put(mail)
        while spool and any(spool.glob("*.eml")):
            self.call([*self.world.command(self, spool), "--flush"], b"")

    def call(self, command, source):
        code = subprocess.run(
            command, input=source, env=os.environ | {"HELPDESK_KEY": KEY}, capture_output=True, check=False
        ).returncode
        self.exits[f"script {code}"] += 1
        return code

    # the kills

    def event(self):
        """Count a command of a client or a call of the script, and kill what is planned for this point."""
        with self.lock:
            self.events += 1
            while self.plan and self.plan[0] <= self.events:
                kind = self.rng.choices(("fetch job", "web server", "PostgreSQL"), (5, 1, 2))[0]
                self.plan.pop(0)
                if kind == "PostgreSQL":
                    # asked by a connection of its own, which takes too long here
                    self.backends_to_kill.put(self.rng.random())
                    continue
                victims = list(self.fetching.values()) if kind == "fetch job" else list(self.serving)
                victims = sorted(set(victims) & set(self.workers.alive()))
                if victims and self.workers.kill(self.rng.choice(victims)):
                    self.killed[kind] += 1
                else:
                    self.plan.insert(0, self.events + 1)
                    return True
        return True

    @contextmanager
    def servers_and_killer(self, sock):
        """Keep two web servers alive, and kill processes of PostgreSQL."""
        threads = [
            threading.Thread(target=self.keep_serving, args=[sock.fileno()]),
            threading.Thread(target=self.kill_backends),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over = True
            self.backends_to_kill.put(None)
            with self.workers.changed:
                self.workers.changed.notify_all()
            for thread in threads:
                thread.join()

    def keep_serving(self, descriptor):
        while not self.over:
            with self.workers.changed:
                self.serving &= set(self.workers.alive())
                if len(self.serving) >= 2:
                    self.workers.changed.wait(PATIENCE)
                    continue
            self.serving.add(self.workers.start("serve", descriptor))

    def kill_backends(self):
        while (where := self.backends_to_kill.get()) is not None:
            # after PostgreSQL has recovered from the last one
            while not self.setup.server.kill_backend(lambda rows, where=where: rows[int(where * len(rows))], self.database):
                if self.over:
                    return
            self.killed["PostgreSQL"] += 1

    # the end

    def calm_down(self):
        """End the trouble, and let everything be tried again that waits."""
        for account in self.accounts:
            account.before = None
        assert self.setup.server.answers()
        self.query("DROP FUNCTION trouble() CASCADE")
        if "disk_full" in self.world.trouble:
            self.query("DROP FUNCTION disk_full() CASCADE")
        for account in self.accounts:
            self.fetch(account)
        for way in self.script_ways():
            self.deliver(way)
        self.world.drain(self)

    def judge(self):
        """Count what became of each genuine mail."""
        messages = {}
        for subject, parent in self.query(
            f"SELECT m.subject, t.{self.world.parent} FROM mail_message m JOIN {self.world.table} t ON t.id = m.res_id "
            f"WHERE m.model = '{self.world.model}' AND m.message_type = 'email'"
        ):
            messages.setdefault(number_in(subject), []).append(parent)
        rows = self.world.rows(self)
        self.wrong = {}
        counts = Counter({"lost": 0, "lost for one of two teams": 0, "doubled": 0, "messages": 0, "rows": 0})
        for mail in self.mails:
            parents, kept = messages.get(mail.number, []), rows.get(mail.number, [])
            if len(parents) > len(set(parents)) or len(kept) + bool(parents) > 1:
                verdict = "doubled"
            elif parents:
                verdict = "messages" if len(parents) == mail.teams else "lost for one of two teams"
            else:
                verdict = "rows" if kept == [mail.source.hex()] else "lost"
            counts[verdict] += 1
            if verdict in ("lost", "doubled", "lost for one of two teams"):
                self.wrong[mail.number] = (verdict, parents, len(kept), mail)
        self.figures |= {
            "mails": len(self.mails),
            "deliveries": sum(len(mail.ways) for mail in self.mails),
            "killed processes of Odoo": self.killed["fetch job"] + self.killed["web server"],
            "killed processes of PostgreSQL": self.killed["PostgreSQL"],
            **counts,
        }


def storm(setup, world, count, kills, seed=12):
    """Run a storm on a PostgreSQL server of its own.

    :rtype: Storm
    """
    with own_database(setup, world.template) as (own, database):
        running = Storm(own, database, world, count, kills, seed)
        running.run()
        return running
