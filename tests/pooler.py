"""PgBouncer in front of the PostgreSQL server of a test, with few connections."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from debian_programs import find_program

from devtools.patience import PATIENCE
from devtools.postgres import Postgres, system_user
from devtools.server import free_port
from devtools.setup import Setup
from devtools.terminal import die_with_parent, stop

# Odoo listens for notifications in the database "postgres", which takes a connection of one's own: docs/operating.rst
SETTINGS = """
[databases]
postgres = host={host} port={port} user={user} pool_mode=session pool_size=40
* = host={host} port={port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 400
server_reset_query =
query_wait_timeout = {patience}
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


def find():
    """PgBouncer, or None where it cannot be had."""
    return find_program("pgbouncer", "libc-ares2|libcares2", "libevent-2.1-7|libevent-2.1-7t64")


def answers(port):
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))


@contextmanager
def pooled(setup, program, size, patience):
    """Let all connections of a set-up come from a pool.

    :param Program program: PgBouncer
    :param int size: how many connections to each database the pool has
    :param int patience: how long somebody waits for one of them, in seconds, before it is an error
    :return: context manager of a :class:`Setup`
    """
    own_port = free_port()
    # short, and open to the account under which it runs: PgBouncer refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-lite-pool-"))
    user = [] if os.geteuid() else ["-u", system_user().pw_name]
    if user:
        shutil.chown(folder, system_user().pw_uid, system_user().pw_gid)
    variables = setup.server.variables
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=variables["PGHOST"],
            port=variables.get("PGPORT", "5432"),
            user=variables.get("PGUSER", "odoo"),
            own_port=own_port,
            size=size,
            patience=patience,
            folder=folder,
        )
    )
    process = subprocess.Popen(
        [program.path, "-q", *user, settings],
        env=os.environ | program.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )
    server = Postgres(setup.server.binaries, variables | {"PGHOST": "127.0.0.1", "PGPORT": str(own_port)})
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(own_port):
            assert process.poll() is None, "PgBouncer ended at its start"
            assert time.monotonic() < deadline, "PgBouncer does not answer"
            time.sleep(0.05)
        yield Setup(setup.odoo, setup.venv, server, setup.data_dir, setup.config)
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)
