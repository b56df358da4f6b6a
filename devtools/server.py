"""An Odoo server process: started, answering, stopped."""

import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import databases
from .patience import PATIENCE
from .setup import Setup
from .state import logs
from .terminal import DevError, die_with_parent, stop, tail


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def launch(setup, database, port, log, *options):
    """Start a server without waiting for it, see ``wait_until_it_answers``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        return subprocess.Popen(
            setup.odoo_command("-d", database, "--db-filter", f"^{re.escape(database)}$", "--http-port", str(port), *options),
            env=setup.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            # in its own session, so that Ctrl-C reaches only ./dev, which stops the server in order
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def wait_until_it_answers(process, port, log, path="/web/health"):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DevError(f"Odoo ended at its start (all of it in {log}): {tail(log)}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE).close()
            return
        except urllib.error.HTTPError as error:
            raise DevError(f"Odoo answers with error {error.code} (see {log}): {tail(log)}") from None
        except OSError:
            time.sleep(0.1)
    raise DevError(f"Odoo did not answer within {PATIENCE} s (see {log}): {tail(log)}")


@dataclass(frozen=True)
class Running:
    """A server in a test, with its ``url`` (without a final slash), the name of its database and its log."""

    url: str
    port: int
    database: str
    log: Path
    setup: Setup

    def query(self, sql):
        """Query the server's database, and return rows of strings."""
        return self.setup.server.query(self.database, sql)


@contextmanager
def odoo_server(*options, script=None, make=None, install=()):
    """Run a real Odoo server on a fresh copy of the tested template; ``options`` are Odoo's command line options.

    ``make`` makes another template, see ``databases``. Each of ``install`` is a list of modules, which are installed one list
    after another. ``script`` is run in Odoo's shell then. All of it has the same options.

    For tests that ``./dev test`` runs::

        with odoo_server("--smtp", "127.0.0.1", "--smtp-port", str(sink.port)) as server:
            urllib.request.urlopen(server.url + "/web/login")

    The administrator is admin / admin; there is no demo data.
    """
    setup = Setup.from_environment()
    with databases.temporary(setup, make) as database:
        port, log = free_port(), logs() / f"{database}.log"
        for modules in install:
            databases.odoo_into(setup, database, "-i", ",".join(modules), *options, title=f"Installing {', '.join(modules)}")
        if script:
            databases.run_script(setup, database, script, log, *options)
        process = launch(setup, database, port, log, *options)
        try:
            wait_until_it_answers(process, port, log)
            yield Running(f"http://127.0.0.1:{port}", port, database, log, setup)
        finally:
            stop(process, signal.SIGINT)
