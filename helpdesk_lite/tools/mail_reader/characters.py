"""Bytes to characters: by the declared character set, by its family, then by detection.

Mail programs declare what they think they wrote. ``gb2312`` is GB18030, ``iso-8859-1`` is Windows-1252, a vendor's
``iso-2022-jp`` has characters that the standard lacks, and many declare nothing at all.
"""

import codecs
import re
from contextlib import suppress

import chardet

# what mail programs call by the name of something smaller, or by a name that Python does not know
FAMILIES = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb2312-80": "gb18030",
    "chinesesimplified": "gb18030",
    "big5": "cp950",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "utf8mb4": "utf-8",
    "unicode": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "windows-874": "cp874",
    "x-cp1252": "cp1252",
    "ansi_x3.110-1983": "cp1252",
}
# accepted as text by Python, or with a meaning of their own, but never what a mail is written in
NO_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem", "rot13", "charmap"}
# a name like these says nothing about other alphabets: programs declare them for everything
WESTERN = {"cp1252", "iso8859-15", "mac_roman", "latin_1"}
JAPANESE_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI]|\$\([DO])")
# two bytes in five must be wrong before the declaration is
TOLERATED = 5
# letters that tell a language, and others that it has: Polish and Turkish, whose bytes are other letters elsewhere
LATIN = (("cp1250", "ąęłśżĄŁŚŻ", "ćńóźĆĘŃÓŹ"), ("iso8859-2", "ąęłśżĄŁŚŻ", "ćńóźĆĘŃÓŹ"), ("cp1254", "ışğİŞĞ", "çöüÇÖÜâî"))
# detection needs no more, and takes long for more
SAMPLE = 4000


def find_codec(charset: str | None) -> str | None:
    """The codec that reads what a mail program calls by this name, or None when the name is no character set.

    >>> [find_codec(name) for name in ("ISO-8859-1", "gb2312", "utf-8", "x-sjis")]
    ['cp1252', 'gb18030', 'utf-8', 'cp932']
    >>> [find_codec(name) for name in (None, "", '"', "hex", "base64", "idna", "rot13", "unknown-8bit", "a\\x00b")]
    [None, None, None, None, None, None, None, None, None]
    """
    name = (charset or "").strip(" \t\r\n\"'").lower()
    if name in FAMILIES:
        return FAMILIES[name]
    # codecs.lookup imports modules by this name
    if not re.fullmatch(r"[\w.:+-]{1,40}", name, re.ASCII):
        return None
    try:
        found = codecs.lookup(name)
        b"a".decode(name)
    except (LookupError, ValueError, TypeError):
        return None
    return None if found.name.replace("_", "-") in NO_CHARSETS else FAMILIES.get(found.name, found.name)


def decode(data: bytes, charset: str | None = None) -> tuple[str, bool]:
    """Decode a text, whatever its author declared.

    :param data: the text in bytes
    :param charset: as declared, or None
    :return: the text, never with U+FFFD that was not written, and whether it is certain

    >>> decode("Müller".encode(), "iso-8859-1"), decode(b"M\\xfcller", "utf-8"), decode(b"M\\xfcller")
    (('Müller', True), ('Müller', False), ('Müller', True))
    >>> decode("Привет, у меня не работает лампа".encode("koi8-r"))[0]
    'Привет, у меня не работает лампа'
    >>> decode("№①㈱".encode("cp932"), "shift_jis"), decode("朱镕基".encode("gbk"), "gb2312")
    (('№①㈱', True), ('朱镕基', True))
    """
    data = bytes(data)
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            text, wrong = _tolerant(data[len(mark) :], codec)
            return text, not wrong
    codec = find_codec(charset)
    if codec and codec.replace("_", "-").startswith(("utf-16", "utf-32")) and b"\0" not in data:
        codec = None
    is_open = not codec or codec.startswith("iso2022_jp") or codec in ("utf-8", "cp1252")
    if is_open and b"\x1b" in data and JAPANESE_ESCAPE.search(data):
        return _decode_iso2022jp(data)
    if codec and codec.startswith("iso2022_jp"):
        codec = "utf-8"
    if data.isascii() and not (codec and codec.startswith(("utf-7", "hz", "iso2022", "utf-16", "utf_7"))):
        return data.decode("ascii"), True
    return _decode_8bit(data, codec)


def _decode_8bit(data, codec):
    text, wrong = _tolerant(data, "utf-8")
    high = sum(map(data.count, range(128, 256))) if len(data) < SAMPLE else _count_high(data)
    if codec in (None, "utf-8", *WESTERN) and not wrong:
        return text, True
    if codec and codec != "utf-8":
        own, failed = _tolerant(data, codec)
        if failed * TOLERATED <= high and not (codec in WESTERN and _is_foreign(own)):
            return own, not failed
    # a text cut in the middle of a character, or with one byte from elsewhere
    if wrong * TOLERATED <= high - wrong:
        return text, False
    return _detect(data), codec in (None, "cp1252") and high > 0


def _count_high(data):
    return len(data.translate(None, bytes(range(128))))


def _is_foreign(text):
    """Whether a text that was read as Western consists of accented letters: it is in another alphabet.

    >>> _is_foreign("ðÒÉ×ÅÔ ÷ÁÍ"), _is_foreign("Größe à gagner"), _is_foreign("©®")
    (True, False, False)
    """
    letters = [char for char in text[:SAMPLE] if char.isalpha()]
    return len(letters) >= 6 and sum(char > "\x7f" for char in letters) > 0.7 * len(letters)


