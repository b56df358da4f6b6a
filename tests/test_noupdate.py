"""Changes of data under ``noupdate`` reach existing databases, or are kept from them on purpose.

Odoo's update skips such records, because administrators edit them. So each change since the last release
(``upgrade_base.txt``) requires a decision:

* Record rules are always refreshed, even if somebody edited them, because a security hole must be closed
  everywhere. A script ``upgrades/<version>/post-*.py`` lists them (``helpdesk_lite/upgrading.py``), and logs
  their former values.
* Subtypes, activity types and scheduled actions are refreshed in the same way if our code needs the change.
* Mail templates, stages and merge rules are never refreshed, because people adapt them. ``LEFT_ALONE``
  lists them, with the consequences for a database that keeps the old record.
"""

import ast

import pytest
from lxml import etree

from devtools import project, upgrade_base
from devtools.state import ROOT

# Changed since the last release, and not refreshed: external id and the reason.
LEFT_ALONE = {}


@pytest.fixture(scope="module")
def base():
    """The folder with the addons of the last release."""
    return upgrade_base.source_or_skip()


def read_records(folder, addon):
    """Read the records under ``noupdate`` in the data files of an addon: external id to XML without layout."""
    records = {}
    manifest = ast.literal_eval((folder / addon / "__manifest__.py").read_text())
    for file in manifest["data"]:
        if not file.endswith(".xml"):
            continue
        for element in etree.parse(folder / addon / file, etree.XMLParser(remove_comments=True)).iterfind(".//record[@id]"):
            if next(element.iterancestors("odoo", "data")).get("noupdate") == "1":
                for part in element.iter():
                    part.text, part.tail = (" ".join((text or "").split()) for text in (part.text, part.tail))
                records[element.get("id")] = etree.tostring(element, method="c14n").decode()
    return records


def version_of(folder, addon):
    manifest = ast.literal_eval((folder / addon / "__manifest__.py").read_text())
    return tuple(map(int, manifest["version"].split(".")))


def scripts_of(addon):
    """The upgrade scripts of an addon, as pairs of version and path."""
    for path in sorted((ROOT / addon / "upgrades").glob("*/*.py")):
        yield tuple(map(int, path.parent.name.split("."))), path


def named_by(path):
    """The strings in a script."""
    return {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("addon", project.addons())
def test_changed_records_are_refreshed_or_left_alone_for_a_reason(addon, base):
    if not (base / addon).is_dir():
        # a new addon has no records to refresh
        return
    former, now = read_records(base, addon), read_records(ROOT, addon)
    changed = {name for name, record in former.items() if now.get(name) != record}
    named = set()
    for version, path in scripts_of(addon):
        if version > version_of(base, addon):
            named |= named_by(path)
    forgotten = {f"{addon}.{name}" for name in changed - named} - set(LEFT_ALONE)
    assert not forgotten, (
        f"changed under noupdate since the last release, and no script in {addon}/upgrades/ of a later version names"
        f" them: {', '.join(sorted(forgotten))}"
    )


@pytest.mark.parametrize("addon", project.addons())
def test_every_script_is_run_by_an_update_from_the_last_release(addon, base):
    for version, path in scripts_of(addon):
        assert path.name.startswith(("pre-", "post-", "end-")), path
        assert version <= version_of(ROOT, addon), f"the version in the manifest is lower: {path} would never run"
        assert "migrate" in {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}, path
    if (base / addon).is_dir():
        assert version_of(ROOT, addon) > version_of(base, addon)


def test_records_left_alone_exist_and_are_not_rules():
    records = {f"{addon}.{name}": record for addon in project.addons() for name, record in read_records(ROOT, addon).items()}
    for name in LEFT_ALONE:
        assert 'model="ir.rule"' not in records[name], name
    assert any('model="ir.rule"' in record for record in records.values())
