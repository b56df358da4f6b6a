"""The methods of Odoo that we override are unchanged since they were reviewed: ``odoo_contract.csv``.

The file has a row for each method of Odoo that our addons override, except common ones (``create``, ``write`` …):
a hash of Odoo's method without comments, docstrings and layout, the reason for the override, and the consequences
for users if it no longer fits.

When Odoo has changed a method, read Odoo's change and our override, fix it if necessary, and renew the hashes with::

    ODOO_CONTRACT=renew ./dev test tests/test_odoo_contract.py

This also adds rows for new overrides, for which you write the two sentences, and removes rows of removed overrides.
The hashes belong to the Odoo that the suite passed on, with the modules in setup.cfg.
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import odoo_contract
import pytest

from devtools import databases
from devtools.command_bench import DATABASE
from devtools.setup import Setup

TABLE = Path(__file__).with_name("odoo_contract.csv")
COLUMNS = ("model", "method", "hash", "why we override it", "what goes wrong if it changes")


@pytest.fixture(scope="module")
def found():
    """The current overrides: dicts by model and method."""
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        done = subprocess.run(
            [sys.executable, Path(odoo_contract.__file__)],
            env=setup.environment() | {DATABASE: database},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found = {(row["model"], row["method"]): row for row in json.loads(done.stdout.splitlines()[-1])}
    if os.environ.get("ODOO_CONTRACT") == "renew":
        renew(found)
    return found


def get_table():
    with TABLE.open() as file:
        return {(row["model"], row["method"]): row for row in csv.DictReader(file)}


def renew(found):
    table = get_table() if TABLE.exists() else {}
    with TABLE.open("w") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for key, row in sorted(found.items()):
            kept = table.get(key, dict.fromkeys(COLUMNS, ""))
            writer.writerow({**kept, **{column: row[column] for column in COLUMNS[:3]}})


def test_every_override_has_its_row(found):
    missing = [
        f"odoo_contract.csv has no row for {model}.{method}, which {', '.join(found[model, method]['ours'])} overrides"
        for model, method in found.keys() - get_table().keys()
    ]
    assert not missing, "\n".join(sorted(missing))


def test_every_row_is_of_an_override(found):
    gone = [
        f"odoo_contract.csv has a row for {model}.{method}: we no longer override it, or Odoo no longer has it"
        for model, method in get_table().keys() - found.keys()
    ]
    assert not gone, "\n".join(sorted(gone))


def test_odoos_methods_are_unchanged_since_the_review(found):
    changed = [
        f"Odoo changed {model}.{method} in {', '.join(now['theirs'])}. {row[COLUMNS[3]]} {row[COLUMNS[4]]}"
        f" Compare it with {', '.join(now['ours'])}, then renew the hash (see the head of this test)."
        for (model, method), row in get_table().items()
        if (now := found.get((model, method))) and now["hash"] != row["hash"]
    ]
    assert not changed, "\n".join(changed)


def test_every_row_says_why_in_sentences():
    assert list(get_table())
    for key, row in get_table().items():
        for column in COLUMNS[3:]:
            assert row[column].endswith(".") and len(row[column].split()) >= 4, (key, column)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('def f(a):\n    """Says."""\n    return a + 1', "def f(a):\n    # why\n    return (a +\n            1)", True),
        ("def f(a: int) -> int:\n    return a", "def f(a):\n    return a", True),
        ("def f(a):\n    return a + 1", "def f(a):\n    return a + 2", False),
        ("def f(a=None):\n    return a", "def f(a):\n    return a", False),
        ("@api.model\ndef f(a):\n    return a", "def f(a):\n    return a", False),
    ],
)
def test_only_what_a_method_does_counts(one, other, same):
    assert (odoo_contract.normalize(one) == odoo_contract.normalize(other)) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("setup() {\n    // why\n    a();\n}", "setup() {\n  a();\n}", True),
        ('open() { a("https://odoo.com"); }', 'open() { a("https://odoo.org"); }', False),
    ],
)
def test_only_what_a_method_in_javascript_does_counts(one, other, same):
    assert (odoo_contract.normalize_js(one) == odoo_contract.normalize_js(other)) == same
