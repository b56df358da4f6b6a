"""The files of a mail: their bytes, their names, and the identifiers by which texts show them."""

import mimetypes
import re
from dataclasses import dataclass

from .characters import clean_line
from .fields import decode_value, first, split_fields
from .markup import clean_cid
from .parts import ENCODING, Part

# without the tables of the machine, so that names are the same everywhere
TYPES = mimetypes.MimeTypes(filenames=())
ENDINGS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/news": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/global-delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "application/ics": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/directory": ".vcf",
    "text/markdown": ".md",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "image/x-png": ".png",
    "audio/mpeg": ".mp3",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "font/ttf": ".ttf",
    "model/stl": ".stl",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/pgp-signature": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-encrypted": ".txt",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/ms-tnef": ".dat",
    "application/vnd.ms-tnef": ".dat",
}
NAMES = {
    "message/delivery-status": "delivery-status",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "application/ics": "invitation",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "application/pkcs7-mime": "smime",
    "application/x-pkcs7-mime": "smime",
    "application/ms-tnef": "winmail",
    "application/vnd.ms-tnef": "winmail",
    "message/rfc822": "message",
    "message/global": "message",
}
MAILS = ("message/rfc822", "message/global", "message/news")
HAS_ENDING = re.compile(r"\.[A-Za-z0-9_]{1,10}$")
UNSAFE = re.compile(r'[\\/:*?"<>|]+')


@dataclass
class File:
    """A file: its name, its bytes, and the identifier and the place by which a text may show it."""

    name: str
    content: bytes
    cid: str = ""
    location: str = ""


def read_file(part: Part, number: int) -> tuple[File, set[str]]:
    """Read the file that a part is.

    :param number: of the part in the mail, for those without a name
    :return: the file, and doubts
    """
    content, certain = part.decoded()
    doubts = set() if certain else {ENCODING}
    if part.kind == "message/rfc822" and not certain:
        content = part.raw[part.start : part.end]
    if not content:
        # a file without bytes is lost in most cases, so nobody should have to notice it by opening it
        doubts.add(ENCODING)
    cid, location = (clean_cid(part.value(name)) for name in ("content-id", "content-location"))
    return File(name_file(part, content, number), content, cid, location), doubts


def name_file(part: Part, content: bytes, number: int) -> str:
    """A name with an ending, so that a program opens the file.

    >>> names = [Part(b"", [], 0, 0, kind=kind) for kind in ("image/png", "text/calendar", "x/y", "message/rfc822")]
    >>> [name_file(part, b"Subject: =?utf-8?q?Re=3A_a/b?=", 3) for part in names]
    ['image-3.png', 'invitation.ics', 'attachment-3', 'Re a b.eml']
    >>> name_file(Part(b"", [], 0, 0, kind="application/pdf", file_name="offer no. 5 of 2026"), b"", 1)
    'offer no. 5 of 2026.pdf'
    """
    name = clean_line(part.file_name).strip(" .\"'")
    ending = find_ending(part.kind)
    if not name and part.kind in MAILS:
        fields, _body, _certain = split_fields(content[:100_000], 0, min(len(content), 100_000))
        name = UNSAFE.sub(" ", decode_value(first(fields, "subject")))
        name = re.sub(" +", " ", name)[:80].strip(" .") or "message"
        return name + ".eml"
    if not name:
        main = part.main_kind if part.main_kind in ("image", "audio", "video") else "attachment"
        name = NAMES.get(part.kind) or f"{main}-{number}"
    if not HAS_ENDING.search(name) or (part.kind in MAILS and not name.lower().endswith((".eml", ".msg"))):
        name += ending
    return name


def find_ending(kind: str) -> str:
    """The ending of files of a type, with its dot, or an empty text.

    >>> [find_ending(kind) for kind in ("image/png", "text/csv", "application/octet-stream", "no/such")]
    ['.png', '.csv', '', '']
    """
    if kind in ENDINGS:
        return ENDINGS[kind]
    return "" if kind == "application/octet-stream" else TYPES.guess_extension(kind) or ""
