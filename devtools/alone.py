"""Each addon installed alone: upon ``base`` and nothing else, so a missing dependency shows."""

import re

from . import databases, project
from .state import logs
from .terminal import DevError

# a line of Odoo's log: date time pid LEVEL database logger: message
TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


def check_all(setup, totals):
    for name in project.addons():
        trouble = check(setup, name)
        for line in trouble:
            print(f"{name}: {line}", flush=True)
        if not trouble:
            others = ", ".join(sorted(project.ours_needed_by(name) - {name}))
            print(f"{name}: installs alone{', upon ' + others if others else ''}", flush=True)
        totals.check(f"{name} installed alone", not trouble)


def check(setup, name):
    """What went wrong: lines; none when all is well."""
    with databases.temporary(setup, databases.bare_template) as database:
        log = logs() / f"alone-{name}-{database}.log"
        try:
            databases.odoo_into(setup, database, "-i", name, title=f"Installing {name} alone", log=log)
        except DevError as error:
            return [str(error)]
        trouble = [line for line in log.read_text().splitlines() if TROUBLE.match(line)]
        there = {row[0] for row in setup.server.query(
            database, "SELECT name FROM ir_module_module WHERE state = 'installed'")} & set(project.addons())
        if there != project.ours_needed_by(name):
            trouble.append(f"alone it brought {', '.join(sorted(there))},"
                           f" expected {', '.join(sorted(project.ours_needed_by(name)))}")
        return trouble
