"""Each addon can be installed alone, from its wheel and on a database with only ``base``."""

import re

import pytest

from devtools import databases, project
from devtools.setup import Setup
from devtools.state import logs

# a line of Odoo's log: date time pid LEVEL database logger: message
TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


@pytest.mark.parametrize("addon", project.addons())
def test_installs_alone(addon, addons_from_wheels):
    setup = Setup.from_environment()
    with databases.temporary(setup, databases.bare_template) as database:
        log = logs() / f"alone-{addon}-{database}.log"
        databases.odoo_into(
            setup, database, "-i", addon, "--addons-path", ",".join(map(str, (*setup.odoo.addons, addons_from_wheels))),
            title=f"Installing {addon} alone", log=log)
        assert [line for line in log.read_text().splitlines() if TROUBLE.match(line)] == []
        there = {row[0] for row in setup.server.query(
            database, "SELECT name FROM ir_module_module WHERE state = 'installed'")} & set(project.addons())
        assert there == project.ours_needed_by(addon)
