"""A pytest plugin that runs selected tests on demand, each time with a change to the loaded code.

Starting Odoo takes longer than most tests. So the process stays alive: functions get the changed code for the
duration of a job. Anything else (a field, a constant) cannot be changed in a running process.

Jobs arrive as lines of JSON: ``tests`` (pytest ids), ``path`` and ``text`` of a changed file if there is one, and
``all`` to continue after a failure. Answers are lines of JSON as well: ``failed`` (names of tests) and ``broken``
(errors in fixtures), or ``cold`` when the change needs a new process.
"""

import json
import os
import sys
import types
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

# the file descriptors for jobs and for answers, separated by a comma
VARIABLE = "HELPDESK_LITE_MUTANTS"
IS_FUNCTION = 0x0001  # CO_OPTIMIZED, which is not set for the bodies of classes


class Reports:
    """The results of a job's tests."""

    def __init__(self):
        self.failed, self.broken = [], []

    def add(self, report):
        if report.failed:
            name = "::".join(report.nodeid.split("::")[1:]).replace("::", ".")
            if report.when == "call":
                self.failed += [name] if name not in self.failed else []
            else:
                self.broken.append(f"{report.when} of {name}: {str(report.longrepr)[-300:]}")


class Plugin:
    def __init__(self):
        jobs, answers = map(int, os.environ[VARIABLE].split(","))
        self.jobs, self.answers = os.fdopen(jobs), os.fdopen(answers, "w")
        self.reports = Reports()

    def pytest_runtest_logreport(self, report):
        self.reports.add(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        for line in self.jobs:
            self.answers.write(json.dumps(self.work(session, **json.loads(line))) + "\n")
            self.answers.flush()
        return True

    def work(self, session, tests, path=None, text=None, all=False):
        swapped = []
        if path:
            swapped = swap(path, text)
            if not swapped:
                return {"cold": True}
        self.reports = Reports()
        clear_caches()
        try:
            for test in tests:
                for item in session.items:
                    if f"{item.nodeid}::".startswith(f"{test}::") and (all or not self.reports.failed):
                        # one failing subtest is enough
                        item.failfast = not all
                        run(session, item)
        finally:
            for function, code in swapped:
                function.__code__ = code
            clear_caches()
        return {"failed": self.reports.failed, "broken": self.reports.broken}


def pytest_configure(config):
    config.pluginmanager.register(Plugin())


def run(session, item):
    # tear down everything except the fixtures of the session: the registry and the server
    runtestprotocol(item, nextitem=types.SimpleNamespace(listchain=lambda: [session]))


def clear_caches():
    from odoo.modules.registry import Registry

    for registry in Registry.registries.values():
        registry.clear_all_caches()


# CHANGING CODE


def swap(path, text):
    """Give the functions of a loaded module the code of a changed source.

    :param str path: of the module
    :param str text: the changed source; unchanged functions must start in the same lines as before
    :return: list of tuples (function, former code); empty, with nothing changed, when more than functions differ
    """
    module = next((module for module in list(sys.modules.values()) if getattr(module, "__file__", None) == path), None)
    changes = module and differences(compile(Path(path).read_text(), path, "exec"), compile(text, path, "exec"), module)
    swapped = []
    for function, code in changes or ():
        former = function.__code__
        try:
            function.__code__ = code
        except ValueError:  # the closure differs: super() is gone, for example
            for changed, old in swapped:
                changed.__code__ = old
            return []
        swapped.append((function, former))
    return swapped


def differences(old, new, place):
    """Find the functions of a module or class whose code differs.

    :param old: code of the module or class body
    :param new: the same, changed
    :param place: the live module or class
    :return: list of tuples (function, new code), or None when something else differs
    """
    olds, news = nested(old), nested(new)
    names = [[code.co_name for code in codes] for codes in (olds, news)]
    if old.co_code != new.co_code or rest(old) != rest(new) or names[0] != names[1]:
        return None
    found = []
    for former, code in zip(olds, news, strict=True):
        if former == code:
            continue
        live = vars(place).get(former.co_name)
        if former.co_flags & IS_FUNCTION:
            function = find_function(live, former)
            if not function or (isinstance(place, types.ModuleType) and nested(former) != nested(code)):
                # in a decorator, for example, whose results exist already
                return None
            found.append((function, code))
        else:
            inside = isinstance(live, type) and differences(former, code, live)
            if not inside:
                return None
            found += inside
    return found


def nested(code):
    return [const for const in code.co_consts if isinstance(const, types.CodeType)]


def rest(code):
    return code.co_names, [const for const in code.co_consts if not isinstance(const, types.CodeType)]


def find_function(live, code):
    """Find the function with this code below its decorators."""
    todo, seen = [live], set()
    while todo:
        item = todo.pop()
        if item is None or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, types.FunctionType) and item.__code__ == code:
            return item
        todo += [getattr(item, name, None) for name in ("__wrapped__", "__func__", "fget", "fset", "func")]
    return None
