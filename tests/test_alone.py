"""Each addon can be installed alone, from its wheel and on a database with only ``base``."""

import pytest

from devtools import databases, project
from devtools.setup import Setup
from devtools.state import logs


@pytest.mark.parametrize("addon", project.addons())
def test_installs_alone(addon, addons_from_wheels):
    setup = Setup.from_environment()
    with databases.temporary(setup, databases.bare_template) as database:
        log = logs() / f"alone-{addon}-{database}.log"
        databases.odoo_into(
            setup,
            database,
            "-i",
            addon,
            "--addons-path",
            ",".join(map(str, (*setup.odoo.addons, addons_from_wheels))),
            title=f"Installing {addon} alone",
            log=log,
        )
        assert databases.trouble(log) == []
        there = {
            row[0] for row in setup.server.query(database, "SELECT name FROM ir_module_module WHERE state = 'installed'")
        } & set(project.addons())
        assert there == project.ours_needed_by(addon)
