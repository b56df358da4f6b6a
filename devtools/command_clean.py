"""``./dev clean``: removes what the other commands made, also those of other checkouts.

Not Chromium, which belongs to the system, and not the account of root's PostgreSQL.
"""

import os
import shutil

from . import databases, postgres
from .setup import Setup
from .state import Lock, cache, local
from .terminal import DevError, say, step


def main(options):
    if not cache().is_dir() and not postgres.home().is_dir():
        say("· there is nothing in the cache")
    else:
        users = Lock("users")
        if not users.acquire(wait=False):
            raise DevError("another ./dev is running: stop it first")
        users.release()
        drop_foreign()
        stop_embedded()
        for folder in {cache(), postgres.home()}:
            if folder.is_dir():
                with step(f"Removing {folder}"):
                    shutil.rmtree(folder)
    shutil.rmtree(local(), ignore_errors=True)
    return 0


def drop_foreign():
    """On the server that PGHOST names: the databases we made, no others."""
    if os.environ.get("PGHOST"):
        setup = Setup.ready()
        for name in databases.marked(setup):
            with step(f"Dropping database {name}"):
                databases.drop(setup, name)


def stop_embedded():
    """Stop a server that a killed ./dev left running, so that its files can go."""
    for pid_file in postgres.home().glob("cluster-*/postmaster.pid"):
        postgres.stop_left_over(pid_file)
