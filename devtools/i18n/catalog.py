"""Reading, merging and writing ``.po`` files as Odoo itself does: with polib, sorted by the English text.

What polib leaves to us: a quote that is not closed (it drops the last letter and says nothing), the
line of a text without its comments, old texts that nobody translated (they go), and telling editors
which texts have placeholders (``#, python-format``).
"""

import re
from collections import Counter

import polib
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message

NEVER_CLOSED = re.compile(r'(?:#~ ?)?(?:msg\w*(?:\[\d+\])? *)?"(?!(?:[^"\\]|\\.)*"\s*$)')


class PoFile(polib.POFile):
    """A file of one language, or the ``.pot`` without one; ``path`` is where it is kept."""

    path = None

    @property
    def language(self):
        return None if self.path.suffix == ".pot" else self.path.stem

    @property
    def addon(self):
        return self.path.parent.parent.name

    def entries(self):
        """The entries of texts that the addon has, in the order of the file."""
        return [entry for entry in self if not entry.obsolete]

    def twice(self):
        """Entries whose text stood in the file before."""
        seen = Counter()
        for entry in self.entries():
            seen[entry.msgid] += 1
            if seen[entry.msgid] > 1:
                yield entry

    def translations(self):
        """``{English text: translation}`` of what is translated."""
        return {entry.msgid: entry.msgstr for entry in self.entries() if entry.msgstr}

    def write(self):
        self.save(str(self.path))


class Unreadable(Exception):
    """A file that is no ``.po`` file (any more); says in which line."""

    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


def read(path):
    """The file as a :class:`PoFile`; ``linenum`` of an entry is the line of its text.

    :raise Unreadable: with the line where it breaks off
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(path, error.object[:error.start].count(b"\n") + 1, "this is not UTF-8") from None
    lines = text.splitlines()
    broken = next((number for number, line in enumerate(lines, 1) if NEVER_CLOSED.match(line)), None)
    try:
        po = polib.pofile(text, klass=PoFile)
    except OSError as error:
        broken = broken or int(re.search(r"\(line (\d+)\)", str(error))[1])
    if broken:
        raise Unreadable(path, broken, f"this line breaks the format of the file: {lines[broken - 1].strip()}")
    po.path = path
    for entry in po:
        while re.match(r"#(?!~)", lines[entry.linenum - 1]):
            entry.linenum += 1
    return po


def merge(po, pot):
    """Bring a language up to the texts of the ``.pot``: new ones come without a translation.

    No word is lost: translations of texts that are gone stay at the end of the file as obsolete
    (``#~``), which Odoo does not load, and come back when their text does. Nothing is guessed:
    a guess is marked "fuzzy", and Odoo loads fuzzy translations.

    :param PoFile po: is changed
    :param PoFile pot: the template
    """
    po.merge(pot)
    for entry in po.entries():
        if Message(entry.msgid).python_format:
            entry.flags.append("python-format")
    po[:] = sorted((entry for entry in po if entry.msgstr or not entry.obsolete), key=lambda one: (one.obsolete, one.msgid))


def start(pot, language):
    """A new, empty file of a language beside the ``.pot``.

    :param PoFile pot: the template
    :param str language: code as in the name of the file: ``fr``, ``pt_BR``
    """
    try:
        known = Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        known = None
    po = PoFile()
    po.path = pot.path.with_name(f"{language}.po")
    po.header = (
        f"{known.english_name if known else language} translation of {pot.addon}.\n"
        "See i18n/README.rst on how to edit it."
    )
    po.metadata = {
        "Project-Id-Version": pot.addon,
        "Report-Msgid-Bugs-To": "",
        "Last-Translator": "",
        "Language-Team": "",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": Catalog(locale=known).plural_forms if known else "nplurals=2; plural=n != 1;",
    }
    merge(po, pot)
    return po


def same_texts(one, other):
    """Whether two ``.pot`` have the same texts at the same places; dates and order do not count."""
    return _places(one) == _places(other)


def _places(pot):
    return {entry.msgid: (sorted(entry.occurrences), sorted(entry.comment.splitlines())) for entry in pot.entries()}
