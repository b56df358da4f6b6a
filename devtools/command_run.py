"""``./dev run``: serve the addons, with demo data, until Ctrl-C."""

import re
import signal
import time

from . import databases, language, project, server
from .patience import MOMENT
from .setup import Setup
from .state import Lock, digest, logs
from .terminal import DevError, say, step, stop, tail

PARAMETER = "helpdesk_lite.dev.content"
LOGINS = (("administrator", "admin"), ("agent", "agent"), ("employee", "employee"), ("portal customer", "customer"))


def main(options):
    check(options)
    if not project.addons():
        raise DevError("there is no addon in this checkout: no folder with a __manifest__.py")
    setup = Setup.ready()
    held = Lock("served-" + digest(options.database, *setup.server.variables.items()))
    try:
        if not held.acquire(wait=False):
            raise DevError(f"another ./dev run serves database {options.database}: choose another with --database")
        prepare(setup, options.database, options.demo)
        if options.lang:
            language.load(setup, options.database, options.lang, project.addons())
        serve(setup, options.database, options.port)
    finally:
        held.release()
        setup.server.release()
    return 0


def check(options):
    """Check the options, before anything is fetched."""
    if not 0 < options.port < 65536:
        raise DevError(f"--port {options.port}: a port is a number from 1 to 65535")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}", options.database):
        raise DevError(f"--database {options.database}: letters, digits, _ . - and at most 50 of them")
    if options.lang and not re.fullmatch(r"\w{2,3}(_\w+)?(@\w+)?", options.lang):
        raise DevError(f"--lang {options.lang}: a language is named as Odoo names its files: es, es_419, fr, pt_BR")
    deadline = time.monotonic() + MOMENT  # a server that was just killed may not have released the port yet
    while not server.is_free(options.port):
        if time.monotonic() > deadline:
            raise DevError(f"port {options.port} is taken by another program: choose another with --port")
        time.sleep(0.1)


def prepare(setup, name, demo):
    """Create or update the database, with the current state of our addons."""
    addons = project.addons()
    content = project.content_hash(addons)
    if databases.is_marked(setup, name) and not databases.filestore(setup, name).is_dir():
        say(f"· the files of database {name} are gone with an earlier cache: making it anew")
        databases.drop(setup, name)
    if not databases.exists(setup, name):
        # created under another name, so that an interruption leaves no incomplete database under this one
        part = f"{name}_part"
        databases.drop(setup, part)
        arguments = ["-i", ",".join(addons), *(["--with-demo"] if demo else [])]
        databases.odoo_into(setup, part, *arguments, title=f"Creating database {name}", log=logs() / f"create-{name}.log")
        remember(setup, part, content)
        databases.mark(setup, part)
        databases.rename(setup, part, name)
        return
    if not setup.server.query(name, "SELECT 1 FROM pg_tables WHERE tablename = 'ir_module_module'"):
        raise DevError(f"database {name} is there and is not Odoo's: choose another with --database")
    known = setup.server.query(name, f"SELECT value FROM ir_config_parameter WHERE key = '{PARAMETER}'")
    if known != [[content]]:
        states = dict(setup.server.query(name, "SELECT name, state FROM ir_module_module"))
        there = [addon for addon in addons if states.get(addon, "uninstalled") != "uninstalled"]
        new = [addon for addon in addons if addon not in there]
        arguments = [word for flag, names in (("-u", there), ("-i", new)) if names for word in (flag, ",".join(names))]
        databases.odoo_into(setup, name, *arguments, title=f"Updating database {name}", log=logs() / f"update-{name}.log")
        remember(setup, name, content)


def remember(setup, name, content):
    """Record the state that the database was created from; last, so that an interrupted update is repeated."""
    setup.server.query(
        name,
        "INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)"
        f" VALUES ('{PARAMETER}', '{content}', 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC')"
        f" ON CONFLICT (key) DO UPDATE SET value = '{content}', write_date = now() AT TIME ZONE 'UTC'",
    )


def serve(setup, name, port):
    log = logs() / f"{name}.log"
    process = server.launch(setup, name, port, log)
    try:
        with step("Starting Odoo"):
            server.wait_until_it_answers(process, port, log, "/web/login")
        announce(setup, name, port, log)
        code = process.wait()
        raise DevError(f"Odoo ended with code {code} (all of it in {log}): {tail(log)}")
    except KeyboardInterrupt:
        say("\n· Stopping …")
    finally:
        stop(process, signal.SIGINT)


def announce(setup, name, port, log):
    there = {row[0] for row in setup.server.query(name, "SELECT login FROM res_users WHERE active")}
    width = max(len(who) for who, login in LOGINS)
    lines = [f"  {who:{width}}  {login} / {login}" for who, login in LOGINS if login in there]
    print(f"\nHelpdesk Lite: http://127.0.0.1:{port}\n\n" + "\n".join(lines), flush=True)
    print(f"\nDatabase {name}, log {log}. Ctrl-C stops it.", flush=True)
