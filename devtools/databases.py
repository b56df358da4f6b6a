"""Databases: made, copied, named, thrown away, together with their files.

Every database that ``./dev`` makes carries a comment, ``MARK`` and its kind, so that
``./dev clean`` removes those and no other from a server that has others too.

Templates build upon one another, and each is named by what is in it:

* *bare*: Odoo's ``base``;
* *foreign*: the modules of Odoo that our addons depend on, and ``test_modules`` of
  setup.cfg;
* *tested*: all of that and our addons.
"""

import os
import re
import shutil
import uuid
from contextlib import contextmanager, suppress

from . import project
from .postgres import QueryError, identifier, quote
from .state import Lock, cache, digest, lock, logs, need_space
from .terminal import DevError, run_logged, step, tail

MARK = "Made by ./dev of Helpdesk Lite"
PREFIX = "helpdesk_lite"
KEPT_TEMPLATES = 4


def exists(setup, name):
    return bool(setup.server.query("postgres", f"SELECT 1 FROM pg_database WHERE datname = {quote(name)}"))


def filestore(setup, name):
    return setup.data_dir / "filestore" / name


def drop(setup, name):
    """Remove a database and its files; being there is not required."""
    setup.server.query("postgres", f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
    shutil.rmtree(filestore(setup, name), ignore_errors=True)


def mark(setup, name, kind):
    setup.server.query("postgres", f"COMMENT ON DATABASE {identifier(name)} IS {quote(f'{MARK}: {kind}')}")


def marked(setup, kind=""):
    """Names of databases that ``./dev`` made, oldest first."""
    rows = setup.server.query(
        "postgres",
        "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database')"
        f" LIKE {quote(f'{MARK}: {kind}%')} ORDER BY oid",
    )
    return [row[0] for row in rows]


def copy(setup, source, target, kind):
    """A copy in a second or two: PostgreSQL copies files, the filestore is linked.

    Odoo names stored files by their content and never writes into one, so links are safe.
    """
    drop(setup, target)
    setup.server.query("postgres", f"CREATE DATABASE {identifier(target)} TEMPLATE {identifier(source)} STRATEGY FILE_COPY"
                       if setup.server.query("postgres", "SHOW server_version_num")[0][0] >= "150000"
                       else f"CREATE DATABASE {identifier(target)} TEMPLATE {identifier(source)}")
    mark(setup, target, kind)
    if filestore(setup, source).is_dir():
        shutil.copytree(filestore(setup, source), filestore(setup, target), copy_function=os.link)


def rename(setup, source, target):
    shutil.rmtree(filestore(setup, target), ignore_errors=True)
    if filestore(setup, source).is_dir():
        filestore(setup, source).rename(filestore(setup, target))
    setup.server.query("postgres", f"ALTER DATABASE {identifier(source)} RENAME TO {identifier(target)}")


def odoo_into(setup, name, *arguments, title, log=None):
    """Run Odoo once over database ``name`` (``-i``, ``-u``), showing how far it is."""
    log = log or logs() / f"install-{name}.log"
    with step(title) as progress:
        def show(line):
            found = re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line)
            if found:
                progress.update(f"{found[2]} of {found[3]}, {found[1]}")

        code = run_logged(
            setup.odoo_command("-d", name, *arguments, "--no-http", "--stop-after-init"), log,
            on_line=show, env=setup.environment(),
        )
    if code:
        raise DevError(f"{title}: Odoo failed (all of it in {log}): {tail(log)}")
    return log


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
    key = [setup.odoo.identity, *project.setting("test_modules"), project.content_hash(addons)]
    return template(setup, "tested", key, foreign_template, addons)


def template(setup, kind, key, below, modules):
    """The name of a ready template; made upon the one ``below`` first if need be."""
    name = f"{PREFIX}_template_{kind}_{digest(*key)}"
    if not exists(setup, name):
        base = below(setup) if below else None
        with lock(f"template-{kind}", purpose="making a template database"):
            if not exists(setup, name):
                make_template(setup, kind, name, base, modules)
                forget_old_templates(setup, kind, name)
    return name


def make_template(setup, kind, name, base, modules):
    need_space(cache(), 500, "a template database")
    part = f"{name}_part"
    drop(setup, part)
    if base:
        copy(setup, base, part, "part")
    if modules:
        odoo_into(setup, part, "-i", ",".join(modules), title=f"Making the template database '{kind}'")
    rename(setup, part, name)
    mark(setup, name, f"template {kind}")


def forget_old_templates(setup, kind, newest):
    old = [name for name in marked(setup, f"template {kind}") if name != newest]
    for name in old[:max(0, len(old) - KEPT_TEMPLATES + 1)]:
        with suppress(QueryError):         # another ./dev is copying it
            drop(setup, name)


# DATABASES OF A TEST

@contextmanager
def temporary(setup, make=None, purpose="test"):
    """A database for one purpose, gone afterwards: a copy of the tested template unless ``make`` names another.

    Its lock tells others that it is in use; ``sweep`` removes what has none.
    """
    source = (make or tested_template)(setup)
    name = f"{temporary_prefix()}_{purpose}_{uuid.uuid4().hex[:8]}"
    held = Lock(f"db-{name}")
    held.acquire()
    try:
        copy(setup, source, name, "temporary")
        yield name
    finally:
        with suppress(DevError):
            drop(setup, name)
        held.path.unlink(missing_ok=True)
        held.release()


def temporary_prefix():
    """Names tell whose cache they belong to: on a shared server only our own leftovers are swept."""
    return f"{PREFIX}_tmp_{digest(cache(), os.uname().nodename, length=6)}"


def sweep(setup):
    """Drop the temporary databases that a killed ``./dev`` left behind."""
    for name in marked(setup, "temporary"):
        if name.startswith(temporary_prefix()):
            held = Lock(f"db-{name}")
            if held.acquire(wait=False):
                drop(setup, name)
                held.path.unlink(missing_ok=True)
            held.release()
