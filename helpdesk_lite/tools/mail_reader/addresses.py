"""Fields with addresses, written so that every parser finds the same ones."""

import base64
import re
from contextlib import suppress

from .characters import clean_line, decode
from .fields import decode_words

# the lengths are bounded because the rest of the field is looked through for each quotation that does not end
TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,300}"|<[^<>]{0,300}>|\((?:[^()\\]|\\.){0,300}\)|[,;]|[^",;<(]{1,1000}|.', re.DOTALL)
ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]\\]{1,200}@[^\s<>\"'(),;:\\@]{1,200}")
PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/^_`{|}~-]*")
# Python's parser takes a millisecond for each, several times
MOST_ADDRESSES = 1000
# its time grows with the square of the length of a name
LONGEST_NAME = 200
# without an address
MOST_NAMES = 20
# of an encoded word, in bytes, so that it has 75 characters at most
WORD = 45


def split_addresses(value: bytes, charset: str | None = None) -> list[tuple[str, str]]:
    """Split a field into names and addresses.

    :param charset: of the mail's text, for raw bytes
    :return: pairs; the address is empty where a name has none

    >>> split_addresses(b'"=?utf-8?q?M=C3=BCller=2C_Hans?=" <h@x.y>, Zoe Quill <z@x.y>; a@x.y (Ann)')
    [('Müller, Hans', 'h@x.y'), ('Zoe Quill', 'z@x.y'), ('Ann', 'a@x.y')]
    >>> split_addresses(b"=?utf-8?q?Evil=0AName?= <e@cust.example.com>, Quill, Zoe <z@x.y>")
    [('Evil Name', 'e@cust.example.com'), ('Quill, Zoe', 'z@x.y')]
    >>> split_addresses("Müller <m@x.y>".encode("latin1")), split_addresses(b"nobody")
    ([('Müller', 'm@x.y')], [('nobody', '')])
    """
    return read_addresses(value, charset)[0]


def read_addresses(value: bytes, charset: str | None = None) -> tuple[list[tuple[str, str]], bool]:
    """Split a field as :func:`split_addresses` does, and tell whether it says more than that.

    >>> read_addresses(b"Zoe <z@x.y>"), read_addresses(b"a," * 30_000)[1]
    (([('Zoe', 'z@x.y')], False), True)
    >>> pairs, is_cut = read_addresses(b",".join(b"a%d@x.y" % number for number in range(1001)))
    >>> pairs[-1], is_cut
    (('', 'a999@x.y'), True)
    """
    words, is_cut = [], False

    def keep(word):
        # a word may hold characters that separate addresses
        words.append(word)
        return f"\x00{len(words) - 1}\x00"

    def read(text):
        return clean_line(re.sub("\x00(\\d+)\x00", lambda match: words[int(match[1])], text))

    def shorten(name):
        nonlocal is_cut
        name = read(name).strip(" ,;'")
        is_cut = is_cut or len(name) > LONGEST_NAME
        return name[:LONGEST_NAME]

    pairs, name, address = [], "", ""
    for token in [*TOKEN.findall(decode_words(decode(value.replace(b"\0", b""), charset)[0], keep)), ","]:
        if token in (",", ";"):
            if not address and (found := ADDRESS.search(name)):
                address, name = found[0], name[: found.start()] + name[found.end() :]
            if not address and name.strip() and token == "," and len(name) < LONGEST_NAME:
                # the comma may be in a name that should be quoted
                name += token + " "
                continue
            name = shorten(name)
            is_left_out = len(pairs) >= (MOST_ADDRESSES if address else MOST_NAMES)
            if (address or name) and is_left_out:
                is_cut = True
            elif address or name:
                pairs.append((name, address))
            name = address = ""
        elif token.startswith("<") and not address and "@" in read(token):
            address = re.sub(r"\s", "", read(token[1:-1])).removeprefix("mailto:")
        elif token.startswith('"'):
            name += re.sub(r"\\(.)", r"\1", token[1:-1] if len(token) > 1 else token)
        elif token.startswith("("):
            name += " " + token[1:-1]
        elif token != "<":
            name += re.sub(r"\s+", " ", token)
        if is_cut and len(pairs) >= MOST_ADDRESSES:
            break
    if name.strip(" ,"):
        pairs.append((shorten(name), ""))
    return pairs, is_cut


def write_addresses(pairs: list[tuple[str, str]]) -> str:
    """Write names and addresses as ASCII.

    >>> write_addresses([("Müller, Hans", "h@x.y"), ("Zoe", "z@x.y"), ("", "a@bücher.example")])
    '=?utf-8?b?TcO8bGxlciwgSGFucw==?= <h@x.y>, Zoe <z@x.y>, a@xn--bcher-kva.example'
    """
    return ", ".join(filter(None, (_write_address(name, address) for name, address in pairs)))


def _write_address(name, address):
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    address = local + at + domain
    if not address.isascii():
        return encode_words(f"{name} {address}".strip())
    if not name:
        return address
    name = name if PHRASE.fullmatch(name) and "=?" not in name else encode_words(name, always=True)
    return f"{name} <{address}>" if address else name


def encode_words(text: str, always: bool = False) -> str:
    """Write a line as ASCII: as it is, where that reads the same, otherwise in encoded words.

    :param always: in encoded words, because the text would mean something in its place

    >>> encode_words("plain"), encode_words("Grüße"), encode_words("=?").isascii()
    ('plain', '=?utf-8?b?R3LDvMOfZQ==?=', True)
    """
    if not always and text.isascii() and "=?" not in text:
        return text
    words, word = [], b""
    for char in text:
        data = char.encode("utf-8", "ignore")
        if len(word) + len(data) > WORD:
            words.append(word)
            word = b""
        word += data
    return " ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in [*words, word])
