"""Which parts of a mail are its text, and in which order, and which are files."""

import re
from dataclasses import dataclass, field

from .characters import clean_text, decode, find_codec
from .markup import Page
from .parts import CHARACTERS, ENCODING, Part, Structure

# what all texts of a mail may have together, in characters: a sanitizer reads this in seconds
LONGEST_TEXT = 1_000_000
META = re.compile(rb"<meta[^<>]{1,200}?charset\s*=\s*[\"']?([\w:.-]{2,30})", re.IGNORECASE)
TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext", "application/xhtml+xml")
# the same mail once more, for programs that no desk has
VARIANTS = ("text/x-amp-html", "text/watch-html")


@dataclass
class Text:
    """A text of a mail, or its beginning.

    ``page`` is what its HTML is, when it is HTML; ``data`` is the whole text as it came.
    """

    source: str
    page: Page | None = None
    data: bytes = b""
    is_cut: bool = False

    @property
    def rank(self) -> int:
        """How much it says: HTML with words, words, HTML with pictures, nothing."""
        if self.page:
            return 3 if self.page.has_text else 1 if self.page.has_images else 0
        return 2 if self.source.strip() else 0


@dataclass
class Content:
    """Texts and files in their order."""

    texts: list[Text] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)

    @property
    def rank(self) -> int:
        return max((text.rank for text in self.texts), default=0)

    def add(self, other: "Content") -> None:
        self.texts += other.texts
        self.files += other.files


def collect(structure: Structure) -> Content:
    """The texts and files of a mail. A mail in the mail is a file: whose words they are must not be mixed up.

    >>> raw = b"Content-Type: multipart/mixed; boundary=x\\n\\n--x\\n\\nOne\\n--x\\nContent-Type: text/html\\n\\n<b>Two\\n--x--"
    >>> [text.page.html if text.page else text.source for text in collect(Structure(raw)).texts]
    ['One', '<b>Two</b>']
    """
    return _collect(structure.root, structure)


def _collect(part, structure):
    if part.main_kind != "multipart":
        return _read_leaf(part, structure)
    contents = [_collect(child, structure) for child in part.parts]
    if part.kind == "multipart/alternative" and contents:
        best = max(range(len(contents)), key=lambda index: (contents[index].rank, index))
        return Content(contents[best].texts, [file for content in contents for file in content.files if _is_kept(file)])
    whole = Content()
    for content in contents:
        whole.add(content)
    return whole


def _is_kept(part):
    return part.kind not in VARIANTS


def is_text(part: Part) -> bool:
    """Whether a part is shown as text rather than kept as a file."""
    if part.kind not in TEXTS or part.file_name:
        return False
    return not part.disposition.startswith("attachment")


def _read_leaf(part, structure):
    if not is_text(part):
        return Content(files=[part])
    text = read_text(part, structure)
    return Content(texts=[text] if text.rank else [])


def read_text(part: Part, structure: Structure) -> Text:
    """Decode a text; doubts are added to those of the mail."""
    data, certain = part.decoded()
    if not certain:
        structure.doubts.add(ENCODING)
    charset = part.parameters.get("charset")
    is_page = part.kind in ("text/html", "application/xhtml+xml")
    if is_page and not find_codec(charset) and (meta := META.search(data[:4000])):
        charset = meta[1].decode("ascii")
    beginning = data
    if len(data) > 4 * LONGEST_TEXT:
        # not within a character
        end = data.rfind(b"\n", LONGEST_TEXT, 4 * LONGEST_TEXT)
        beginning = data[: end if end > 0 else 4 * LONGEST_TEXT]
    source, certain = decode(beginning, charset)
    if not certain:
        structure.doubts.add(CHARACTERS)
    source = clean_text(source)
    if part.kind in ("text/enriched", "text/richtext"):
        source = re.sub(r"<(?!<)[^<>]*>", "", re.sub(r"(?is)<param>[^<]*</param>", "", source)).replace("<<", "<")
    is_cut = len(beginning) < len(data) or len(source) > LONGEST_TEXT
    source = source[:LONGEST_TEXT]
    return Text(source, Page(source) if is_page else None, data, is_cut)
