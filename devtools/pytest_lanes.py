"""A pytest plugin that orders the tests so that all processes end at about the same time.

pytest-xdist gives the tests of a class, or of a module, to the next free process; pytest-odoo gives each process
a database and a port. Long tests must come first, or else one process would work alone at the end. They are
listed as classes and modules in ``long_tests`` of setup.cfg. A missing or outdated name only costs a little time.
"""

import os

from . import project

MOST = 4  # each process has an Odoo, a database and sometimes a browser


def count():
    """The number of processes."""
    return min(os.cpu_count() or 1, MOST)


def options():
    """The arguments for pytest, in addition to ``-p devtools.pytest_lanes``."""
    return ["-n", str(count()), "--dist=loadscope", "--no-loadscope-reorder"]


def pytest_collection_modifyitems(items):
    long = {name: rank for rank, name in enumerate(project.setting("long_tests"))}
    scopes = {}
    for item in items:
        scopes.setdefault(item.nodeid.rsplit("::", 1)[0], []).append(item)

    def turn(scope):
        parts = scope.removesuffix(".py").replace("::", "/").split("/")
        return min(long.get(part, len(long)) for part in parts), -len(scopes[scope])

    items[:] = [item for scope in sorted(scopes, key=turn) for item in scopes[scope]]
