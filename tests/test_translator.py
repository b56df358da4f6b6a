"""A newcomer's walk: a translator changes a word, runs the command of the guide, and sees the change."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import pytest

from devtools import databases, server
from devtools.patience import PATIENCE
from devtools.setup import VARIABLE, Setup
from devtools.state import Lock
from devtools.terminal import stop

ROOT = Path(__file__).resolve().parent.parent
BEFORE, AFTER = "¿Cómo podemos ayudarle?", "¿En qué le echamos una mano?"


@pytest.fixture
def checkout(tmp_path):
    """A separate checkout for the translator."""
    shutil.copytree(ROOT, tmp_path / "checkout", ignore=shutil.ignore_patterns(".git", ".dev", "__pycache__", "docs"))
    return tmp_path / "checkout"


@pytest.fixture
def database():
    """A database that an earlier ./dev run created."""
    setup = Setup.from_environment()
    name = f"{databases.owned('tmp')}_{uuid.uuid4().hex[:8]}"
    held = Lock(f"db-{name}")
    held.acquire()
    databases.copy(setup, databases.tested_template(setup), name)
    databases.mark(setup, name)
    yield name
    databases.drop(setup, name)
    held.path.unlink(missing_ok=True)
    held.release()


def environment():
    """The environment of the translator's shell, in which ./dev finds the cache by itself."""
    setup = Setup.from_environment()
    embedded = setup.data_dir.name == "data"
    hidden = {VARIABLE, "ODOO_RC", "PYTHONPATH", *(setup.server.variables if embedded else ())}
    return {name: value for name, value in os.environ.items() if name not in hidden}


def read(port, process):
    """Read the page of the teams, as soon as the server answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/helpdesk", headers={"Accept-Language": "es-ES"})
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "./dev run ended: " + process.stderr.read()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.read().decode()
        except OSError:
            time.sleep(0.2)
    return pytest.fail("./dev run served nothing")


def test_one_word_in_the_file_and_one_command_show_it(checkout, database):
    command = "./dev run --lang es"
    for guide in ("i18n/README.rst", "i18n/README.es.rst"):
        assert command in (ROOT / guide).read_text()
    path = checkout / "helpdesk_lite/i18n/es.po"
    assert path.read_text().count(f'msgstr "{BEFORE}"') == 1
    path.write_text(path.read_text().replace(BEFORE, AFTER))

    port = server.free_port()
    process = subprocess.Popen(
        [sys.executable, *command.split(), "--port", str(port), "--database", database, "--no-demo"],
        cwd=checkout,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # started like a background program in a script: Ctrl-C must end it and its server
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        page = read(port, process)
    finally:
        stop(process, signal.SIGINT)
    assert process.returncode == 0
    assert server.is_free(port)
    assert AFTER in page and BEFORE not in page
