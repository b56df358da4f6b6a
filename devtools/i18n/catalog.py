"""Reading, merging and writing ``.po`` files as Odoo itself does: with polib, sorted by the English text.

polib does not do this: refuse a quote that is not closed (it silently drops the last letter), find the
line of a text after its comments, remove old texts without a translation, and tell editors which
texts have placeholders (``#, python-format``).
"""

import re
from collections import Counter

import polib
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message

NEVER_CLOSED = re.compile(r'(?:#~ ?)?(?:msg\w*(?:\[\d+\])? *)?"(?!(?:[^"\\]|\\.)*"\s*$)')


class PoFile(polib.POFile):
    """The file of a language, or a ``.pot``, at ``path``."""

    path = None

    @property
    def language(self):
        return None if self.path.suffix == ".pot" else self.path.stem

    @property
    def addon(self):
        return self.path.parent.parent.name

    def entries(self):
        """The entries whose texts the addon still has, in the order of the file."""
        return [entry for entry in self if not entry.obsolete]

    def twice(self):
        """The entries whose text occurs earlier in the file."""
        seen = Counter()
        for entry in self.entries():
            seen[entry.msgid] += 1
            if seen[entry.msgid] > 1:
                yield entry

    def translations(self):
        """``{English text: translation}`` of all translated texts."""
        return {entry.msgid: entry.msgstr for entry in self.entries() if entry.msgstr}

    def write(self):
        self.save(str(self.path))


class Unreadable(Exception):
    """A file is not a valid ``.po`` file; the message contains the line."""

    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


def read(path):
    """Read a file as a :class:`PoFile`; ``linenum`` of an entry is the line of its text.

    :raise Unreadable: with the first invalid line
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(path, error.object[: error.start].count(b"\n") + 1, "this is not UTF-8") from None
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
    """Merge the texts of the ``.pot`` into a language; new texts have no translation.

    No translation is lost: those of removed texts stay at the end of the file as obsolete (``#~``), which
    Odoo does not load, and are used again when their text returns. Nothing is guessed, because guesses
    are marked "fuzzy", and Odoo loads fuzzy translations.

    :param PoFile po: is changed
    :param PoFile pot: the template
    """
    po.merge(pot)
    for entry in po.entries():
        if Message(entry.msgid).python_format:
            entry.flags.append("python-format")
    po[:] = sorted((entry for entry in po if entry.msgstr or not entry.obsolete), key=lambda one: (one.obsolete, one.msgid))


def start(pot, language):
    """Create an empty file of a language beside the ``.pot``.

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
        f"{known.english_name if known else language} translation of {pot.addon}.\nSee i18n/README.rst on how to edit it."
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
