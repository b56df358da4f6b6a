"""Errors of ``./dev``: one line that the user can act upon, and a fitting exit code."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from devtools import server
from devtools.patience import PATIENCE
from devtools.terminal import stop

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("run", "test", "odoo", "bench", "mutate", "i18n", "renew", "clean")


@pytest.fixture
def dev(tmp_path):
    """A function that runs ``./dev`` with an empty cache and no settings in the environment."""

    def run(*words, program=("dev",), start=patiently, preexec_fn=None, **environment):
        clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        return start(
            [sys.executable, *program, *words],
            cwd=ROOT,
            env=clean | environment,
            text=True,
            preexec_fn=preexec_fn,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return run


patiently = partial(subprocess.run, timeout=PATIENCE, check=False)


def says(done, *texts):
    """Check that it failed with one line on standard error that contains these texts, and without a traceback."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("·")]
    assert done.returncode == 1, done
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("dev: ")
    for text in texts:
        assert text in lines[0]


def test_help_explains_every_command(dev):
    done = dev("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"./dev {command}" in done.stdout
    for name in ("ODOO_HOME", "PGHOST", "XDG_CACHE_HOME"):
        assert name in done.stdout


def test_no_command_is_an_error_that_shows_the_help(dev):
    done = dev()
    assert done.returncode == 2
    assert "./dev run" in done.stdout


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["serve"], "unknown command serve"),
        (["run", "--prot", "1"], "--prot"),
        (["i18n", "--lang", "French"], "fr, pt_BR"),
        (["run", "--port", "x"], "invalid int value"),
        (["run", "--port", "70000"], "1 to 65535"),
        (["run", "--lang", "a b"], "es, es_419"),
        (["run", "--database", "a/b"], "letters, digits"),
        (["run", "--database", "host=elsewhere"], "letters, digits"),
        (["bench"], "tests/bench/NAME.py"),
        (["bench", "../../evil"], "tests/bench/NAME.py"),
        (["mutate", "no-such-line"], "tests/mutations.diff"),
        (["mutate", "--jobs", "3"], "--jobs"),
        (["test", "tests/test_of_nothing.py"], "there is no tests/test_of_nothing.py"),
    ],
)
def test_wrong_words(dev, words, text):
    says(dev(*words), text)


def test_port_taken(dev):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not server.is_free(port)
        says(dev("run", "--port", str(port)), f"port {port} is taken", "--port")


def test_wrong_python(dev):
    for version in ("(3, 9, 2)", "(3, 14, 0)"):
        pretend = f"import runpy, sys; sys.version_info = {version}; runpy.run_path('dev', run_name='__main__')"
        done = dev(program=("-c", pretend))
        assert done.returncode == 1
        assert "needs Python 3.10 to 3.13" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_odoo_home_without_odoo(dev, tmp_path):
    says(dev("odoo", ODOO_HOME=str(tmp_path)), f"ODOO_HOME={tmp_path} holds no Odoo")


def test_odoo_home_of_another_series(dev, tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo/release.py").write_text("version_info = (18, 0, 0, 'final', 0, '')\n")
    says(dev("odoo", ODOO_HOME=str(tmp_path)), "is Odoo 18.0", "19.0 is needed")


def pretended_odoo(folder):
    (folder / "odoo/addons/mail").mkdir(parents=True)
    (folder / "odoo/release.py").write_text("version_info = (19, 0, 0, 'final', 0, '')\n")
    return str(folder)


def test_package_index_not_reachable(dev, tmp_path):
    says(
        dev(
            "odoo",
            ODOO_HOME=pretended_odoo(tmp_path),
            PIP_INDEX_URL=f"http://127.0.0.1:{server.free_port()}/simple",
            PIP_CONFIG_FILE=os.devnull,
            PIP_RETRIES="1",
            PIP_NO_CACHE_DIR="1",
        ),
        "cannot reach the Python package index",
    )


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ends_on_ctrl_c_in_the_background(dev, tmp_path, ending):
    """A shell script makes background programs, and their children, ignore Ctrl-C."""
    (tmp_path / "cache/helpdesk-lite/locks").mkdir(parents=True)
    held = (tmp_path / "cache/helpdesk-lite/locks/venv.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    process = dev(
        "odoo",
        ODOO_HOME=pretended_odoo(tmp_path),
        start=subprocess.Popen,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        assert "waiting for another ./dev that is installing Python packages" in process.stderr.readline()
    finally:
        stop(process, ending)
    assert process.returncode == 130
    assert process.stderr.read() == "dev: interrupted; the next start goes on from here\n"


def test_cache_that_cannot_be_written(dev, tmp_path):
    says(dev("odoo", ODOO_HOME=pretended_odoo(tmp_path), XDG_CACHE_HOME="/dev/null"), "/dev/null")
