"""Creates, copies, names and drops databases, together with their files.

Templates and temporary databases are recognized by their names, and the database of
``./dev run`` by the comment ``MARK``. From a foreign server, ``./dev clean`` removes only these.

Templates build upon one another, and each is named by its contents:

* *bare*: Odoo's ``base``;
* *foreign*: the modules of Odoo that our addons depend on, and ``test_modules`` of
  setup.cfg;
* *installed*: all of that and our addons;
* *tested*: the same with scripts and styles. Odoo knows them by the times of their files, which are others in each
  checkout.
"""

import os
import re
import shutil
import subprocess
import time
import uuid
from contextlib import contextmanager, suppress

from . import project
from .postgres import QueryError, identifier, quote
from .state import Lock, cache, digest, lock, logs, need_space
from .terminal import DevError, die_with_parent, run_logged, step, tail

MARK = "Made by ./dev of Helpdesk Lite"
PREFIX = "helpdesk_lite"
KEPT_TEMPLATES = 10
# a line of Odoo's log: date time pid LEVEL database logger: message
TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


def exists(setup, name):
    return bool(setup.server.query("postgres", f"SELECT 1 FROM pg_database WHERE datname = {quote(name)}"))


def filestore(setup, name):
    return setup.data_dir / "filestore" / name


def drop(setup, name):
    """Remove a database and its files, if they exist."""
    setup.server.query("postgres", f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
    shutil.rmtree(filestore(setup, name), ignore_errors=True)


def mark(setup, name):
    """Mark the database as ours in its comment, so that it may be removed."""
    setup.server.query("postgres", f"COMMENT ON DATABASE {identifier(name)} IS {quote(MARK)}")


def is_marked(setup, name):
    return [name] in marked(setup.server)


def marked(server):
    return server.query(
        "postgres", f"SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = {quote(MARK)}"
    )


def named(server, start):
    """The names of the databases with a prefix, oldest first."""
    return [
        row[0]
        for row in server.query(
            "postgres", f"SELECT datname FROM pg_database WHERE starts_with(datname, {quote(start)}) ORDER BY oid"
        )
    ]


def copy(setup, source, target):
    """Copy a database in a second or two: PostgreSQL copies files, and the filestore is linked.

    Odoo names stored files by their content and never changes them, so links are safe.
    """
    drop(setup, target)
    # since version 15, PostgreSQL by default copies through its log, which is slower for databases of our size
    strategy = "STRATEGY FILE_COPY" if setup.server.version >= 15 else ""
    setup.server.query("postgres", f"CREATE DATABASE {identifier(target)} TEMPLATE {identifier(source)} {strategy}")
    if filestore(setup, source).is_dir():
        shutil.copytree(filestore(setup, source), filestore(setup, target), copy_function=os.link)


def rename(setup, source, target):
    shutil.rmtree(filestore(setup, target), ignore_errors=True)
    if filestore(setup, source).is_dir():
        filestore(setup, source).rename(filestore(setup, target))
    setup.server.query("postgres", f"ALTER DATABASE {identifier(source)} RENAME TO {identifier(target)}")


def odoo_into(setup, name, *arguments, title, log=None):
    """Run Odoo once on the database ``name`` (``-i``, ``-u``), and show the progress."""
    log = log or logs() / f"install-{name}.log"
    with step(title) as progress:

        def show(line):
            found = re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line)
            if found:
                progress.update(f"{found[2]} of {found[3]}, {found[1]}")

        code = run_logged(
            setup.odoo_command("-d", name, *arguments, "--no-http", "--stop-after-init"),
            log,
            on_line=show,
            env=setup.environment(),
        )
    if code:
        raise DevError(f"{title}: Odoo failed (all of it in {log}): {tail(log)}")
    return log


