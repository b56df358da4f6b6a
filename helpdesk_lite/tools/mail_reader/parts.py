"""The parts of a mail, found in its bytes.

Parts are positions in the mail, not copies. Every byte is looked at once for each level of nesting, and levels and
parts are limited, so that the time grows with the size of the mail and with nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .fields import Fields, decode_value, first, split_fields, split_parameters
from .transfer import decode_transfer

MOST_PARTS = 100
DEEPEST = 30
KIND = re.compile(r"[\w.+*&^$!#-]+/[\w.+*&^$!#-]+", re.ASCII)
# a line that looks like a boundary, because a part's header follows
BOUNDARY = re.compile(rb"(?<=\n)--([^\s][^\r\n]{0,200}?)[ \t]*\r?\n(?=content-[a-z-]+[ \t]*:)", re.IGNORECASE)

# reasons why a mail may say something else than what was read
BROKEN, CUT, LIMIT, CHARACTERS, ENCODING, EMPTY = "broken", "cut", "limit", "characters", "encoding", "empty"
PEOPLE = "people"


@dataclass
class Part:
    """A part: its header, and where its body is in the mail."""

    raw: bytes = field(repr=False)
    fields: Fields
    start: int
    end: int
    kind: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    file_name: str = ""
    parts: list["Part"] = field(default_factory=list)
    # where the text before the first boundary ends
    preamble: int = 0

    @property
    def main_kind(self) -> str:
        return self.kind.partition("/")[0]

    def value(self, name: str) -> str:
        """The decoded value of a field, or an empty text."""
        return decode_value(first(self.fields, name))

    def decoded(self) -> tuple[bytes, bool]:
        """The body without its encoding for the transfer, and whether it is certain."""
        encoding = first(self.fields, "content-transfer-encoding").decode("ascii", "ignore")
        return decode_transfer(self.raw[self.start : self.end], encoding)

    def walk(self) -> Iterator["Part"]:
        """This part and those in it, in their order."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Structure:
    """Reads a mail's parts. ``doubts`` holds why something may be missing."""

    def __init__(self, raw: bytes):
        """Read the parts.

        :param raw: the mail

        >>> mail = b"Content-Type: multipart/mixed; boundary=x\\n\\n--x\\n\\nHi\\n--x\\nContent-Type: font/ttf\\n\\nF\\n--x--"
        >>> mail = Structure(mail)
        >>> [(part.kind, part.decoded()[0]) for part in mail.root.walk()][1:], mail.doubts
        ([('text/plain', b'Hi'), ('font/ttf', b'F')], set())
        """
        self.doubts: set[str] = set()
        self.count = 0
        self.charset = None
        if b"\n" not in raw:
            raw = raw.replace(b"\r", b"\n")
        start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
        while raw[start : start + 1] in (b"\n", b"\r"):
            start += 1
        self.raw = raw
        self.root = self._read(start, len(raw), 0, "")

    def _read(self, start, end, depth, default):
        fields, body, certain = split_fields(self.raw, start, end)
        if not certain and fields:
            self.doubts.add(BROKEN)
        part = Part(self.raw, fields, body, end)
        self._read_kind(part, default, is_root=depth == 0)
        if part.main_kind == "multipart":
            self._read_parts(part, depth)
        else:
            self.count += 1
        return part

    def _read_kind(self, part, default, is_root):
        value = first(part.fields, "content-type")
        kind, part.parameters = split_parameters(value, self.charset)
        # raw bytes in header fields are probably written as the text is
        self.charset = self.charset or part.parameters.get("charset")
        disposition, more = split_parameters(first(part.fields, "content-disposition"), self.charset)
        part.disposition = disposition
        part.file_name = more.get("filename") or part.parameters.get("name") or more.get("name") or ""
        if KIND.fullmatch(kind) and "*" not in kind:
            part.kind = kind
        elif kind.startswith("multipart"):
            part.kind = "multipart/mixed"
        elif kind == "pdf":
            part.kind = "application/pdf"
        elif kind.startswith("text") or not value:
            part.kind = default or "text/plain"
        else:
            part.kind = "application/octet-stream"
        found = BOUNDARY.search(part.raw, max(1, part.start), part.end) if is_root and not value else None
        if found and not part.raw[part.start : found.start()].strip():
            # the field itself is missing
            part.kind, part.parameters = "multipart/mixed", {}

    def _read_parts(self, part, depth):
        if depth >= DEEPEST:
            self.doubts.add(LIMIT)
            return
        encoding = first(part.fields, "content-transfer-encoding").strip().lower()
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
        delimiters = self._find(part, boundary)
        if not delimiters and encoding in (b"base64", b"quoted-printable") and depth < 2:
            inner = Structure(b"Content-Type: " + first(part.fields, "content-type") + b"\n\n" + part.decoded()[0])
            if inner.root.parts:
                part.parts, self.count = inner.root.parts, self.count + inner.count
                self.doubts |= inner.doubts
                return
        if not delimiters:
            guess = BOUNDARY.search(part.raw, part.start, part.end)
            delimiters = self._find(part, guess[1]) if guess else []
            self.doubts.add(BROKEN)
        if not delimiters:
            part.preamble = part.end
            return
        part.preamble = delimiters[0][0]
        if not delimiters[-1][2] and len(delimiters) <= 2 * MOST_PARTS:
            self.doubts.add(CUT)
        ends = [start for start, _after, _closes in delimiters[1:]] + [part.end]
        default = "message/rfc822" if part.kind == "multipart/digest" else ""
        for (_start, after, closes), stop in zip(delimiters, ends, strict=True):
            if closes or after > stop:
                continue
            if self.count >= MOST_PARTS:
                self.doubts.add(LIMIT)
                return
            if stop < part.end and part.raw[stop - 1 : stop] == b"\n" and stop > after:
                stop -= 2 if part.raw[stop - 2 : stop - 1] == b"\r" and stop - 1 > after else 1
            part.parts.append(self._read(after, stop, depth + 1, default))

    def _find(self, part, boundary):
        """The lines that are this boundary: where they start and end, and whether they close the part."""
        if not boundary:
            return []
        raw, mark, found = part.raw, b"--" + boundary, []
        position = raw.find(mark, part.start, part.end)
        while position >= 0 and len(found) <= 2 * MOST_PARTS:
            after = position + len(mark)
            if position == part.start or raw[position - 1 : position] == b"\n":
                closes = raw[after : after + 2] == b"--"
                line_end = raw.find(b"\n", after, part.end)
                line_end = part.end if line_end < 0 else line_end
                if not raw[after + 2 * closes : min(line_end, after + 200)].strip():
                    found.append((position, min(line_end + 1, part.end), closes))
            position = raw.find(mark, after, part.end)
        return found
