"""Rules of the project that can be checked by reading its files."""

import csv
import re
from pathlib import Path

import pytest
from docutils import nodes
from docutils.core import publish_doctree

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "helpdesk_lite"
ADDONS = sorted(path.parent for path in ROOT.glob("helpdesk_lite*/__manifest__.py"))
RELATIONS = [
    "internal user, stranger",
    "internal user following one ticket",
    "internal user following the team",
    "assignee",
    "Helpdesk Administrator",
    "portal user, stranger",
    "portal user following a ticket",
    "anyone with a ticket's access link",
]


def sources(addon, suffix="*.py"):
    """The shipped files of an addon, without tests."""
    return [path for path in sorted(addon.rglob(suffix)) if "tests" not in path.relative_to(addon).parts]


def in_words(cell):
    return " ".join(cell.split())


def table_of(path):
    rows = {}
    for line in path.read_text().splitlines():
        cells = [in_words(cell) for cell in line.strip().strip("|").split("|")]
        if cells[0] in RELATIONS:
            rows[cells[0]] = cells[1:]
    return rows


def table_of_readme():
    """Read the rendered table of the README, by relation."""
    tree = publish_doctree((ROOT / "README.rst").read_text(), settings_overrides={"halt_level": 2})
    rows = ([in_words(cell.astext()) for cell in row.findall(nodes.entry)] for row in tree.findall(nodes.row))
    return {row[0]: row[1:] for row in rows if row[0] in RELATIONS}


def test_who_sees_what_stands_alike_on_the_rules_in_the_test_and_in_the_readme():
    rules = table_of(CORE / "security" / "rules.xml")
    assert list(rules) == RELATIONS
    assert table_of(CORE / "tests" / "access" / "test_access.py") == rules
    assert table_of_readme() == rules


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_every_sudo_says_why(addon):
    bare = []
    for path in sources(addon):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if ".sudo()" in line and not any("sudo:" in near for near in lines[max(0, number - 8) : number + 1]):
                bare.append(f"{path.relative_to(ROOT)}:{number + 1}")
    assert not bare, f"sudo() without a “# sudo: reason” above it: {bare}"


def test_the_core_names_no_bridge_and_needs_none_of_their_apps():
    foreign = re.compile(r"helpdesk_lite_(crm|data_cleaning)|\bcrm\.lead\b|\bdata_recycle\b|\bhr\.(leave|employee)\b")
    named = [
        str(path.relative_to(ROOT))
        for pattern in ("*.py", "*.xml", "*.js", "*.csv")
        for path in sources(CORE, pattern)
        if foreign.search(path.read_text())
    ]
    assert not named


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_every_right_has_a_group_and_customers_only_read(addon):
    for path in addon.glob("security/ir.model.access.csv"):
        with path.open() as file:
            for row in csv.DictReader(file):
                assert row["group_id/id"], row["id"]
                if row["group_id/id"] in ("base.group_portal", "base.group_public"):
                    changes = [row[f"perm_{verb}"] for verb in ("write", "create", "unlink")]
                    assert changes == ["0"] * 3, row["id"]


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_nothing_retired_in_odoo_19(addon):
    retired = re.compile(
        r"<tree|attrs=\"|kanban-box|oe_chatter|t-esc=|t-raw=|_sql_constraints|osv\.expression|name=\"groups_id\""
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for pattern in ("*.py", "*.xml")
        for path in sources(addon, pattern)
        for match in retired.finditer(path.read_text())
    ]
    assert not found


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_names_that_all_addons_share_are_those_of_no_other_helpdesk(addon):
    """Entries of the web client's registries, templates and classes; paths and controllers are in ``test_conformance.py``."""
    shared = {
        "*.js": r"(?:category\(\s*\"[\w.]+\"\s*\)\s*\.add|register\w*Action)\(\s*\"(?!helpdesk[_-]lite)([^\"]+)",
        "*.xml": r"(?:t-name=\"(?!helpdesk_lite)|\b(?=o_helpdesk_(?!lite)))([\w.]+)",
        "*.scss": r"\.(o_helpdesk_(?!lite)\w+)",
    }
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for pattern, names in shared.items()
        for path in sorted((addon / "static").rglob(pattern))
        for name in re.findall(names, path.read_text())
    ]
    assert not found
    former = re.compile(r"/my/tickets\b|/odoo/helpdesk(?!-lite)\b|\bportal_my_tickets?\(")
    assert not [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for pattern in ("*.py", "*.xml", "*.js")
        for path in sources(addon, pattern)
        if path.name != "addresses.py"
        for match in former.finditer(path.read_text())
    ]
