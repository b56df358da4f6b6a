"""``./dev i18n``: exports the texts, merges them into every translation, tells what is wrong in them."""

from . import command_test, databases
from .command_bench import DATABASE
from .setup import Setup


def main(options):
    setup = Setup.ready()
    try:
        databases.sweep(setup)
        with databases.temporary(setup) as database:
            words = [word for name in options.languages for word in ("--lang", name)] + ["--check"] * options.check
            return command_test.run(
                [setup.python, "-m", "devtools.i18n.update", *words], setup.environment() | {DATABASE: database})
    finally:
        setup.server.release()
