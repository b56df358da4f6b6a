"""Which mail it is: what makes two deliveries the same mail, read from its bytes before anything else is."""

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from hashlib import sha256

from .mail_reader.addresses import split_addresses
from .mail_reader.fields import decode_value

# the addresses for which a mail server received a copy (Postfix, Exim, qmail); ``To`` and ``Cc`` are what the author wrote
ENVELOPE_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")
RECIPIENT_HEADERS = (*ENVELOPE_HEADERS, "To", "Cc", "Resent-To", "Resent-Cc")
# what the author wrote; everything else is added by servers on the way (Received, Return-Path, X-Spam-Status, …)
OWN_HEADERS = {
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("content-type", "content-transfer-encoding"),
}
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]{1,250}@[^\s<>,;:\"()\[\]\\@]{1,250}")
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
# a header without end is no reason to read a whole mail as headers
LONGEST_HEADERS = 2**18
LONGEST_VALUE = 1000
# bytes of a field that are decoded
LONGEST_SOURCE = 16_000
LONGEST_NAME = 200
PLAIN_NAME = re.compile(r"[\w .'-]*")
# PostgreSQL indexes values of up to 2,700 bytes; RFC 5322 allows lines of 998 characters
LONGEST_MESSAGE_ID = 998
MOST_RECIPIENTS = 200
MOST_REFERENCES = 50
REFERENCE = re.compile(r"<[^<>\s]{1,996}>")
CHUNK = 2**20


@dataclass(frozen=True)
class MailIdentity:
    """What identifies a mail.

    ``message_id`` is its Message-ID, or one made from its digest when it has none. ``digest`` is the SHA-256 of its bytes,
    ``fingerprint`` that of what its author wrote: it is the same for two deliveries of one mail, whatever the servers on the
    way added. ``recipients`` are all addresses of the headers, ``envelope`` those for which a server received this copy.
    ``references`` are the Message-IDs of the mails that it answers.
    """

    size: int
    digest: str
    fingerprint: str
    message_id: str
    email_from: str
    email_to: str
    subject: str
    date: datetime | None
    recipients: tuple[str, ...]
    envelope: tuple[str, ...]
    references: tuple[str, ...] = ()


def make_message_id(digest: str, number: int | None = None) -> str:
    """Make the Message-ID of a mail that has none, or whose own belongs to another mail.

    >>> make_message_id("ab12"), make_message_id("ab12", 7)
    ('<ab12@helpdesk-lite.invalid>', '<ab12.7@helpdesk-lite.invalid>')
    """
    return f"<{digest}{'' if number is None else f'.{number}'}@helpdesk-lite.invalid>"


def identify(raw: bytes) -> MailIdentity:
    """Read the identity of a mail. No input makes it fail, and the time is linear.

    >>> mail = b"From: Zoe <zoe@a.example>\\nTo: Care@b.example\\nMessage-ID: <1@a.example>\\n\\nHello"
    >>> one = identify(b"Received: x\\nDelivered-To: care@b.example\\n" + mail)
    >>> one.message_id, one.email_from, one.recipients, one.envelope
    ('<1@a.example>', 'Zoe <zoe@a.example>', ('care@b.example',), ('care@b.example',))
    >>> other = identify(mail.replace(b"\\n", b"\\r\\n"))
    >>> one.digest == other.digest, one.fingerprint == other.fingerprint
    (False, True)
    >>> identify(mail + b"!").fingerprint == one.fingerprint
    False
    >>> identify(b"").message_id[:9], identify(b"\\xff\\x00: \\n =?x?q?=00?=").size
    ('<e3b0c442', 17)
    >>> identify(b"From: Zoe <z@a.example>\\nContent-Type: " + b"(" * 5000 + b"\\n\\nHi").email_from
    'Zoe <z@a.example>'
    """
    end = END_OF_HEADERS.search(raw, 0, LONGEST_HEADERS)
    length = end.start() if end else min(len(raw), LONGEST_HEADERS)
    # the fields as they are: the parsers of the standard library for their values fail, and take hours
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:length])
    digest = sha256(raw).hexdigest()
    message_id = _get(headers, "Message-ID", LONGEST_MESSAGE_ID + 1)
    usable = 0 < len(message_id) <= LONGEST_MESSAGE_ID
    return MailIdentity(
        size=len(raw),
        digest=digest,
        fingerprint=_get_fingerprint(raw, length, headers),
        message_id=message_id if usable else make_message_id(digest),
        email_from=_get_people(headers, "From"),
        email_to=_get_people(headers, "To"),
        subject=_get(headers, "Subject"),
        date=_get_date(headers),
        recipients=_get_addresses(headers, RECIPIENT_HEADERS),
        envelope=_get_addresses(headers, ENVELOPE_HEADERS),
        references=_get_references(headers),
    )


def _clean(text: str) -> str:
    """Take out what PostgreSQL does not store: NUL, and the surrogates that stand for undecodable bytes.

    >>> _clean("a\\0b\\udcffc")
    'ab?c'
    """
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _get_source(headers, name):
    """The first field of this name on one line, in bytes."""
    value = next((value for key, value in headers.raw_items() if key.lower() == name.lower()), "")
    return "".join(value.splitlines()).encode("utf-8", "surrogateescape")[:LONGEST_SOURCE]


def _get(headers, name, longest=LONGEST_VALUE):
    """The decoded value of the first field of this name, or an empty string."""
    return _clean(decode_value(_get_source(headers, name)))[:longest]


def _get_people(headers, name):
    """The names and addresses in the first field of this name, whole addresses only, or an empty string."""
    pairs = split_addresses(_get_source(headers, name))
    people = []
    for person, address in pairs:
        name = person[:LONGEST_NAME]
        if address and name and not PLAIN_NAME.fullmatch(name):
            name = '"%s"' % name.replace("\\", " ").replace('"', "'")
        people.append(f"{name} <{address}>" if address and name else address or name)
    return _clean(", ".join(people))[:LONGEST_VALUE]


def _get_references(headers):
    found = REFERENCE.findall(f"{_get(headers, 'References', LONGEST_SOURCE)} {_get(headers, 'In-Reply-To')}")
    return tuple(dict.fromkeys(found[-MOST_REFERENCES:]))


def _get_addresses(headers, names):
    wanted = {name.lower() for name in names}
    found = {}
    for name, value in headers.raw_items():
        if name.lower() in wanted:
            found |= dict.fromkeys(address.lower() for address in ADDRESS.findall(_clean(value)[:LONGEST_HEADERS]))
    return tuple(sorted(found)[:MOST_RECIPIENTS])


def _get_date(headers):
    """The date of a mail in UTC, without time zone as Odoo stores it."""
    try:
        date = parsedate_to_datetime(_get(headers, "Date"))
        return date.astimezone(timezone.utc).replace(tzinfo=None) if date.tzinfo else date
    except (ValueError, TypeError, OverflowError):
        return None


def _get_fingerprint(raw, length, headers):
    own = sha256()
    for name, value in headers.raw_items():
        if name.lower() in OWN_HEADERS:
            # servers fold lines anew, and spell names differently
            own.update(f"{name.lower()}:{' '.join(value.split())}\n".encode("utf-8", "surrogateescape"))
    end = len(raw)
    while end > length and raw[end - 1] in b"\r\n":
        end -= 1
    body = memoryview(raw)[length:end]
    for start in range(0, len(body), CHUNK):
        # protocols differ in the ends of lines
        own.update(bytes(body[start : start + CHUNK]).replace(b"\r", b"").lstrip(b"\n" if not start else b""))
    return own.hexdigest()
