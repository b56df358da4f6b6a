"""URLs of stored files in HTML: ``/web/image/7``, ``/web/content/7-abc/name.png?access_token=...``."""

import re
from collections.abc import Mapping

FILE_ADDRESS = re.compile(r"/web/(image|content)/(\d+)(?!\d)([^\"'\s?<>]*)(\?[^\"'\s<>]*)?")


def with_copied_files(html: str, copies: Mapping[int, int]) -> str:
    """Replace the URLs of files in a text by those of their copies, and remove access tokens.

    >>> with_copied_files('<img src="/web/image/7-ab?access_token=x"> <img src="/web/image/8?a=b">', {7: 70})
    '<img src="/web/image/70-ab"> <img src="/web/image/8?a=b">'
    """

    def address(match: re.Match) -> str:
        kind, original, rest, _query = match.groups()
        copy = copies.get(int(original))
        return f"/web/{kind}/{copy}{rest}" if copy else match.group()

    return FILE_ADDRESS.sub(address, html)
