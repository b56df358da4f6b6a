"""Content-Transfer-Encoding to bytes, without losing what is wrongly encoded."""

import binascii
import re

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t\r\n\x0b\x0c"
NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Undo the encoding for the transfer.

    :param data: the body of a part
    :param encoding: value of the header, in any case
    :return: the bytes, and whether they are certain

    >>> decode_transfer(b"TcO8\\r\\nbGxlcg==\\r\\n", "BASE64 "), decode_transfer(b"M=C3=BCl=\\r\\nler", "quoted-printable")
    ((b'M\\xc3\\xbcller', True), (b'M\\xc3\\xbcller', True))
    """
    encoding = encoding.strip(" \t\r\n\"';").lower()
    if encoding == "base64":
        return decode_base64(data)
    if encoding in ("quoted-printable", "quoted_printable", "qp"):
        return binascii.a2b_qp(data), True
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return decode_uuencoded(data)
    return data, True


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64 that may be cut, padded wrongly, put together of pieces, or followed by a list's footer.

    :return: the bytes, and whether nothing had to be repaired

    >>> decode_base64(b"SGVsbG8="), decode_base64(b"SGVsbG8"), decode_base64(b"SGVsbG8=IQ=="), decode_base64(b"SGVsbG8=!")
    ((b'Hello', True), (b'Hello', False), (b'Hello!', True), (b'Hello', False))
    >>> decode_base64(b"This is no base64, it is a text.")
    (b'This is no base64, it is a text.', False)
    >>> decode_base64(b"SGVsbG8=\\n____\\nThis list has a footer.")
    (b'Hello', False)
    """
    if _is_base64(data):
        try:
            return binascii.a2b_base64(data), True
        except binascii.Error:
            return _decode_pieces([data]), False
    if re.search(rb"[A-Za-z]{2,}[,.:;!?]? +[A-Za-z]{2,}", data[:2000]) and not re.search(rb"^[A-Za-z0-9+/]{40,}", data):
        lines = data.strip().splitlines()
        if not lines or not _is_base64(lines[0]) or b"=" not in lines[0]:
            return data, False
    pieces, certain = [], True
    for piece in re.findall(rb"[^=]+={0,2}", data):
        body = piece.rstrip(b"=").strip()
        if NO_BASE64.search(re.sub(rb"\s", b"", body)):
            certain = False
            if pieces:
                # after the padding there is a text that somebody appended
                break
        pieces.append(piece)
    return _decode_pieces(pieces), certain


def _is_base64(data):
    """Whether there is nothing but the alphabet, blanks, and at most one padding, at the end."""
    padding = data.translate(None, ALPHABET)
    return not padding or (padding in (b"=", b"==") and data.rstrip().endswith(padding))


def _decode_pieces(pieces):
    out = []
    for piece in pieces:
        letters = NO_BASE64.sub(b"", piece)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        out.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
    return b"".join(out)


def decode_uuencoded(data: bytes) -> tuple[bytes, bool]:
    r"""Decode uuencoded lines between ``begin`` and ``end``.

    :return: the bytes and whether they are certain; the given bytes when nothing could be decoded

    >>> decode_uuencoded(b"begin 644 a.txt\n%2&5L;&\\\n`\nend\n")
    (b'Hello', True)
    >>> decode_uuencoded(b"nothing")
    (b'nothing', False)
    """
    lines = data.splitlines()
    begin = next((index for index, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if begin is None:
        return data, False
    out, certain = [], False
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            certain = True
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # a length with blanks that were stripped, or too long a line
            count = (((line[:1] or b" ")[0] - 32) & 63) * 4 // 3 + 4
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                return data, False
    return b"".join(out), certain
