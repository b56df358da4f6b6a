"""What Odoo's parser is given instead of a mail: its header, well-formed, and nothing that it could stumble over.

Python's parser takes eight times the size of a mail in memory, and raises errors for fields that somebody else wrote. So a
mail is read here, once. Odoo gets the header, and the headers of mails in the mail, by which it recognises bounces. It gets
the text and the files, those of mails in the mail too, in ``_message_parse_extract_payload``, by :func:`find`.
"""

import email.message
import email.policy
import itertools
import re
import secrets
import weakref

from .addresses import encode_words, read_addresses, write_addresses
from .characters import find_codec
from .fields import LONGEST_FIELD, Fields, decode_value, split_fields
from .files import MAILS
from .parts import PEOPLE
from .reading import Reading, read

HEADER = "X-Helpdesk-Lite-Reading"
ADDRESSES = {
    *("from", "to", "cc", "bcc", "reply-to", "sender", "delivered-to", "return-path", "x-original-to", "envelope-to"),
    *("x-envelope-to", "x-delivered-to"),
    *("resent-from", "resent-to", "resent-cc", "resent-sender", "resent-reply-to", "x-forwarded-to", "apparently-to"),
}
IDENTIFIERS = {"message-id", "in-reply-to", "references", "resent-message-id", "x-microsoft-original-message-id"}
# written anew
LEFT_OUT = {"mime-version", HEADER.lower(), "content-type", "content-transfer-encoding", "content-disposition"}
REPORTS = ("message/delivery-status", "text/rfc822-headers", *MAILS)
# such as "undisclosed-recipients:;", and "<>" in a report
NO_ADDRESS = re.compile(rb"[A-Za-z0-9 .,:;<>-]{0,1000}")
LONGEST_VALUE = 20_000
LONGEST_LIST = 60_000
LONGEST_REPORT = 64_000
# parsers of fields take seconds for a hundred thousand characters; after so many, only one of each needed field is kept
LONGEST_HEADER = 100_000
NEEDED = ADDRESSES | IDENTIFIERS | {"subject", "date", "auto-submitted", "precedence"}
MOST_OF_A_NAME = 100

# readings of mails in work; each is dropped with its :class:`Prepared`
readings: "weakref.WeakValueDictionary[str, Reading]" = weakref.WeakValueDictionary()
# a mail that claims to have been read by another process, or by its sender
secret, numbers = secrets.token_hex(16), itertools.count(1)


class Prepared(bytes):
    """A prepared mail, and what it says. Keep it until the mail was processed."""

    reading: Reading


def prepare(raw: bytes) -> Prepared:
    r"""Read a mail and write the well-formed one that Odoo's ``message_process`` parses.

    :param raw: the mail as it came
    :return: bytes for ``message_process``; a mail that was prepared already is returned as it is

    >>> mail = prepare(b"From: =?utf-8?q?Evil=0AName?= <e@cust.example.com>\nSubject: M\xfcller\n\nHi")
    >>> mail.partition(b"\r\nX-")[0]
    b'From: Evil Name <e@cust.example.com>\r\nSubject: =?utf-8?b?TcO8bGxlcg==?='
    >>> find(email.message_from_bytes(mail, policy=email.policy.SMTP)).html
    '<pre>Hi</pre>'
    """
    if isinstance(raw, Prepared):
        return raw
    reading = read(raw)
    token = f"{secret}-{next(numbers)}"
    prepared = Prepared(_write(reading, token))
    prepared.reading = readings[token] = reading
    return prepared


def find(message: email.message.EmailMessage) -> Reading | None:
    """What a mail says that was parsed from a prepared one, or a mail in it.

    :return: None for any other mail
    :raise LookupError: when the prepared mail was not kept, because its files are gone with it
    """
    token, _dot, number = str(message.get(HEADER) or "").partition(".")
    if not token.startswith(secret):
        return None
    reading = readings[token]
    return read(reading.mails[int(number)].decoded()[0]) if number else reading


