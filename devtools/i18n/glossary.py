"""``i18n/glossary.csv``: the words that every translation must use.

A row is ``term, es, es_419, note``. The term is searched for as whole words in the English text, in
the singular or with an *s*, in upper or lower case; of several overlapping terms the longest counts. The
translation must then contain the form of its language. ``form | other form`` allows several forms. A term
in square brackets, ``[Open]``, applies only to texts that consist of this word.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

FIELDS = ["term", "es", "es_419", "note"]
# the parts of a text that are not words: tags, placeholders, names of fields in expressions
NOT_WORDS = re.compile(r"<[^>]*>|%\(\w+\)\w|%\w|\{\{.*?\}\}")


@dataclass(frozen=True)
class Term:
    term: str
    forms: dict
    line: int

    @property
    def whole_text(self):
        return self.term.startswith("[")

    @property
    def word(self):
        return self.term.strip("[]")

    def pattern(self):
        return re.compile(rf"(?<!\w){re.escape(self.word)}(?:s)?(?!\w)", re.IGNORECASE)

    def form_in(self, language, translation):
        """Whether a translation contains one of the forms."""
        said = words_of(translation)
        if self.whole_text:
            return said.strip().casefold() in [form.casefold() for form in self.forms[language]]
        return any(re.search(rf"(?<!\w){re.escape(form)}", said, re.IGNORECASE) for form in self.forms[language])


class Glossary:
    def __init__(self, terms):
        # the longest first, so that "Helpdesk Team" is not taken for "Helpdesk"
        self.terms = sorted(terms, key=lambda term: (not term.whole_text, -len(term.word), term.term))

    @classmethod
    def read(cls, path):
        """Read a glossary from a file.

        :raise ValueError: with the line, when a row cannot be read
        """
        terms = []
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if next(rows, None) != FIELDS:
                raise ValueError(f"{path}:1: the first line must be {','.join(FIELDS)}")
            for row in rows:
                if len(row) != len(FIELDS) or not row[0].strip() or not row[1].strip():
                    raise ValueError(f"{path}:{rows.line_num}: a row is {', '.join(FIELDS)}; term and es must be given")
                spain = _forms(row[1])
                terms.append(Term(row[0].strip(), {"es": spain, "es_419": _forms(row[2]) or spain}, rows.line_num))
        return cls(terms)

    def terms_in(self, text):
        """Find the terms in an English text."""
        rest, found = words_of(text), []
        for term in self.terms:
            if term.whole_text:
                if rest.strip().casefold() == term.word.casefold():
                    return [term]
            elif term.pattern().search(rest):
                found.append(term)
                rest = term.pattern().sub("\0", rest)
        return found

    def breaks(self, language, text, translation):
        """Find the terms of ``text`` whose forms are missing in the translation.

        :return: list of :class:`Term`
        """
        return [term for term in self.terms_in(text) if language in term.forms and not term.form_in(language, translation)]


def _forms(cell):
    return [form.strip() for form in cell.split("|") if form.strip()]


def words_of(text):
    """A text without its tags, placeholders and line breaks."""
    return " ".join(NOT_WORDS.sub(" ", text).split())
