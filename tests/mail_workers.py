"""Processes of Odoo that receive mail or run statements, for tests that kill them or let them meet.

Started as a program, this loads Odoo once and then forks a process for each job that it is sent, a JSON list of the
name of a function below and its arguments. It prints a JSON list for what happened: ``["began", PID]`` and
``["ended", PID, EXIT CODE]``. :class:`Workers` is its other end.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from devtools.patience import PATIENCE
from devtools.terminal import die_with_parent


def fetch(env, *servers):
    """Fetch as the job does, from each server, until there is nothing to fetch."""
    for server in env["fetchmail.server"].browse(servers):
        server._fetch_mail()
        env.cr.commit()


def execute(env, code):
    """Run statements with ``env``."""
    exec(code, {"env": env})
    env.cr.commit()
    env.registry.signal_changes()


def try_again(env):
    env["helpdesk_lite.mail"]._try_again()
    env.cr.commit()


def measure(env, way, address, label, count, result):
    """Process mails one after the other, and write the seconds of begin and end to a file.

    :param str way: ``ours``, or ``standard`` for the method of Odoo's own class
    """
    for number in range(-3, count):
        if not number:
            begin = time.monotonic()
        process_mail(env, way, plain_mail(address, f"{label}x{number}"))
    Path(result).write_text(json.dumps([begin, time.monotonic()]))


class Counter:
    """Counts statements and commits of all cursors; only commits of what was written have to wait for the disk."""

    def __init__(self):
        from odoo.sql_db import Cursor, PsycoConnection

        self.statements = self.commits = 0
        execute, commit = Cursor.execute, PsycoConnection.commit

        def counting_execute(cursor, *arguments, **options):
            self.statements += 1
            return execute(cursor, *arguments, **options)

        def counting_commit(connection):
            # without a statement there is no transaction to commit
            if connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
                    self.commits += cursor.fetchone()[0]
            return commit(connection)

        Cursor.execute, PsycoConnection.commit = counting_execute, counting_commit


def count(env, address, result):
    """Write to a file what a mail costs by our way and by Odoo's own: ``{way: [[statements, commits that write], …]}``."""
    counter, costs = Counter(), {"ours": [], "standard": []}
    # the first ones fill caches
    for number in range(-3, 5):
        for way, found in costs.items():
            before = counter.statements, counter.commits
            process_mail(env, way, plain_mail(address, f"count{way}{number}"))
            if number >= 0:
                found.append([counter.statements - before[0], counter.commits - before[1]])
    Path(result).write_text(json.dumps(costs))


def plain_mail(address, label):
    """A mail with one text part.

    :rtype: bytes
    """
    return (
        f"From: Zoe Quill <{label}@quill.example>\r\nTo: {address}\r\nSubject: Lamp {label}\r\n"
        f"Message-ID: <{label}@quill.example>\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n" + "The shade of my lamp is broken.\r\n" * 20
    ).encode()


def process_mail(env, way, mail):
    """Receive a mail, and commit as the fetch job does."""
    from odoo.addons.mail.models.mail_thread import MailThread

    thread = env["mail.thread"]
    found = thread.message_process(None, mail) if way == "ours" else MailThread.message_process(thread, None, mail)
    env.cr.commit()
    assert found


def serve(env, descriptor):
    """Serve HTTP on a socket that is listening already, so that clients wait for a process that begins."""
    from odoo import http
    from werkzeug.serving import make_server

    make_server("127.0.0.1", 0, http.root, threaded=True, fd=descriptor).serve_forever()


def main():
    from devtools.odoo_env import odoo_env

    descriptors = json.loads(sys.argv[1])
    with odoo_env() as env:
        database = env.cr.dbname
    import odoo.sql_db

    # a connection that two processes use is broken
    odoo.sql_db.close_all()
    reader, writer = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_arguments: None)
    print(json.dumps(["ready"]), flush=True)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    selector.register(reader, selectors.EVENT_READ)
    while True:
        for key, _mask in selector.select():
            if key.fileobj is sys.stdin:
                line = sys.stdin.readline()
                if not line:
                    return
                name, *arguments = json.loads(line)
                pid = os.fork()
                if not pid:
                    work(database, globals()[name], arguments, descriptors)
                print(json.dumps(["began", pid]), flush=True)
            else:
                os.read(reader, 1024)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            print(json.dumps(["ended", pid, os.waitstatus_to_exitcode(status)]), flush=True)


def work(database, function, arguments, descriptors):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    die_with_parent()
    os.dup2(2, 1)
    code = 1
    try:
        if function is serve:
            serve(None, *arguments)
        else:
            # as for each request: other processes may have changed what this one keeps since Odoo was loaded
            with Registry(database).check_signaling().cursor() as cr:
                function(api.Environment(cr, SUPERUSER_ID, {}), *arguments)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


class Workers:
    """Starts and watches processes of Odoo on a database.

    :param environment: that of ``Setup.environment``
    :param log: path of the file for what they log
    :param sockets: listening sockets that they inherit
    """

    def __init__(self, environment, database, log, sockets=()):
        self.log = log
        descriptors = [each.fileno() for each in sockets]
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(descriptors)],
            env=environment | {"HELPDESK_LITE_DATABASE": database},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            pass_fds=descriptors,
            preexec_fn=die_with_parent,
        )
        self.changed = threading.Condition()
        self.begun, self.ended = [], {}
        self.ordering = threading.Lock()
        assert self.process.stdout.readline(), f"Odoo did not load, see {log}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            what, pid, *code = json.loads(line)
            with self.changed:
                if what == "began":
                    self.begun.append(pid)
                else:
                    self.ended[pid] = code[0]
                self.changed.notify_all()

    def start(self, job, *arguments):
        """Start a process, and return its number."""
        with self.ordering:
            before = len(self.begun)
            self.process.stdin.write(json.dumps([job, *arguments]) + "\n")
            self.process.stdin.flush()
            with self.changed:
                assert self.changed.wait_for(lambda: len(self.begun) > before, PATIENCE)
            return self.begun[before]

    def wait(self, pid):
        """:return: the exit code of a process, negative for the signal that ended it"""
        with self.changed:
            assert self.changed.wait_for(lambda: pid in self.ended, PATIENCE), f"process {pid} does not end, see {self.log}"
        return self.ended[pid]

    def run(self, job, *arguments):
        return self.wait(self.start(job, *arguments))

    def alive(self):
        return [pid for pid in self.begun if pid not in self.ended]

    def kill(self, pid):
        """End a process with SIGKILL, without waiting for it."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def close(self):
        for pid in self.alive():
            self.kill(pid)
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def listening_socket():
    """A socket on a free local port."""
    result = socket.socket()
    result.bind(("127.0.0.1", 0))
    result.listen(128)
    return result


if __name__ == "__main__":
    main()
