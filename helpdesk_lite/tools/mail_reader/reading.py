"""A mail as it was read: its text, its files, and whether something may be missing."""

from dataclasses import dataclass, field

from . import markup, winmail
from .files import File, read_file
from .markup import Page
from .parts import EMPTY, MOST_PARTS, Part, Structure
from .texts import LONGEST_TEXT, TEXTS, Text, collect, read_text

MOST_LINES = 20_000
ORIGINAL = "original.eml"
# mail programs write this before the first boundary
NOTICES = ("MIME", "multi-part", "multipart", "mime")


@dataclass
class Reading:
    """What a mail says.

    ``html`` is not sanitized; ``has_pages`` tells whether some of it came as HTML. ``doubts`` are words of
    ``parts.py``; with any, the last file is the original. ``is_cut`` tells that a text was too long to be shown and
    is a file as well. ``source`` is the mail as it came, ``mails`` are those in it.
    """

    source: bytes = field(repr=False)
    structure: Structure = field(repr=False)
    doubts: set[str]
    html: str = ""
    files: list[File] = field(default_factory=list)
    is_cut: bool = False
    has_pages: bool = False
    mails: list[Part] = field(default_factory=list, repr=False)

    def doubt(self, *reasons: str) -> None:
        """Say why the mail may say something else, and let the last file be the original.

        :param reasons: words of ``parts.py``
        """
        if reasons and not self.doubts:
            self.files.append(File(ORIGINAL, self.source))
        self.doubts.update(reasons)


def read(raw: bytes) -> Reading:
    """Read a mail. Whatever the bytes are, nothing is raised, and nothing is left out without a doubt or a file.

    :param raw: the mail as it came

    >>> read(b'Content-Type: text/plain; charset=""\\n\\nM\\xfcller').html
    '<pre>Müller</pre>'
    """
    structure = Structure(raw)
    reading = Reading(raw, structure, set())
    content = collect(structure)
    texts = content.texts
    for number, part in enumerate(content.files, 1):
        file, doubts = read_file(part, number)
        is_packed = winmail.is_winmail(file.content) and len(reading.files) < MOST_PARTS
        unpacked = winmail.unpack(file.content) if is_packed else None
        if unpacked:
            plain, page, files = unpacked
            reading.files += files
            if any(text.rank > 1 for text in texts):
                continue
            # its text may be in a form that the library does not know, so the file is kept as well
            texts.append(_as_text(page, Page) if page.strip() else _as_text(plain))
        structure.doubts |= doubts
        reading.files.append(file)
    if not any(text.rank > 1 for text in texts):
        texts += _find_other_texts(structure, content.files)
    _write(reading, texts)
    if not reading.html and not reading.files and structure.raw[structure.root.start :].strip():
        structure.doubts.add(EMPTY)
    reading.doubt(*structure.doubts)
    return reading


def _as_text(source, page=lambda source: None):
    return Text(source[:LONGEST_TEXT], page(source[:LONGEST_TEXT]), source.encode(), len(source) > LONGEST_TEXT)


def _find_other_texts(structure, files):
    """Texts where nobody looks: named as files, or before the first boundary.

    >>> read(b"Content-Type: multipart/mixed; boundary=x\\n\\nAll there is.").html
    '<pre>All there is.</pre>'
    """
    for part in files:
        if part.kind in TEXTS and not part.disposition.startswith("attachment") and part.end - part.start < LONGEST_TEXT:
            text = read_text(part, structure)
            if text.rank > 1:
                return [text]
    for part in structure.root.walk():
        if part.main_kind == "multipart" and part.preamble > part.start:
            shown = Part(part.raw, part.fields, part.start, part.preamble)
            text = read_text(shown, structure)
            if text.rank > 1 and not any(notice in text.source[:200] for notice in NOTICES):
                return [text]
    return []


def _write(reading, texts):
    """Join the texts, as many as can be shown, and keep the others as files."""
    pieces, left, lines = [], LONGEST_TEXT, MOST_LINES
    for number, text in enumerate(texts, 1):
        source = text.source[:left]
        page = text.page if not text.page or len(source) == len(text.page.text) else Page(source)
        if page and not page.is_tame:
            page, plain = None, markup.strip_tags(source)
        else:
            plain = source
        if not page:
            plain = "".join(plain.splitlines(keepends=True)[:lines])
            lines -= plain.count("\n")
        if text.is_cut or len(source) < len(text.source) or (text.page and not page) or (not page and len(plain) < len(source)):
            reading.is_cut = True
            ending = "html" if text.page else "txt"
            reading.files.append(File(f"message.{ending}" if len(texts) == 1 else f"message-{number}.{ending}", text.data))
        left -= len(source)
        if page:
            _link_images(page, reading.files)
            reading.has_pages = True
            pieces.append(page.html)
        elif plain.strip():
            pieces.append(markup.plain_to_html(plain))
    reading.html = "\n".join(piece for piece in pieces if piece.strip())


def _link_images(page, files):
    """Let a page and the files that it shows write their identifiers in the same way."""
    shown, names = page.get_cids() - {""}, {}
    for number, file in enumerate(files if shown else ()):
        if file.cid in shown:
            names[file.cid] = file.cid
        elif file.location in shown:
            file.cid = file.cid or f"location-{number}"
            names[file.location] = file.cid
    page.link_images(names)
