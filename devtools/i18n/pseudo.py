"""A generated language with each of our texts between marks: text without marks cannot be translated.

podebug of translate-toolkit marks a text as a whole. On the screen, the words between two tags are
a text of their own, and a tooltip is another: each needs its own marks.
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
    """Translate a text into the generated language: every visible word is between marks.

    >>> mark('<b title="Now">Close</b> the ticket %(number)s')
    '<b title="⟦Now⟧">⟦Close⟧</b>⟦ the ticket %(number)s⟧'
    """
    return "".join(
        SHOWN_ATTRIBUTE.sub(rf"\1{OPEN}\2{CLOSE}\3", part)
        if part.startswith("<")
        else f"{OPEN}{part}{CLOSE}"
        if part.strip()
        else part
        for part in TAG.split(text)
    )


def without_marked(text):
    """Remove everything that is marked from a displayed text.

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
    """Write copies of our addons with only the generated language, in place of ``language``.

    :param Path folder: for a folder of each addon
    :param str language: code as in the name of the file
    """
    for addon in project.addons():
        shutil.copytree(ROOT / addon, folder / addon, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
        pot = catalogs.read(folder / addon / "i18n" / f"{addon}.pot")
        po = catalogs.start(pot, language)
        for entry in po.entries():
            entry.msgstr = mark(entry.msgid)
        po.write()
