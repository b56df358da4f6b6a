"""Finds errors in translations, and reports them so that translators know what to do.

Placeholders and tags are compared here, because pofilter reports "different XML tags" without naming them,
oca-checks-po does not notice a missing ``%(name)s``, and neither knows ``{{ … }}``. babel checks whether a
translation can be formatted at all.
"""

import csv
import difflib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message

from . import catalog as catalogs
from .glossary import words_of

# languages in which every text is translated, and the language that a variant falls back on
COMPLETE = ("es",)
BASES = {"es_419": "es"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf](?!\w)|\{\{.*?\}\}")
TAG = re.compile(r"</?[a-zA-Z][\w:-]*(?=[\s/>])")
# attributes that determine what a tag does; others are texts or styles
EXPRESSION = re.compile(r"""\b(t-[\w-]+|href|src|name|class|invisible)=(["'])(.*?)\2""", re.DOTALL)


@dataclass(frozen=True, order=True)
class Problem:
    """A finding. Findings that are not ``wrong`` are reported, but do not make the check fail."""

    path: Path
    line: int
    kind: str
    text: str
    wrong: bool = True

    def said(self, root):
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}:{self.line}: {self.kind}: {self.text}"


def check_file(po, pot, glossary, base=None, british=()):
    """Check one language in one addon.

    :param PoFile po: the language
    :param PoFile pot: the current texts
    :param Glossary glossary: the required words
    :param PoFile base: the language in which texts without a translation are shown, if there is one
    :param british: pairs of American and British spelling, for ``en_GB``
    :return: list of :class:`Problem`
    """
    found = []

    def tell(line, kind, text, wrong=True):
        found.append(Problem(po.path, line, kind, text, wrong))

    texts = {entry.msgid for entry in pot.entries()}
    for entry in po.twice():
        tell(entry.linenum, "twice", f"{short(entry.msgid)} is in this file more than once: keep one of them")
    for entry in po.entries():
        if entry.msgid not in texts:
            tell(entry.linenum, "obsolete", f"{short(entry.msgid)} is no text of the addon any more: run ./dev i18n")
            continue
        for kind, text in check_entry(entry, po, glossary, base, british):
            tell(entry.linenum, kind, text)
    for entry in po.obsolete_entries():
        tell(entry.linenum, "obsolete", f"{short(entry.msgid)} is not used any more; kept, and not loaded", wrong=False)
    present = {entry.msgid for entry in po.entries()}
    for text in sorted(texts - present):
        tell(1, "missing", f"{short(text)} is not in this file yet: run ./dev i18n")
    untranslated = [entry for entry in po.entries() if entry.msgid in texts and not entry.msgstr]
    if po.language in COMPLETE:
        for entry in untranslated:
            tell(entry.linenum, "missing", f"{short(entry.msgid)} has no translation{similar(entry.msgid, po)}")
    elif untranslated and po.language not in BASES and not is_english(po):
        tell(1, "missing", f"{len(untranslated)} of {len(texts)} texts have no translation yet", wrong=False)
    return found


def check_entry(entry, po, glossary, base, british):
    """Check one translation, and yield pairs ``(kind, sentence)``."""
    text, said = entry.msgid, entry.msgstr
    if entry.fuzzy:
        yield (
            "fuzzy",
            (
                f"the translation of {short(text)} is marked “fuzzy” (needs work), and Odoo shows such translations: "
                "check it and remove the mark"
            ),
        )
    if is_english(po):
        yield from check_spelling(text, said, british)
    shown = said or (base.translations().get(text, "") if base else "")
    if shown:
        for term in glossary.breaks(po.language, text, shown):
            if not said and term.forms[po.language] == term.forms[base.language]:
                continue  # is reported for the file that it comes from
            form = "” or “".join(term.forms[po.language])
            fallback = "" if said else f" (shown from {base.path.name}, as it has no translation here)"
            yield (
                "glossary",
                (
                    f"“{term.word}” is “{form}” in {po.language} (i18n/glossary.csv, line {term.line}), "
                    f"and the translation of {short(text)} says {short(shown)}{fallback}"
                ),
            )
    if said:
        yield from check_form(text, said)


