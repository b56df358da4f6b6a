"""Odoo's own code checks (its module ``test_lint``) pass for our addons."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from devtools import databases, project
from devtools.command_bench import DATABASE
from devtools.setup import Setup
from devtools.state import ROOT

RUN = (
    "test_docstring.TestDocstring",
    "test_dunderinit.TestDunderinit",
    "test_i18n.TestI18n",
    "test_index.TestIndex",
    "test_jstranslate.TestJsTranslations",
    "test_manifests.ManifestLinter",
    "test_markers.TestConflictMarkers",
    "test_naming.TestNaming",
    "test_onchange_domains.TestOnchangeDomains",
    "test_orm_import.TestDunderinit",
    "test_override_signatures.TestLintOverrideSignatures",
    "test_pofile.PotLinter",
    "test_pylint.TestPyLint",
    "test_routes.RoutesLinter",
    "test_test_holes.TestTestHoles",
)
# Checks that are not run, and the reasons.
LEFT_OUT = {
    "test_checkers.TestGetTextLint": "tests the check and no addon",
    "test_checkers.TestI18nChecks": "tests the check and no addon",
    "test_checkers.TestSqlLint": "tests the check and no addon",
    "test_eslint.TestESLint": "needs eslint, and one older than version 9; eslint checks our files in pre-commit",
    "test_l10n.L10nLinter": "looks at localisations only (l10n_*)",
}


@pytest.fixture(scope="module")
def found():
    """The problems by check."""
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("odoo_lint.py"), *RUN],
            env=setup.environment() | {DATABASE: database},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("check", RUN)
def test_odoos_checks_find_nothing(found, check):
    assert not found[check], "\n".join(found[check])


def test_every_check_is_run_or_left_out_for_a_reason(found):
    assert set(found) == {*RUN, *LEFT_OUT}


@pytest.mark.parametrize("addon", project.addons())
def test_no_room_hides_the_tests_of_another(addon):
    """Rooms hand on their modules with a star: of two with one name, Odoo would run the last."""
    names = Counter(path.name for path in (ROOT / addon / "tests").rglob("test_*.py"))
    assert names
    assert not [name for name, count in names.items() if count > 1]
