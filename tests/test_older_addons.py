"""A database that newer addons have updated is left alone by older ones, which say so."""

import pytest

from devtools import databases
from devtools.setup import Setup
from devtools.state import logs
from devtools.terminal import DevError

NEWER = "19.0.99.0.0"
SENTENCE = f"was updated to helpdesk_lite {NEWER}, but this machine has"
STATE = "SELECT name, state, latest_version FROM ir_module_module WHERE name LIKE 'helpdesk_lite%' ORDER BY name"
COLUMNS = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"


@pytest.fixture(scope="module")
def setup():
    return Setup.from_environment()


@pytest.fixture
def database(setup):
    with databases.temporary(setup) as name:
        setup.server.query(name, f"UPDATE ir_module_module SET latest_version = '{NEWER}' WHERE name = 'helpdesk_lite'")
        yield name


def test_an_update_to_older_addons_is_refused(setup, database):
    before = setup.server.query(database, STATE), setup.server.query(database, COLUMNS)
    log = logs() / f"older-{database}.log"
    with pytest.raises(DevError):
        databases.odoo_into(setup, database, "-u", "helpdesk_lite", title="Going back", log=log)
    assert SENTENCE in log.read_text()
    assert "restore the backup" in log.read_text()
    assert (setup.server.query(database, STATE), setup.server.query(database, COLUMNS)) == before


def test_older_addons_do_not_serve_the_database(setup, database):
    log = logs() / f"older-{database}.log"
    with pytest.raises(DevError):
        databases.run_script(setup, database, "print('served')", log)
    assert SENTENCE in log.read_text()
    assert "served" not in log.read_text()