def run_script(setup, database, script, log, *options):
    """Run Python code in Odoo's shell; a failure is reported with the end of its log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        done = subprocess.run(
            setup.odoo_command("shell", "-d", database, "--no-http", *options),
            input=script,
            text=True,
            env=setup.environment(),
            stdout=stream,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            check=False,
        )
    if done.returncode:
        raise DevError(f"the script for Odoo's shell failed (all of it in {log}): {tail(log)}")


def trouble(log):
    """Lines of a log of Odoo that warn or tell of an error."""
    return [line for line in log.read_text().splitlines() if TROUBLE.match(line)]


# TEMPLATES


def bare_template(setup):
    return template(setup, "bare", [setup.odoo.identity], None, ["base"])


def foreign_template(setup):
    modules = sorted({*project.foreign_modules(project.addons()), *project.setting("test_modules")} - {"base"})
    key = [setup.odoo.identity, *modules]
    return template(setup, "foreign", key, bare_template, modules)


def tested_template(setup):
    addons = project.addons()
    if not addons:
        return foreign_template(setup)
    # templates are in English only, so a change of a translation needs no new template
    key = [setup.odoo.identity, *project.setting("test_modules"), project.content_hash(addons, ["i18n"])]

    def installed_template(setup):
        return template(setup, "installed", key, foreign_template, addons)

    return template(setup, "tested", [*key, project.static_times(addons)], installed_template, [])


def template(setup, kind, key, below, modules):
    """The name of a ready template, which is created from the template ``below`` if necessary."""
    name = f"{owned('template')}_{kind}_{digest(*key)}"
    if not is_whole(setup, name):
        base = below(setup) if below else None
        with lock(f"template-{kind}", purpose="making a template database"):
            if not is_whole(setup, name):
                make_template(setup, kind, name, base, modules)
    return name


def is_whole(setup, name):
    """Whether a template has its files, because the cache may have been removed."""
    return exists(setup, name) and filestore(setup, name).is_dir()


def make_template(setup, kind, name, base, modules):
    need_space(cache(), 500, "a template database")
    part = f"{name}_part"
    for leftover in (name, part):
        drop(setup, leftover)
    if base:
        copy(setup, base, part)
    if modules:
        odoo_into(setup, part, "-i", ",".join(modules), title=f"Making the template database '{kind}'")
    else:
        make_assets(setup, part)
    for old in named(setup.server, f"{owned('template')}_{kind}_")[:-KEPT_TEMPLATES]:
        with suppress(QueryError):  # another ./dev process is copying it
            drop(setup, old)
    rename(setup, part, name)


def make_assets(setup, name):
    """Generate scripts and styles once, as Odoo does before its own browser tests; each test would generate them again."""
    script = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
    with step("Generating scripts and styles"):
        run_script(setup, name, script, logs() / f"assets-{name}.log")


def owned(purpose):
    """The prefix of names: it identifies the cache with the files, because a server may serve several caches."""
    return f"{PREFIX}_{purpose}_{digest(cache(), os.uname().nodename, length=6)}"


# DATABASES OF A TEST


@contextmanager
def temporary(setup, make=None, workers=0):
    """Create a database that is dropped afterwards: a copy of the tested template unless ``make`` creates another.

    A lock shows that it is in use; ``sweep`` removes databases without a lock. ``workers`` is for how many
    processes of pytest-xdist pytest-odoo may copy it, as ``NAME-gw0`` and so on: those are locked as well.
    """
    source = (make or tested_template)(setup)
    name = f"{owned('tmp')}_{uuid.uuid4().hex[:8]}"
    names = [name, *(f"{name}-gw{number}" for number in range(workers))]
    locks = [Lock(f"db-{one}") for one in names]
    for held in locks:
        held.acquire()
    try:
        copy(setup, source, name)
        yield name
    finally:
        with suppress(DevError):
            for one in names:
                drop(setup, one)
        for held in locks:
            held.path.unlink(missing_ok=True)
            held.release()


def sweep(setup):
    """Drop the temporary databases that a killed ``./dev`` left behind, and old logs."""
    for name in named(setup.server, owned("tmp")):
        held = Lock(f"db-{name}")
        if held.acquire(wait=False):
            drop(setup, name)
            held.path.unlink(missing_ok=True)
        held.release()
    for log in logs().glob("*.log"):
        if log.stat().st_mtime < time.time() - 2 * 86400:
            log.unlink(missing_ok=True)
