"""Ticket numbers in the subjects of mails, in the forms in which people type them."""

import re

# [T00500], [ #T00500 ]; the prefix of a number may contain blanks
IN_BRACKETS = re.compile(r"\[\s*#?\s*([^\[\]]{1,40}?)\s*\]")
AFTER_HASH = re.compile(r"#\s?([\w/-]{1,32})")
# letters and then figures, as no other word has them: T00500, HD-00500, 2026/T/00500
BARE = re.compile(r"(?<![\w/-])(?=[\d/-]*[^\W\d_])([\w/-]{1,31}\d)(?![\w/-])")
# a prefix that ends with a blank, typed without brackets: HD 00500
SPACED = re.compile(r"(?<![\w/-])([^\W\d_]{1,12}\s+\d{3,12})(?![\w/-])")
# the whole text, as it is pasted from a subject or a chat: #T00500, [T00500], [ #T00500 ]:
PASTED = re.compile(r"\s*\[?\s*#?\s*([^\[\]#]{1,40}?)\s*\]?\s*:?\s*")
MOST = 10


def find_numbers(subject):
    """What could be ticket numbers in a subject, in the order of how likely that is.

    :param str subject: of a mail
    :return: list of at most 10 strings, as they are typed but for blanks: one in place of several

    >>> find_numbers("Re: [T00500] My lamp")
    ['T00500']
    >>> find_numbers("about [ t00500 ] and #T00501, T00502")
    ['t00500', 'T00501', 'T00502']
    >>> find_numbers("[Help  Desk 00500] 3 lamps of 2026")
    ['Help Desk 00500', 'of 2026']
    """
    subject = subject or ""
    found = [" ".join(number.split()) for number in IN_BRACKETS.findall(subject)]
    found += AFTER_HASH.findall(subject)
    rest = IN_BRACKETS.sub(" ", subject)
    found += BARE.findall(rest) + [" ".join(number.split()) for number in SPACED.findall(rest)]
    return list(dict.fromkeys(number for number in found if any(char.isdigit() for char in number)))[:MOST]


def clean_number(text):
    """A ticket number without the signs around it, as people paste it into a search.

    :param str text: what was typed
    :return: the number, or the text as it is when there are no such signs

    >>> clean_number(" [T00881] "), clean_number("#T00881"), clean_number("[ #HD 00881 ]:")
    ('T00881', 'T00881', 'HD 00881')
    >>> clean_number("lamp"), clean_number("[a] and [b]")
    ('lamp', '[a] and [b]')
    """
    match = PASTED.fullmatch(text)
    return match[1] if match else text
