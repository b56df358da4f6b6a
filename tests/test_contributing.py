"""The instructions and tools for contributors agree with ``./dev test``."""

import re

import pytest
import yaml

from devtools import project
from devtools.state import ROOT

HOOKS = {
    hook["id"]: hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
}
REQUIREMENTS = (ROOT / "devtools/requirements.txt").read_text().splitlines()
PINS = dict(line.split(";")[0].split("==") for line in REQUIREMENTS if "==" in line)
WEBSITE = project.manifest("helpdesk_lite")["website"]


def test_hooks_have_the_versions_that_the_tests_have():
    shared = {}
    for hook in HOOKS.values():
        for wanted in hook["additional_dependencies"]:
            name, _found, version = wanted.partition("==")
            if name in PINS:
                shared[name] = version
    assert {"ruff", "pylint", "pylint-odoo"} <= set(shared)
    assert shared == {name: PINS[name] for name in shared}


def test_pylint_disables_the_same_messages_and_looks_at_every_addon():
    entry = HOOKS["pylint-odoo"]["entry"].split()
    assert f"--disable={','.join(project.setting('pylint_disabled'))}" in entry
    assert [word for word in entry if word.startswith("helpdesk")] == project.addons()


@pytest.mark.parametrize("addon", project.addons())
def test_manifests_name_pictures_that_are_there_and_one_address(addon):
    manifest = project.manifest(addon)
    assert manifest["website"] == WEBSITE
    assert manifest["maintainers"]
    assert manifest["images"]
    for name in manifest["images"]:
        assert (ROOT / addon / name).read_bytes().startswith(b"\x89PNG"), name
        assert name.removeprefix("static/description/") in (ROOT / addon / "static/description/index.html").read_text()


@pytest.mark.parametrize("name", ["CONTRIBUTING.rst", "SECURITY.rst", "towncrier.toml"])
def test_documents_name_the_address_of_the_manifests(name):
    text = (ROOT / name).read_text()
    found = re.findall(r"https://github\.com/[\w-]+/[\w-]+", text)
    assert found
    assert set(found) == {WEBSITE}


def test_commands_for_contributors_exist():
    text = (ROOT / "CONTRIBUTING.rst").read_text()
    for path in re.findall(r"\./dev test (\S+\.py)", text):
        assert (ROOT / path).exists(), path
    for command in set(re.findall(r"\./dev (\w+)", text)):
        assert f"\n  ./dev {command}" in (ROOT / "dev").read_text(), command
