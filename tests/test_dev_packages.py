"""The pinned Python packages are installed as long as the index has them, with a local index."""

import os
import sys
import zipfile

import pytest

from devtools import packages, terminal
from devtools.terminal import DevError


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A function that adds a wheel to the only index that pip uses."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def add(name, version, requires=""):
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", f"version = {version!r}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(
                f"{info}/METADATA",
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
                + (f"Requires-Dist: {requires}\n" if requires else ""),
            )
            wheel.writestr(f"{info}/RECORD", "")

    return add


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs pins into a folder with this Python's pip, and returns ``{name: version}``."""

    def run(*pins):
        monkeypatch.setenv("PIP_TARGET", str(tmp_path / "there"))
        with terminal.step("Installing") as progress:
            packages.pip_install([sys.executable, "-m", "pip"], list(pins), tmp_path / "wanted.txt", progress)
        return dict(path.stem.split("-") for path in (tmp_path / "there").glob("*.dist-info"))

    return run


def test_a_pin_is_kept_although_a_newer_version_is_there(index, install, capsys):
    index("alpha", "1.0")
    index("alpha", "1.1")
    assert install("alpha==1.0") == {"alpha": "1.0"}
    assert "no longer available" not in capsys.readouterr().err


def test_a_pin_that_has_gone_is_replaced_by_what_suits_the_others_and_told(index, install, capsys):
    index("alpha", "1.0", requires="beta<2")
    for version in ("1.1", "1.2", "2.0"):
        index("beta", version)
    assert install("alpha==1.0", 'beta==1.0; python_version >= "3"') == {"alpha": "1.0", "beta": "1.2"}
    told = [line for line in capsys.readouterr().err.splitlines() if "no longer available" in line]
    assert told == ["· beta 1.0 is no longer available: using another version"]


def test_a_package_that_has_gone_for_good_is_told_in_one_sentence(index, install):
    with pytest.raises(DevError, match=r"cannot install the Python packages .*No matching distribution found for alpha"):
        install("alpha==1.0")
