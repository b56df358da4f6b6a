"""A pytest plugin: spreads the tests over processes in an order in which these end at about the same time.

pytest-xdist gives the tests of a class, or of a module, to the next process that is free; pytest-odoo gives
each process a database and a port. What takes long has to come first, else one process works on alone at
the end: classes and modules are named for that in ``long_tests`` of setup.cfg. A name that is missing there,
or that is gone, costs a little time and nothing else.
"""

import os

from . import project

MOST = 4    # each has an Odoo, a database and at times a browser


def count():
    """How many processes there are."""
    return min(os.cpu_count() or 1, MOST)


def options():
    """What pytest is told, beside ``-p devtools.pytest_lanes``."""
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