def _write(reading, token):
    structure, mails = reading.structure, reading.mails
    lines, is_cut = write_fields(structure.root.fields, structure.charset)
    if is_cut:
        reading.doubt(PEOPLE)
    lines.append(f"{HEADER}: {token}")
    reports = [part for part in structure.root.walk() if part.kind in REPORTS]
    root = structure.root
    if root.main_kind != "multipart" and not reports:
        return "\r\n".join([*lines, "MIME-Version: 1.0", "Content-Type: text/plain", "", ""]).encode("ascii")
    kind = root.kind if root.main_kind == "multipart" else "multipart/mixed"
    report_type = root.parameters.get("report-type", "")
    if re.fullmatch(r"[\w-]+", report_type, re.ASCII):
        kind += f"; report-type={report_type}"
    mark = f"--{token}"
    lines += ["MIME-Version: 1.0", f'Content-Type: {kind}; boundary="{token}"', "", mark, "Content-Type: text/plain", "", ""]
    for part in reports:
        lines += [mark, f"Content-Type: {part.kind}", "", *_write_report(part, structure.charset)]
        if part.kind in MAILS:
            lines[-2:] = [f"{HEADER}: {token}.{len(mails)}", "", ""]
            mails.append(part)
    return "\r\n".join([*lines, f"{mark}--", ""]).encode("ascii")


def _write_report(part, charset):
    """The lines of a report on a delivery, or of the header of a mail in the mail."""
    data = part.decoded()[0][:LONGEST_REPORT]
    if part.kind == "message/delivery-status":
        text = data.decode("ascii", "ignore").replace("\r\n", "\n")
        return re.sub(r"[^\n\t\x20-\x7e]", "", text).strip("\n").split("\n")
    fields, _body, _certain = split_fields(data, 0, len(data))
    return [*write_fields(fields, charset)[0], "", ""]


def write_fields(fields: Fields, charset: str | None = None) -> tuple[list[str], bool]:
    """Write a header in ASCII, in a form that every parser reads alike.

    :param fields: as found
    :param charset: of the mail's text, for raw bytes
    :return: lines without line ends, and whether people are missing in them
    """
    lines, counts, spent, is_cut = [], {}, 0, False
    charset = charset if find_codec(charset) else None
    for name, value in fields:
        counts[name] = counts.get(name, 0) + 1
        if name in LEFT_OUT or counts[name] > MOST_OF_A_NAME:
            is_cut = is_cut or name in ADDRESSES
            continue
        if spent > LONGEST_HEADER and (counts[name] > 1 or name not in NEEDED):
            is_cut = is_cut or name in ADDRESSES
            continue
        written, lacks_people = _write_value(name, value, charset)
        is_cut = is_cut or lacks_people
        spent += max(len(value), len(written))
        if written:
            lines.append(f"{'-'.join(word.capitalize() for word in name.split('-'))}: {written}")
    return lines, is_cut


def _write_value(name, value, charset):
    is_cut = False
    if name in ADDRESSES and not NO_ADDRESS.fullmatch(value):
        # whole addresses only: a value that is cut within one would name somebody else
        pairs, is_cut = read_addresses(value, charset)
        if len(value) == LONGEST_FIELD:
            pairs, is_cut = pairs[:-1], True
        written = write_addresses(pairs)
        while len(written) > LONGEST_LIST:
            pairs, is_cut = pairs[: len(pairs) * 3 // 4], True
            written = write_addresses(pairs)
    elif name in IDENTIFIERS:
        # the newest references are the last ones
        written = decode_value(value).encode("ascii", "backslashreplace").decode()[-LONGEST_VALUE:]
        if name == "references" and len(written) == LONGEST_VALUE:
            written = written.partition(" ")[2]
    else:
        written = encode_words(decode_value(value, charset)[:LONGEST_VALUE])
    try:
        str(email.policy.SMTP.header_factory(name, written))
    except Exception:
        # the parser of the standard library gives up in many ways
        written = re.sub(r"[^A-Za-z0-9@.<>_ +=%-]", "", written)
        try:
            str(email.policy.SMTP.header_factory(name, written))
        except Exception:
            return "", is_cut
    return written, is_cut
