"""Several hosts on one database: servers with processes of their own and a shared data folder, behind a proxy."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import websocket
from debian_programs import find_program
from mail_world import furnish, options_of
from rpc import Rpc
from smtp_sink import smtp_sink

from devtools import databases
from devtools.patience import PATIENCE
from devtools.server import Running, free_port, launch, wait_until_it_answers
from devtools.setup import Setup
from devtools.state import ROOT, logs
from devtools.terminal import die_with_parent, stop

WORKERS = ("--workers", "2", "--max-cron-threads", "1", "--proxy-mode")
NGINX = ROOT / "deploy/nginx.conf"
# what surrounds that file in nginx's own configuration; as root, the files in the cache can be read by root only
AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Host(Running):
    """A server, and the port on which it serves websockets."""

    websocket: int
    process: subprocess.Popen

    def kill(self):
        """End all processes of the host at once, as a machine does that loses its power."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def lines(self, pattern):
        """The lines of the log in which a regular expression is found."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if re.search(pattern, line)]


class Surrounded:
    """A set-up whose processes have more environment variables."""

    def __init__(self, setup, variables):
        self.setup, self.variables = setup, variables

    def __getattr__(self, name):
        return getattr(self.setup, name)

    def environment(self):
        return self.setup.environment() | self.variables


@contextmanager
def running_host(setup, database, *options, workers=WORKERS, variables=None):
    """Start a host without waiting for it, see ``wait_for``.

    :param tuple workers: options for its processes; none for a single process, which serves no websockets
    :param dict variables: of its environment, beside those of all
    """
    port, port_of_websockets = free_port(), free_port()
    log = logs() / f"{database}-{port}.log"
    # a job that is due is begun at once, and not within a minute
    own = Surrounded(setup, {"ODOO_NOTIFY_CRON_CHANGES": "1", **(variables or {})})
    process = launch(own, database, port, log, "--gevent-port", str(port_of_websockets), *workers, *options)
    host = Host(f"http://127.0.0.1:{port}", port, database, log, setup, port_of_websockets, process)
    try:
        yield host
    finally:
        # its database goes as well, so nothing has to be finished, which takes Odoo ten seconds
        host.kill()


def wait_for(host, *, websockets=True):
    wait_until_it_answers(host.process, host.port, host.log)
    if websockets:
        wait_until_it_answers(host.process, host.websocket, host.log, "/websocket/health")


@contextmanager
def proxy(hosts, data_dir):
    """Run nginx in front of hosts, with the configuration that the manual recommends.

    :return: context manager of its port, or None where there is no nginx
    """
    nginx = find_program("nginx", version="-v")
    if not nginx:
        yield None
        return
    port, folder = free_port(), logs() / f"nginx-{hosts[0].database}"
    folder.mkdir(parents=True, exist_ok=True)
    text = NGINX.read_text()
    for before, after in (
        ("    server odoo:8069;\n", "".join(f"    server 127.0.0.1:{host.port};\n" for host in hosts)),
        ("    server odoo:8072;\n", "".join(f"    server 127.0.0.1:{host.websocket};\n" for host in hosts)),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/lib/odoo/filestore", str(data_dir / "filestore")),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "site.conf").write_text(text)
    around = AROUND.format(folder=folder, user="" if os.geteuid() else "user root;")
    (folder / "nginx.conf").write_text(around)
    command = [nginx.path, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    environment = os.environ | nginx.variables
    checked = subprocess.run([*command, "-t"], env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
    try:
        wait_until_it_answers(process, port, folder / "error.log", "/web/health")
        yield port
    finally:
        stop(process)


@contextmanager
def two_hosts():
    """A ``mail_world`` on two hosts: ``hosts``, and ``front``, the proxy or, where there is none, the first host.

    ``clients`` are four of the administrator, for the hosts in turn: each login takes as long as several requests.

    The second host lets the proxy send files, where there is one.
    """
    setup = Setup.from_environment()
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink())
        database = stack.enter_context(databases.temporary(setup))
        has_proxy = bool(find_program("nginx", version="-v"))
        hosts = [
            stack.enter_context(running_host(setup, database, *options_of(sink), *options))
            for options in ((), ("--x-sendfile",) if has_proxy else ())
        ]
        for host in hosts:
            wait_for(host)
        port = stack.enter_context(proxy(hosts, setup.data_dir))
        world = furnish(hosts[0], sink)
        world.hosts = hosts
        world.clients = [Rpc(host) for host in (*hosts, *hosts)]
        world.has_proxy = bool(port)
        world.front = Running(f"http://127.0.0.1:{port}", port, database, hosts[0].log, setup) if port else hosts[0]
        yield world


class Listener:
    """A browser's websocket, which gets what concerns its user."""

    def __init__(self, port, web):
        self.socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/websocket", cookie=f"session_id={web.session_id}", timeout=PATIENCE
        )
        self.socket.send(json.dumps({"event_name": "subscribe", "data": {"channels": [], "last": 0}}))

    def wait_for(self, text):
        """Wait for a notification that contains a text, and return when it came, by the monotonic clock."""
        while True:
            message = self.socket.recv()
            if text in (message if isinstance(message, str) else message.decode()):
                return time.monotonic()

    def close(self):
        self.socket.close()


def trouble(log: Path):
    """The lines of a log of Odoo that tell of an error, and what came with them."""
    return [line for line in log.read_text(errors="replace").splitlines() if re.search(r" (ERROR|CRITICAL) |Traceback", line)]