def check_form(text, said):
    """Check that a translation has the placeholders and tags of the English text."""
    placeholders = list(differences(PLACEHOLDER.findall(text), PLACEHOLDER.findall(said)))
    for word, sentence in placeholders:
        yield (
            "placeholder",
            (
                f"{sentence.format(word)} (translation of {short(text)}): such words are replaced by a name or a number, "
                "they are copied exactly"
            ),
        )
    if not placeholders:
        for error in Message(text, said).check():
            yield "placeholder", f"the translation of {short(text)} does not fit: {error}"
    for marks, what in ((TAG, "tag <{}>"), (EXPRESSION, "attribute {}")):
        for word, sentence in differences(marks_in(marks, text), marks_in(marks, said)):
            yield "tags", f"{sentence.format(what.format(word))} (translation of {short(text)}): tags are copied exactly"
    if text.startswith("\n") != said.startswith("\n") or text.endswith("\n") != said.endswith("\n"):
        yield "tags", f"the translation of {short(text)} must begin and end with a line break where the English text does"


def check_spelling(text, said, british):
    """Check that a British file contains exactly the texts that are spelt differently."""
    for american, spelling in british:
        word = re.compile(rf"(?<!\w){re.escape(american)}", re.IGNORECASE)
        if word.search(words_of(said or text)):
            yield "missing", f"“{american}” is spelt “{spelling}” in British English, in {short(text)}"


def marks_in(marks, text):
    return [match.group(0) if marks is EXPRESSION else match.group(0).strip("<") for match in marks.finditer(text)]


def differences(wanted, there):
    """Compare two lists, and yield pairs ``(item, sentence)`` for items in only one of them."""
    missing, added = Counter(wanted) - Counter(there), Counter(there) - Counter(wanted)
    yield from ((word, "{} is missing") for word in missing)
    yield from ((word, "{} is not in the English text") for word in added)


def similar(text, po):
    """Find the translation of a former wording as a starting point."""
    former = {entry.msgid: entry for entry in po.obsolete_entries()}
    close = difflib.get_close_matches(text, former, 1, 0.7)
    return f"; an earlier text had one, line {former[close[0]].linenum}" if close else ""


def is_english(po):
    return po.language.startswith("en")


def short(text):
    """Shorten a text for a message.

    >>> short("The stage “%(stage)s” still holds %(count)s tickets. Move them to another stage first.")
    '“The stage “%(stage)s” still holds %(count)s tickets. Move t…”'
    """
    line = " ".join(text.split())
    return f"“{line[:60]}…”" if len(line) > 61 else f"“{line}”"


def read_spellings(path):
    """Read pairs of American and British spelling from a file with two columns."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [(american, spelling) for american, spelling in list(csv.reader(file))[1:]]


def check_addon(folder, glossary, british, pot=None):
    """Check all files of an addon.

    :param Path folder: the addon
    :param PoFile pot: a fresh export; default: the existing file
    :return: list of :class:`Problem`
    """
    template = folder / "i18n" / f"{folder.name}.pot"
    if not template.exists():
        return [Problem(template, 1, "missing", "this file is not there: run ./dev i18n")]
    try:
        there = catalogs.read(template)
    except catalogs.Unreadable as error:
        return [Problem(error.path, error.line, "broken", error.reason)]
    pot = pot or there
    found = []
    if not catalogs.same_texts(there, pot):
        found += [Problem(template, 1, "old", f"{sentence}: run ./dev i18n") for sentence in changes(there, pot)]
    files = {}
    for path in sorted((folder / "i18n").glob("*.po")):
        try:
            files[path.stem] = catalogs.read(path)
        except catalogs.Unreadable as error:
            found.append(Problem(error.path, error.line, "broken", error.reason))
    for language in ("es", "es_419", "en_GB"):
        if language not in files and not (folder / "i18n" / f"{language}.po").exists():
            found.append(
                Problem(
                    folder / "i18n" / f"{language}.po",
                    1,
                    "missing",
                    f"this file is not there: run ./dev i18n --lang {language}",
                )
            )
    for po in files.values():
        found += check_file(po, pot, glossary, files.get(BASES.get(po.language)), british)
    return sorted(found)


def changes(there, pot):
    """Describe the differences between a fresh export and the ``.pot`` in sentences."""
    old, new = ({entry.msgid for entry in file.entries()} for file in (there, pot))
    said = [f"{short(text)} is a new text of the addon" for text in sorted(new - old)]
    said += [f"{short(text)} is no text of the addon any more" for text in sorted(old - new)]
    return said or ["texts are used in other places than this file says"]
