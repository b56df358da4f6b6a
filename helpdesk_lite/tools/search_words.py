"""What somebody typed into a search box, as words that an index of words can find."""

import re

# of a text; more would be too many words for one row of an index
MOST_CHARACTERS = 20_000
# What divides words, alike in Python and in PostgreSQL, whose letters depend on the locale of the database: blanks and signs
# of ASCII, Latin-1 and typography. All other characters are letters.
DIVIDERS = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u3000-\u303f]+"
)
# scripts that put no blanks between words: Thai, Lao, Myanmar, Khmer, kana, Chinese characters
UNDIVIDED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def to_prefixes(text):
    """The words of a text, each of which may go on, for PostgreSQL's ``to_tsquery``.

    :param str text: what is looked for
    :return: str; empty when an index of words cannot answer: without a word, or where words are not divided

    >>> to_prefixes("my Lamp's shad")
    "'my':* & 'Lamp':* & 's':* & 'shad':*"
    >>> to_prefixes("-?!"), to_prefixes("\u706f")
    ('', '')
    """
    if UNDIVIDED.search(text):
        return ""
    return " & ".join(f"'{word}':*" for word in re.split(DIVIDERS, text.replace("\0", " ")) if word)
