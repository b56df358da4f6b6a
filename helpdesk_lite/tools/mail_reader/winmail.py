"""``winmail.dat``: what Outlook sends instead of files to people without Outlook."""

import logging

from .characters import clean_line, decode
from .files import File

try:
    import tnefparse
except ImportError:
    # without the library the file stays as it is, for one of the programs that open it
    tnefparse = None

MOST_FILES = 100
SIGNATURE = b"\x78\x9f\x3e\x22"


def is_winmail(content: bytes) -> bool:
    """Whether a file is one, by its first bytes.

    >>> is_winmail(b"x\\x9f>\\"..."), is_winmail(b"%PDF")
    (True, False)
    """
    return content.startswith(SIGNATURE)


def unpack(content: bytes) -> tuple[str, str, list[File]] | None:
    """Unpack the texts and files.

    :param content: of a file for which :func:`is_winmail`
    :return: plain text, HTML, and files; None without the library, or when it finds nothing or cannot read the file
    """
    if not tnefparse:
        return None
    try:
        tnef = tnefparse.TNEF(content, do_checksum=False)
        files = [
            File(clean_line(str(attachment.long_filename() or "")) or f"attachment-{number}", bytes(attachment.data or b""))
            for number, attachment in enumerate(tnef.attachments[:MOST_FILES], 1)
        ]
        plain, page = (_text(getattr(tnef, name, None)) for name in ("body", "htmlbody"))
    except Exception as error:
        # whatever a foreign library raises for foreign bytes: the file is kept
        logging.getLogger(__name__).info("winmail.dat could not be unpacked: %s", error)
        return None
    return (plain, page, files) if plain.strip() or page.strip() or files else None


def _text(value):
    if isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return decode(value)[0] if isinstance(value, (bytes, bytearray)) else value or ""