def _detect(data):
    """Guess the character set of a text that is not UTF-8."""
    words = b" ".join(re.findall(rb"[^\x00-\x7f]*[\x80-\xff][^\n]{0,200}", data[: 50 * SAMPLE])[:200])[:SAMPLE]
    western = _tolerant(data, "cp1252")[0]
    # few accented letters among many plain ones: no alphabet but the Latin one is written so
    if not _is_foreign(western) and _looks_latin(data):
        guess = _guess_latin(data)
        return _tolerant(data, guess)[0] if guess else western
    found = find_codec((chardet.detect(words) or {}).get("encoding"))
    for codec in (found, _guess_cyrillic(data)):
        if codec and codec not in WESTERN:
            text, wrong = _tolerant(data, codec)
            if not wrong:
                return text
    return western


def _looks_latin(data):
    """Whether most letters are plain: one accented letter stands beside plain ones in Latin alphabets."""
    plain = len(re.findall(rb"[A-Za-z]", data[:SAMPLE]))
    runs = re.findall(rb"[\x80-\xff]+", data[:SAMPLE])
    return plain >= sum(map(len, runs)) and max(map(len, runs), default=0) <= 3


def _guess_latin(data):
    """The character set of a language whose accented letters are not those of Windows-1252, or None.

    >>> _guess_latin("Zażółć gęślą jaźń, proszę".encode("cp1250")), _guess_latin("Zażółć gęślą".encode("iso8859-2"))
    ('cp1250', 'iso8859-2')
    >>> _guess_latin("Lamba çalışmıyor".encode("cp1254")), _guess_latin("Größe à façade".encode("cp1252"))
    ('cp1254', None)
    """
    best, most = None, 0.9
    for codec, typical, others in LATIN:
        high = [char for char in _tolerant(data[:SAMPLE], codec)[0] if char > "\x7f"]
        share = sum(char in typical + others for char in high) / max(1, len(high))
        if share > most and set(typical) & set(high):
            best, most = codec, share
    return best


def _guess_cyrillic(data):
    """The character set in which a text has the most frequent letters of Russian in small letters, or None."""
    scores = {
        codec: sum(char in "оеаинтсрвлкмдпу" for char in _tolerant(data[:SAMPLE], codec)[0])
        for codec in ("cp1251", "koi8_r", "cp866", "iso8859-5")
    }
    best = max(scores, key=scores.get)
    return best if scores[best] > 0.3 * _count_high(data[:SAMPLE]) else None


def _tolerant(data, codec):
    """Decode and put what Windows-1252 has for each byte that does not fit.

    :return: the text and the number of such bytes
    """
    try:
        with suppress(UnicodeDecodeError):
            return data.decode(codec), 0
    except (LookupError, ValueError):
        codec = "utf-8"
    text = data.decode(codec, "surrogateescape")
    # the surrogates of Python's "surrogateescape" are U+DC80 to U+DCFF
    wrong = sum(1 for _match in re.finditer("[\udc80-\udcff]", text))
    return text.translate(AS_WESTERN), wrong


AS_WESTERN = {0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(128, 256)}


def _decode_iso2022jp(data):
    """Decode ISO-2022-JP with the characters that vendors added, which Python's codec refuses.

    >>> _decode_iso2022jp(b"\\x1b$B-!1I\\x1b(B-A")
    ('①栄-A', True)
    """
    pieces, certain = [], True
    kind, start = b"(B", 0
    for match in [*JAPANESE_ESCAPE.finditer(data), None]:
        piece = data[start : match.start() if match else len(data)]
        if kind in (b"$B", b"$@"):
            piece, rest = _jis_to_shift_jis(piece)
            certain = certain and not rest.strip()
            text, wrong = _tolerant(piece, "cp932")
            text += _tolerant(rest, "utf-8")[0]
        elif kind in (b"$(D", b"$(O"):
            text, wrong = _tolerant(b"\x1b" + kind + piece + b"\x1b(B", "iso2022_jp_ext" if kind == b"$(D" else "iso2022_jp_3")
        elif kind == b"(I":
            text, wrong = _tolerant(bytes(byte | 0x80 for byte in piece), "cp932")
        else:
            text, wrong = _tolerant(piece, "utf-8")
        pieces.append(text)
        certain = certain and not wrong
        if match:
            kind, start = match[1], match.end()
    return "".join(pieces), certain


def _jis_to_shift_jis(data):
    """Shift pairs of JIS X 0208 into Shift JIS. What is no pair ends them: a line end, or a name without its escape.

    :return: bytes, and the bytes that are no pairs
    """
    out = bytearray()
    for index in range(0, len(data), 2):
        pair = data[index : index + 2]
        if len(pair) < 2 or min(pair) < 0x21 or max(pair) > 0x7E:
            return bytes(out), data[index:]
        first, second = pair
        out.append(((first + 1) >> 1) + (0x70 if first < 0x5F else 0xB0))
        out.append(second + (0x1F if second < 0x60 else 0x20) if first & 1 else second + 0x7E)
    return bytes(out), b""


CONTROLS = dict.fromkeys((*range(32), 127, *range(0x80, 0xA0)))
AS_BLANKS = dict.fromkeys(map(ord, "\t\n\x0b\x0c\r\x85\u2028\u2029"), " ")
KEPT_IN_TEXTS = {code: None for code in CONTROLS if chr(code) not in "\n\t"}


def clean_line(text: str) -> str:
    """One line without control characters and without blanks at its ends.

    >>> clean_line("Evil\\nName\\x00  of \\r\\n\\tmine ")
    'Evil Name of mine'
    """
    text = re.sub(" {2,}", " ", text.translate(AS_BLANKS).translate(CONTROLS)).strip()
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "ignore")


def clean_text(text: str) -> str:
    r"""A text of several lines, with ``\n`` between them and without other control characters.

    >>> clean_text("a\r\nb\rc\x00\x1b[0m\td")
    'a\nb\nc[0m\td'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(KEPT_IN_TEXTS)
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "ignore")
