"""Fixtures of the tests that span addons. The tests run without Odoo; some start a real server."""

import os
import subprocess
import sys
from contextlib import ExitStack

import mail_world as mails
import pytest
from browser import launched

from devtools import browser as chromium
from devtools import databases, project, server
from devtools.command_bench import DATABASE
from devtools.setup import Setup
from devtools.state import ROOT


@pytest.fixture
def odoo_server():
    """A function that starts a real Odoo server on a fresh database, with options of Odoo's command line.

    ::

        def test_mail(odoo_server):
            server = odoo_server("--smtp", "127.0.0.1", "--smtp-port", "2525")
            urllib.request.urlopen(server.url + "/web/login")
            assert server.query("SELECT count(*) FROM helpdesk_lite_ticket") == [["0"]]

    The result has ``url``, ``port``, ``database``, ``log`` and ``query``. Servers and databases are
    removed after the test. There are no demo data; the administrator is admin / admin.
    """
    with ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(server.odoo_server(*options, **more))


@pytest.fixture(scope="session")
def browser():
    """The browser for all tests, see ``browser.py``; each page has its own cookies."""
    program = chromium.ensure()
    if not program:
        pytest.skip("Chrome executable not found")
    with launched(program) as running:
        yield running


@pytest.fixture(scope="session")
def mail_world():
    """One server for all tests of mail, see ``mail_world.py``; each test uses its own addresses."""
    with mails.mail_world() as world:
        yield world


@pytest.fixture
def customer():
    """An address that no other test writes from."""
    return f"zoe{next(mails.numbers)}@quill.example"


@pytest.fixture(scope="session")
def fresh_texts(tmp_path_factory):
    """A fresh export of the texts of every addon, ``{addon: PoFile}``, once for all tests."""
    from devtools.i18n import update

    with databases.temporary(Setup.from_environment()) as database, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, DATABASE, database)
        return update.export(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """The wheel of every addon, ``{addon: path}``, built from this tree by the pinned tools without a network."""
    folder = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, *(f"./{name}" for name in project.addons()))
    return {path.name.split("-")[0].removeprefix("odoo_addon_"): path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def addons_from_wheels(wheels, tmp_path_factory):
    """A folder that contains only our addons, installed from their wheels."""
    target = tmp_path_factory.mktemp("site-packages")
    pip("install", "--target", target, *wheels.values())
    return target / "odoo/addons"


def pip(command, *arguments):
    subprocess.run(
        [sys.executable, "-m", "pip", command, "--quiet", "--no-index", "--no-deps", *arguments], cwd=ROOT, check=True
    )
