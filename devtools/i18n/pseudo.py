"""A generated language: each text of ours between marks, so that what is not marked was not translated.

podebug of translate-toolkit marks a text as a whole. On the screen the words between two tags are
a text of their own, and a tooltip is another: each needs its marks.
"""

import re
import shutil

from devtools import project
from devtools.state import ROOT

from . import catalog as catalogs

OPEN, CLOSE = "⟦", "⟧"
TAG = re.compile(r"(<[^>]*>)")
SHOWN_ATTRIBUTE = re.compile(r'\b((?:title|aria-label|alt|placeholder|string|label|data-tooltip)=")([^"]+)(")')


def mark(text):
    """A text as the generated language has it: every word that is shown stands between marks.

    >>> mark('<b title="Now">Close</b> the ticket %(number)s')
    '<b title="⟦Now⟧">⟦Close⟧</b>⟦ the ticket %(number)s⟧'
    """
    return "".join(
        SHOWN_ATTRIBUTE.sub(rf"\1{OPEN}\2{CLOSE}\3", part) if part.startswith("<")
        else f"{OPEN}{part}{CLOSE}" if part.strip() else part
        for part in TAG.split(text)
    )


def without_marked(text):
    """What is left of a text that is shown when all that is marked is taken away.

    >>> without_marked("⟦Tickets of ⟦Customer Care⟧⟧ (new)")
    ' (new)'
    """
    left, depth = [], 0
    for char in text:
        depth += (char == OPEN) - (char == CLOSE)
        if depth <= 0 and char != CLOSE:
            left.append(char)
        depth = max(0, depth)
    return "".join(left)


def write_addons(folder, language):
    """Copies of our addons whose only language is the generated one, in the place of ``language``.

    :param Path folder: gets a folder for each addon
    :param str language: code as in the name of the file
    """
    for addon in project.addons():
        shutil.copytree(ROOT / addon, folder / addon, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
        pot = catalogs.read(folder / addon / "i18n" / f"{addon}.pot")
        po = catalogs.start(pot, language)
        for entry in po.entries():
            entry.msgstr = mark(entry.msgid)
        po.write()
