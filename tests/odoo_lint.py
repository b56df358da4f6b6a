"""Runs the checks of Odoo's module ``test_lint`` on our addons; a program that ``test_odoo_lint.py`` starts.

Odoo's checks examine every addon in the addons path. Here they are limited to ours and otherwise unchanged; checks
of the registry examine all of it. The program prints a line of JSON: a list of problems by check.
"""

import importlib
import json
import logging
import pkgutil
import sys
import unittest
from contextlib import ExitStack
from unittest.mock import patch

from devtools import project
from devtools.odoo_env import odoo_env
from devtools.state import ROOT

PACKAGE = "odoo.addons.test_lint.tests"
# These unique indexes serve for one2many fields as well, so a second index is unnecessary.
COVERED = {"crm.lead.ticket_id": "_one_per_ticket", "crm.lead.converted_ticket_id": "_one_ticket"}


class Problems(unittest.TestResult):
    """Collects the failures of a check and its log messages, because some checks only warn."""

    def __init__(self):
        super().__init__()
        self.found = []

    def addFailure(self, test, error):
        self.found.append(f"{test.id().rpartition('.')[2]}: {error[1]}")

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error:
            self.addFailure(subtest, error)

    def addSkip(self, test, reason):
        self.found.append(f"skipped: {reason}")


class Log(logging.Handler):
    def __init__(self, problems):
        super().__init__(logging.WARNING)
        self.problems = problems

    def emit(self, record):
        self.problems.found.append(record.getMessage())


def load():
    """Load Odoo's checks, as lists of test cases by ``module.Class``."""
    folder = importlib.import_module(PACKAGE).__path__
    checks = {}
    for module in sorted(found.name for found in pkgutil.iter_modules(folder) if found.name.startswith("test_")):
        for suite in unittest.defaultTestLoader.loadTestsFromName(f"{PACKAGE}.{module}"):
            for test in suite:
                checks.setdefault(f"{module}.{type(test).__name__}", []).append(test)
    return checks


def limit(stack, env):
    """Limit the checks to our addons."""
    import odoo
    from odoo.modules import Manifest

    ours = project.addons()
    modules = {
        name: importlib.import_module(f"{PACKAGE}.{name}")
        for name in ("test_docstring", "test_index", "test_manifests", "test_pofile", "test_pylint")
    }
    stack.enter_context(
        patch.object(Manifest, "all_addon_manifests", staticmethod(lambda: [Manifest.for_addon(name) for name in ours]))
    )
    stack.enter_context(patch.object(modules["test_pofile"], "get_modules", lambda: ours))
    # pylint-odoo requires the GitHub names of the maintainers of an addon, which Odoo does not read
    stack.enter_context(
        patch.object(modules["test_manifests"], "MANIFEST_KEYS", modules["test_manifests"].MANIFEST_KEYS | {"maintainers"})
    )
    # check private methods as well
    stack.enter_context(patch.object(modules["test_docstring"], "MODULES_TO_LINT", tuple(ours)))
    for field, index in COVERED.items():
        model, _dot, column = field.rpartition(".")
        definition = env.registry[model]._table_objects[f"{env[model]._table}{index}"].get_definition(env.registry)
        assert definition == f"UNIQUE INDEX ({column}) WHERE {column} IS NOT NULL", definition
    stack.enter_context(
        patch.object(
            modules["test_index"], "BTREE_INDEX_IGNORE_FIELDS", modules["test_index"].BTREE_INDEX_IGNORE_FIELDS | {*COVERED}
        )
    )
    # conflict markers are searched for in every folder with code
    stack.enter_context(patch.object(odoo.addons, "__path__", [str(ROOT / name) for name in ours]))
    stack.enter_context(patch.object(odoo, "__path__", []))
    run = modules["test_pylint"].subprocess.run

    def run_on_ours(command, **options):
        folder = odoo.tools.config.root_path
        # tests contain no statements of users, and ruff finds undefined names there as well
        return run([*(word for word in command if str(word) != folder), "--ignore=tests"], **options)

    stack.enter_context(patch.object(modules["test_pylint"].subprocess, "run", run_on_ours))


def run(tests):
    problems = Problems()
    log = Log(problems)
    logger = logging.getLogger("odoo.addons.test_lint")
    logger.addHandler(log)
    try:
        for cls in {type(test) for test in tests}:
            cls.setUpClass()
        for test in tests:
            test.run(problems)
        for cls in {type(test) for test in tests}:
            cls.tearDownClass()
            cls.doClassCleanups()
    finally:
        logger.removeHandler(log)
    return problems.found


def main(wanted):
    with odoo_env() as env:
        env.cr.rollback()
        checks = load()
        found = dict.fromkeys(checks)
        for name in wanted or checks:
            with ExitStack() as stack:
                limit(stack, env)
                found[name] = run(checks[name])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
