"""Fixtures of the tests that span addons. They run without Odoo; some start a real one beside them."""

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
    """A function that starts a real Odoo server on a fresh database, options as on Odoo's command line.

    ::

        def test_mail(odoo_server):
            server = odoo_server("--smtp", "127.0.0.1", "--smtp-port", "2525")
            urllib.request.urlopen(server.url + "/web/login")
            assert server.query("SELECT count(*) FROM helpdesk_lite_ticket") == [["0"]]

    What comes back has ``url``, ``port``, ``database``, ``log`` and ``query``; servers and
    databases go with the test. There is no demo data; the administrator is admin / admin.
    """
    with ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(server.odoo_server(*options, **more))


@pytest.fixture(scope="session")
def browser():
    """See ``browser.py``: one for all tests; each page has cookies of its own."""
    program = chromium.ensure()
    if not program:
        pytest.skip("Chrome executable not found")
    with launched(program) as running:
        yield running


@pytest.fixture(scope="session")
def mail_world():
    """See ``mail_world.py``: one server for all tests of mail, which write from addresses of their own."""
    with mails.mail_world() as world:
        yield world


@pytest.fixture
def customer():
    """An address that no other test writes from."""
    return f"zoe{next(mails.numbers)}@quill.example"


@pytest.fixture(scope="session")
def fresh_texts(tmp_path_factory):
    """The texts of every addon as Odoo exports them now: ``{addon: PoFile}``, exported once for all tests."""
    from devtools.i18n import update

    with databases.temporary(Setup.from_environment()) as database, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, DATABASE, database)
        return update.export(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """The wheel of every addon, built of this tree by the pinned tools, without a network: ``{addon: path}``."""
    folder = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, *(f"./{name}" for name in project.addons()))
    return {path.name.split("-")[0].removeprefix("odoo_addon_"): path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def addons_from_wheels(wheels, tmp_path_factory):
    """The folder that holds our addons as their wheels install them, and nothing else."""
    target = tmp_path_factory.mktemp("site-packages")
    pip("install", "--target", target, *wheels.values())
    return target / "odoo/addons"


def pip(command, *arguments):
    subprocess.run([sys.executable, "-m", "pip", command, "--quiet", "--no-index", "--no-deps", *arguments],
                   cwd=ROOT, check=True)
