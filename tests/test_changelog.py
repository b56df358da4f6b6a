"""The fragments of the changelog can be built into a release."""

import shutil
import subprocess
import sys

import pytest

from devtools import project
from devtools.state import ROOT

FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.rst")


@pytest.fixture
def draft(tmp_path):
    """A function that builds the next release's section in a copy, and returns the process with the section as output."""
    for name in ("towncrier.toml", "CHANGELOG.rst"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "changelog.d", tmp_path / "changelog.d")
    return lambda: subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "19.0.9.9.9", "--date", "2026-01-01"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_fragment_is_in_the_next_release(draft):
    done = draft()
    assert done.returncode == 0, done.stderr
    assert "19.0.9.9.9 (2026-01-01)" in done.stdout
    told = " ".join(done.stdout.split())
    for path in FRAGMENTS:
        assert " ".join(path.read_text().split()) in told, path.name


def test_a_fragment_of_an_unknown_type_is_refused(draft, tmp_path):
    (tmp_path / "changelog.d/1.improved.rst").write_text("Something is better.\n")
    done = draft()
    assert done.returncode
    assert "1.improved.rst" in done.stdout + done.stderr


def test_addons_are_released_together():
    assert len({project.manifest(name)["version"] for name in project.addons()}) == 1
