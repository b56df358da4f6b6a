"""``./dev bench NAME``: runs ``tests/bench/NAME.py`` on a database of its own.

The script finds its database through ``devtools.odoo_env``, and decides what it prints
(with ``--json``, one JSON object as the last line). The database is a copy of the tested
template: our addons and their dependencies, without demo data.
"""

from . import command_test, databases
from .setup import Setup
from .state import ROOT
from .terminal import DevError

DATABASE = "HELPDESK_LITE_DATABASE"


def benches():
    return {path.stem: path for path in sorted((ROOT / "tests/bench").glob("[a-z]*.py"))}


def main(arguments):
    there = benches()
    if not arguments or arguments[0] not in there:
        raise DevError(f"bench what? there is {', '.join(there) or 'none'} (files tests/bench/NAME.py)")
    setup = Setup.ready()
    try:
        databases.sweep(setup)
        with databases.temporary(setup) as database:
            return command_test.run(
                [setup.python, there[arguments[0]], *arguments[1:]], setup.environment() | {DATABASE: database}
            )
    finally:
        setup.server.release()
