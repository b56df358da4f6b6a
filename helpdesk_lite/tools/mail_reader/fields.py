"""Header fields: found in bytes, decoded to texts, split into parameters."""

import binascii
import re
from urllib.parse import unquote_to_bytes

from .characters import clean_line, decode, find_codec

NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
BLANK_LINE = re.compile(rb"\n[ \t\r]{0,2}\r?\n")
ENCODED_WORD = re.compile(r"=\?([^?\s=]*)\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)?)\?=")
# between two encoded words, blanks only separate
BETWEEN = re.compile(r"(\?=)[ \t]+(?==\?[^?\s=]*\?[bBqQ]\?)")
PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
LONGEST_FIELD = 64_000
MOST_FIELDS = 1000

Fields = list[tuple[str, bytes]]


def split_fields(raw: bytes, start: int, end: int) -> tuple[Fields, int, bool]:
    """Split the header from the body of a mail or part.

    A line that is no field continues the one before if fields follow, because programs fold lines without a blank.
    It begins the body if none follow.

    :param raw: the mail
    :param start: where the part starts
    :param end: where it ends
    :return: names (in small letters) and values, where the body starts, and whether the header was well-formed

    >>> raw = b"A: 1\\r\\nSubject: long\\r\\n line\\r\\n\\r\\nBody"
    >>> fields, body, certain = split_fields(raw, 0, len(raw))
    >>> fields, raw[body:], certain
    ([('a', b'1'), ('subject', b'long line')], b'Body', True)
    >>> raw = b"A: 1\\nno field\\nB: 2\\nno field either\\n"
    >>> fields, body, certain = split_fields(raw, 0, len(raw))
    >>> fields, raw[body:], certain
    ([('a', b'1 no field'), ('b', b'2')], b'no field either\\n', False)
    """
    if (first := re.compile(rb"[ \t]{0,80}\r?\n").match(raw, start, end)) and first.end() <= end:
        return [], first.end(), True
    blank = BLANK_LINE.search(raw, start, end)
    stop, body = (blank.start(), blank.end()) if blank else (end, end)
    lines = [line.rstrip(b"\r") for line in raw[start:stop].split(b"\n")]
    matches = [NAME.match(line) for line in lines]
    last = max((number for number, match in enumerate(matches) if match), default=-1)
    if last < 0:
        return [], start, False
    fields, certain, offset = [], True, start
    for number, (line, match) in enumerate(zip(lines, matches, strict=True)):
        if match:
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(b" " + line.strip())
        elif number > last:
            if line.strip():
                body, certain = offset, False
                break
        elif line.strip():
            certain = certain and number == 0 and line.startswith((b"From ", b">From "))
            if fields:
                fields[-1][1].append(b" " + line.strip())
        offset = raw.find(b"\n", offset, end) + 1
    return [(name, b"".join(value).strip()[:LONGEST_FIELD]) for name, value in fields[:MOST_FIELDS]], min(body, end), certain


def first(fields: Fields, name: str) -> bytes:
    """The value of the first field with this name that is not empty, or ``b""``."""
    return next((value for found, value in fields if found == name and value), b"")


def decode_value(value: bytes, charset: str | None = None) -> str:
    """Decode a value: encoded words, raw 8-bit bytes, control characters.

    :param charset: of the mail's text, for raw bytes
    :return: one line

    >>> decode_value(b"=?utf-8?q?a=00b?="), decode_value(b"=?utf-8?q?Evil=0AName?= <e@cust.example.com>")
    ('ab', 'Evil Name <e@cust.example.com>')
    >>> decode_value("Müller".encode("latin1")), decode_value("Привет".encode("koi8-r"), "koi8-r")
    ('Müller', 'Привет')
    >>> decode_value(b"=?gb2312?B?1uzpRrv5?= =?utf-8?b?w7w=?= a =?hex?q?b?= =?utf-8?q?cut")
    '朱镕基ü a b=?utf-8?q?cut'
    >>> decode_value(b"=?UTF-8?B?4oI=?= =?UTF-8?B?rA==?=")
    '€'
    """
    return clean_line(decode_words(decode(value, charset)[0]))


def decode_words(text: str, quote=lambda text: text) -> str:
    """Decode the encoded words in a text; those in a row are one text, also when cut within a character.

    :param text: may hold encoded words
    :param quote: is applied to each decoded text
    """
    if "=?" not in text:
        return text
    text = BETWEEN.sub(r"\1", text)
    out, position, run, run_charset = [], 0, b"", None

    def flush():
        return [quote(decode(run, run_charset)[0])] if run else []

    for word in ENCODED_WORD.finditer(text):
        charset = word[1].partition("*")[0]
        data = _decode_word(word[2], word[3])
        if word.start() != position or (run and find_codec(charset) != find_codec(run_charset)):
            out += [*flush(), text[position : word.start()]]
            run = b""
        run, run_charset, position = run + data, charset, word.end()
    return "".join([*out, *flush(), text[position:]])


def _decode_word(encoding, payload):
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "), header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def split_parameters(value: bytes, charset: str | None = None) -> tuple[str, dict[str, str]]:
    """Split a value such as that of Content-Type.

    :param charset: of the mail's text, for raw bytes
    :return: what stands before the first semicolon in small letters, and the parameters, decoded

    >>> split_parameters(b"multipart/mixed; boundary=----=_Part_130_151.1376435426074")
    ('multipart/mixed', {'boundary': '----=_Part_130_151.1376435426074'})
    >>> split_parameters(b"a/b; name*0*=utf-8''M%C3%BC; name*1*=ll; name*2=\\"er.pdf\\"")[1]
    {'name': 'Müller.pdf'}
    >>> split_parameters(b"attachment; filename*=iso-2022-jp''%1B%24B%3F%FF%FF.pdf")[1]["filename"].endswith(".pdf")
    True
    >>> split_parameters(b'attachment; filename="=?utf-8?q?a=C3=BC.pdf?="; size=3')[1]
    {'filename': 'aü.pdf', 'size': '3'}
    >>> split_parameters(b'text/plain; charset=""; name=plan a.txt')
    ('text/plain', {'charset': '', 'name': 'plan a.txt'})
    """
    text = decode(value, charset)[0]
    kind, semicolon, rest = text.partition(";")
    plain, pieces = {}, {}
    for match in PARAMETER.finditer(semicolon + rest):
        name, content = match[1].lower(), match[2].strip()
        if content.startswith('"'):
            content = re.sub(r"\\(.)", r"\1", content[1:-1] if content.endswith('"') and len(content) > 1 else content[1:])
        base, star, number = name.partition("*")
        if star:
            encoded = number.endswith("*") or number == ""
            index = number.strip("*")
            if not index or index.isdecimal():
                pieces.setdefault(base, {}).setdefault(int(index or 0) if len(index) < 4 else 999, (content, encoded))
                continue
        plain.setdefault(base, clean_line(decode_words(content)))
    for base, numbered in pieces.items():
        plain[base] = _join_pieces([numbered[number] for number in sorted(numbered)]) or plain.get(base, "")
    return clean_line(kind).lower(), plain


def _join_pieces(pieces):
    """Decode RFC 2231: the first encoded piece tells the character set, later pieces need not be encoded."""
    charset, data = None, b""
    for number, (content, encoded) in enumerate(pieces):
        if number == 0 and encoded and content.count("'") >= 2:
            charset, _language, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "surrogateescape")
    return clean_line(decode_words(decode(data, charset)[0]))
