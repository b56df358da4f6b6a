"""A streaming replica of a PostgreSQL server of one test."""

import os
import time
import uuid

from own_postgres import PREFIX, OwnPostgres

from devtools.patience import PATIENCE
from devtools.postgres import PORT, ROLE, home
from devtools.state import Lock, logs
from devtools.terminal import DevError, tail


class Standby(OwnPostgres):
    """A server that repeats what another one does, and answers questions meanwhile.

    It ends with ``close``, as an :class:`OwnPostgres`.
    """

    def __init__(self, primary):
        self.primary = primary
        self.folder = home() / f"{PREFIX}{uuid.uuid4().hex[:6]}"
        self.users = Lock(self.folder.name)
        self.users.acquire()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.live_in(self.folder, "cluster", primary.binaries)
        self.create()
        self.launch()

    def create(self):
        """Copy the other server while it runs, and let this one follow it."""
        self.data.mkdir(mode=0o700)
        if self.owner:
            os.chown(self.data, self.owner.pw_uid, self.owner.pw_gid)
        log = logs() / f"standby-{self.folder.name}.log"
        command = [
            *(self.binaries / "pg_basebackup", "-D", self.data, "--checkpoint=fast", "--wal-method=stream", "--no-sync"),
            *("--write-recovery-conf", "-h", self.primary.socket, "-p", PORT, "-U", ROLE, "-w"),
        ]
        if self.as_owner(command, log):
            raise DevError(f"cannot copy a PostgreSQL server: {tail(log)}")

    def catch_up(self):
        """Wait until all that the other server has stored is here."""
        ((position,),) = self.primary.query("postgres", "SELECT pg_current_wal_lsn()")
        deadline = time.monotonic() + PATIENCE
        while self.query("postgres", f"SELECT pg_last_wal_replay_lsn() >= '{position}'") != [["t"]]:
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.05)

    def pause(self):
        """Stay behind from now on, as far as the other server has come."""
        self.catch_up()
        self.query("postgres", "SELECT pg_wal_replay_pause()")

    def resume(self):
        self.query("postgres", "SELECT pg_wal_replay_resume()")
        self.catch_up()
