"""Reading, merging and writing ``.po`` files with babel, which by itself drops Odoo's references.

Odoo finds by the references (``#: model:ir.ui.view,arch_db:addon.view``) where a translation
belongs. Babel takes what is behind a colon for a line number, so here they are kept as they are.
The header is kept as the translator's editor wrote it.
"""

import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, PoFileParser, generate_po

HEADER_END = re.compile(r"\n[ \t]*\n")


class OdooPoParser(PoFileParser):
    """Keeps references whole, tells texts that stand twice, forgets what editors note for themselves."""

    def __init__(self, catalog):
        super().__init__(catalog, abort_invalid=True)
        self.twice = []

    def _process_comment(self, line):
        if line.startswith("#:"):
            self._finish_current_message()
            self.locations.extend((reference, None) for reference in line[2:].split())
        elif line.startswith("#|"):
            self._finish_current_message()      # an English text of earlier
        else:
            super()._process_comment(line)

    def _add_message(self):
        text = self.messages[0].denormalize()
        if text and not self.obsolete and text in self.catalog:
            self.twice.append((text, self.offset + 1))
        super()._add_message()


@dataclass
class PoFile:
    """A file of one language, or the ``.pot`` without one."""

    path: Path
    catalog: Catalog
    header: str
    # texts that stand in it more than once, with the line of the second
    twice: list = field(default_factory=list)

    @property
    def language(self):
        return None if self.path.suffix == ".pot" else self.path.stem

    @property
    def addon(self):
        return self.path.parent.parent.name

    def entries(self):
        """The messages without the header, in the order of the file."""
        return [message for message in self.catalog if message.id]

    def translations(self):
        """``{English text: translation}`` of what is translated."""
        return {message.id: message.string for message in self.entries() if message.string}

    def write(self):
        body = "".join(generate_po(self.catalog, omit_header=True, sort_by="message"))
        self.path.write_text(f"{self.header.rstrip()}\n\n{body.rstrip()}\n" if body else f"{self.header.rstrip()}\n")


class Unreadable(Exception):
    """A file that is no ``.po`` file (any more); says in which line."""

    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


def read(path):
    """The file as a :class:`PoFile`.

    :raise Unreadable: with the line where it breaks off
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(path, error.object[:error.start].count(b"\n") + 1, "this is not UTF-8") from None
    parser = OdooPoParser(Catalog(locale=locale(path.stem) if path.suffix == ".po" else None))
    try:
        parser.parse(io.StringIO(text))
    except PoFileError as error:
        found = re.search(r"on (\d+)$", str(error))
        line = (int(found[1]) if found else 0) + 1
        raise Unreadable(path, line, f"this line breaks the format of the file: {error.line.strip()}") from None
    return PoFile(path, parser.catalog, HEADER_END.split(text, maxsplit=1)[0], parser.twice)


def locale(language):
    """What babel knows of a language, else None."""
    try:
        return Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return None


def merge(po, pot):
    """Bring a language up to the texts of the ``.pot``: new ones come without a translation.

    No word is lost: translations of texts that are gone stay at the end of the file as obsolete
    (``#~``), which Odoo does not load, and come back when their text does. Nothing is guessed:
    a guess is marked "fuzzy", and Odoo loads fuzzy translations.

    :param PoFile po: is changed
    :param PoFile pot: the template
    """
    catalog = po.catalog
    for message in pot.entries():
        if message.id not in catalog and message.id in catalog.obsolete:
            catalog[message.id] = catalog.obsolete.pop(message.id)
    catalog.update(pot.catalog, no_fuzzy_matching=True)
    for text, message in list(catalog.obsolete.items()):
        if not message.string:
            del catalog.obsolete[text]


def start(pot, language):
    """A new, empty file of a language beside the ``.pot``.

    :param PoFile pot: the template
    :param str language: code as in the name of the file: ``fr``, ``pt_BR``
    """
    known = locale(language)
    plural = Catalog(locale=known).plural_forms if known else "nplurals=2; plural=n != 1;"
    header = "\n".join([
        f"# {known.english_name if known else language} translation of {pot.addon}.",
        "# See i18n/README.rst on how to edit it.",
        'msgid ""',
        'msgstr ""',
        f'"Project-Id-Version: {pot.addon}\\n"',
        '"Report-Msgid-Bugs-To: \\n"',
        '"Last-Translator: \\n"',
        '"Language-Team: \\n"',
        f'"Language: {language}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {plural}\\n"',
    ])
    po = PoFile(pot.path.with_name(f"{language}.po"), Catalog(locale=known), header)
    merge(po, pot)
    return po


def same_texts(one, other):
    """Whether two ``.pot`` have the same texts at the same places; dates and order do not count."""
    return _places(one) == _places(other)


def _places(pot):
    return {
        message.id: (sorted(place for place, _line in message.locations), sorted(message.auto_comments))
        for message in pot.entries()
    }
