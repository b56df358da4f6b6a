"""``python -m devtools.i18n.update [--lang LANGUAGE]… [--check]``: the implementation of ``./dev i18n``."""

import argparse
import sys
import tempfile
from pathlib import Path

from devtools import project
from devtools.setup import Setup
from devtools.state import ROOT

from . import catalog as catalogs
from . import checks, wording
from .export import export
from .glossary import Glossary


def update_addon(folder, fresh, languages, addons_paths):
    """Write an addon's ``.pot``, and merge it into every language.

    :param Path folder: the addon
    :param PoFile fresh: a fresh export of its texts
    :param languages: languages to start, or to fill with Odoo's own wording
    :return: lines of a report
    """
    template = folder / "i18n" / f"{folder.name}.pot"
    template.parent.mkdir(exist_ok=True)
    if not template.exists() or not catalogs.same_texts(catalogs.read(template), fresh):
        template.write_bytes(fresh.path.read_bytes())
    pot = catalogs.read(template)
    for path in sorted({*template.parent.glob("*.po"), *(template.with_name(f"{lang}.po") for lang in languages)}):
        po = catalogs.read(path) if path.exists() else catalogs.start(pot, path.stem)
        catalogs.merge(po, pot)
        filled = 0
        if path.stem in languages and not checks.is_english(po):
            base = template.with_name(f"{checks.BASES.get(path.stem)}.po")
            words = (
                wording.odoo_variant(path.stem, catalogs.read(base), addons_paths)
                if base.exists()
                else (wording.odoo_wording(path.stem, addons_paths))
            )
            filled = wording.fill(po, words)
        po.write()
        done = len(po.translations())
        yield f"{path.relative_to(ROOT)}: {done} of {len(po.entries())} texts" + (
            f", {filled} of them now as in Odoo's own translation" if filled else ""
        )


def check_all(fresh=None):
    """Check every addon; if the glossary is invalid, only report that."""
    glossary = Glossary.read(ROOT / "i18n/glossary.csv")
    british = checks.read_spellings(ROOT / "i18n/british.csv")
    found = []
    for addon in project.addons():
        found += checks.check_addon(ROOT / addon, glossary, british, (fresh or {}).get(addon))
    return found


def main(words):
    parser = argparse.ArgumentParser(prog="./dev i18n")
    parser.add_argument("--lang", action="append", default=[])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        fresh = export(Path(folder))
        try:
            if not options.check:
                addons_paths = Setup.from_environment().odoo.addons
                for addon in project.addons():
                    for line in update_addon(ROOT / addon, fresh[addon], options.lang, addons_paths):
                        print(line)
            found = check_all(fresh)
        except catalogs.Unreadable as error:
            found = [checks.Problem(error.path, error.line, "broken", error.reason)]
        except ValueError as error:
            sys.exit(str(error))
    for problem in found:
        print(problem.said(ROOT))
    wrong = sum(problem.wrong for problem in found)
    print(f"{wrong} to put right" if wrong else "The translations are complete and consistent.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
