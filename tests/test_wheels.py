"""The names, dependencies and contents of the addons' wheels. ``test_alone.py`` installs them in Odoo."""

import subprocess
import zipfile
from email.parser import HeaderParser

import pytest

from devtools import project
from devtools.state import ROOT


@pytest.fixture(params=project.addons())
def addon(request):
    return request.param


def read(wheel):
    """Read a wheel as ``(metadata, files)``: the headers of METADATA, and the sorted files outside of ``dist-info``."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(metadata).decode()), [
            name for name in names if not name.startswith(metadata.split("/")[0])
        ]


def test_every_addon_has_a_wheel(wheels):
    assert sorted(wheels) == project.addons()


def test_a_wheel_is_named_and_versioned_as_its_manifest_says(addon, wheels):
    manifest = project.manifest(addon)
    metadata, _files = read(wheels[addon])
    assert metadata["Name"] == f"odoo-addon-{addon}"
    assert metadata["Version"] == manifest["version"]
    assert wheels[addon].name == f"odoo_addon_{addon}-{manifest['version']}-py3-none-any.whl"
    assert metadata["License"] == "LGPL-3"
    assert metadata["Home-page"] == manifest["website"]
    assert metadata["Summary"] == manifest["summary"]
    assert (ROOT / addon / "README.rst").read_text() in metadata.get_payload()


def test_a_wheel_needs_odoo_and_those_of_our_addons_that_its_manifest_names(addon, wheels):
    ours = set(project.manifest(addon)["depends"]) & set(project.addons())
    metadata, _files = read(wheels[addon])
    assert sorted(metadata.get_all("Requires-Dist")) == sorted(
        ["odoo==19.0.*", *(f"odoo-addon-{name}==19.0.*" for name in ours)]
    )


def test_a_wheel_holds_all_that_git_knows_of_the_addon_and_nothing_else(addon, wheels):
    tracked = subprocess.run(["git", "ls-files", "-z", addon], cwd=ROOT, capture_output=True, text=True, check=True)
    expected = {f"odoo/addons/{name}" for name in tracked.stdout.split("\0") if name}
    expected.remove(f"odoo/addons/{addon}/pyproject.toml")  # only needed to build the wheel
    assert any("/tests/" in name for name in expected)
    assert set(read(wheels[addon])[1]) == expected
