"""``./dev i18n``: exports the texts, merges them into every translation, and reports errors in these."""

import re

from . import command_test, databases
from .command_bench import DATABASE
from .setup import Setup
from .terminal import DevError

# names of Odoo's files: fr, pt_BR, es_419, sr@latin
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2}|_\d{3})?(@[a-z]+)?")


def main(options):
    for name in options.languages:
        if not LANGUAGE.fullmatch(name):
            raise DevError(f"--lang {name}: a language is named as Odoo names its files: fr, pt_BR, es_419")
    setup = Setup.ready()
    try:
        databases.sweep(setup)
        with databases.temporary(setup) as database:
            words = [word for name in options.languages for word in ("--lang", name)] + ["--check"] * options.check
            return command_test.run(
                [setup.python, "-m", "devtools.i18n.update", *words], setup.environment() | {DATABASE: database}
            )
    finally:
        setup.server.release()
