"""Shows a stranger's mail safely: text and structure, the mail's own images, and nothing that acts or is fetched."""

import base64
import re
from html import escape
from urllib.parse import unquote

from lxml import etree, html

# what stays of the markup; any other element is replaced by its contents
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "abbr b blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark "
        "ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
# what is left out with its contents
LEFT_OUT = frozenset({"applet", "base", "frame", "head", "iframe", "link", "math", "meta", "script", "select", "style", "svg"})
ATTRIBUTES = ("colspan", "rowspan", "dir", "lang", "start")
EMPTY = frozenset({"br", "col", "hr", "wbr"})  # elements without an end tag
LONGEST = 300_000  # characters
# the first bytes of the kinds of images that are shown; SVG is left out because it can act
IMAGES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
ENDS = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)
LARGEST_IMAGES = 4_000_000  # bytes, all together


def get_image_type(content: bytes) -> str | None:
    """The type of an image that a browser shows without running anything, by its first bytes.

    >>> get_image_type(b"GIF89a..."), get_image_type(b"RIFF\\x00\\x00\\x00\\x00WEBPVP8 ")
    ('image/gif', 'image/webp')
    >>> get_image_type(b"<svg onload='steal()'/>")
    """
    for start, kind in IMAGES:
        if content.startswith(start):
            return f"image/{kind}"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def get_data_uris(images: dict[str, bytes]) -> dict[str, str]:
    """The addresses under which a page shows images without fetching anything.

    :param images: content of each file of a mail by its Content-ID without brackets, of whatever type
    :return: ``data:`` address by Content-ID, for images that can be shown, of at most ``LARGEST_IMAGES`` bytes together

    >>> get_data_uris({"logo@x": b"GIF89a", "evil": b"<svg/>"})
    {'logo@x': 'data:image/gif;base64,R0lGODlh'}
    """
    uris, room = {}, LARGEST_IMAGES
    for name, content in images.items():
        kind = get_image_type(content)
        if kind and len(content) <= room:
            room -= len(content)
            uris[name] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return uris


def get_safe_html(source: str, uris: dict[str, str] | None = None, no_image: str = "[…]") -> str:
    """Rebuild the HTML of a mail from the elements that only structure a text.

    Nothing of the source is copied but texts and a few plain attributes, so there is no style, no address, no event and
    no form to be fetched, followed or run. The target of a link is shown when the pointer rests on it.

    :param source: HTML, of which the first ``LONGEST`` characters are shown
    :param uris: addresses of the mail's own images by Content-ID, from ``get_data_uris``
    :param no_image: text in place of other images
    :return: HTML that can be put into any page

    >>> get_safe_html('<p onclick="x()">Hi <b style="position:fixed">you</b><script>x()</script></p>')
    '<div><p>Hi <b>you</b></p></div>'
    >>> get_safe_html('<a href="https://evil.example/?id=7">Pay</a> <img src="https://evil.example/t.gif">')
    '<div><u title="https://evil.example/?id=7">Pay</u> […]</div>'
    >>> get_safe_html('<img src="cid:logo@x" alt="Logo">', {"logo@x": "data:image/gif;base64,R0lGODlh"})
    '<div><img src="data:image/gif;base64,R0lGODlh" alt="Logo" style="max-width: 100%"/></div>'
    >>> get_safe_html("one<blink>two</blink><!-- no -->three &lt;four&gt;<br>five")
    '<div>onetwothree &lt;four&gt;<br/>five</div>'
    >>> get_safe_html("<html><body>body</body></html><p>footer</p>")
    '<div>body<p>footer</p></div>'
    """
    # the parser drops everything after the end of a document, such as the footer that a mailing list appends
    text = ENDS.sub("", _clean(source))
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        # bytes: a declaration of another encoding in the text is not followed then
        document = html.document_fromstring(text.encode() or b"<p>", parser=parser)
    except etree.LxmlError:
        return get_safe_text(source)
    if any(error.level_name == "FATAL" for error in parser.error_log):
        # too deep: the rest is missing
        return get_safe_text(source)
    shown, ends = ["<div>"], []
    walk = etree.iterwalk(document, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            start, end = _get_tags(element, uris or {}, no_image)
            shown.append(start)
            ends.append(end)
            if end is None:
                walk.skip_subtree()
            else:
                shown.append(escape(element.text or "", quote=False))
        else:
            if event == "end":
                shown.append(ends.pop() or "")
            if ends:
                shown.append(escape(element.tail or "", quote=False))
    return "".join([*shown, "</div>"])


def _get_tags(element, uris, no_image):
    """:return: tuple of the start tag and the end tag, which is None when the contents are left out"""
    tag = element.tag
    if tag == "img":
        return _get_image(element, uris, no_image), None
    if tag == "a":
        return f"<u{_get_attribute('title', element.get('href'))}>", "</u>"
    if tag in EMPTY:
        return f"<{tag}/>", None
    if tag in LEFT_OUT or not isinstance(tag, str):
        return "", None
    if tag not in ELEMENTS:
        return "", ""
    attributes = "".join(_get_attribute(name, element.get(name)) for name in ATTRIBUTES)
    return f"<{tag}{attributes}>", f"</{tag}>"


def _get_image(element, uris, no_image):
    scheme, _colon, name = (element.get("src") or "").strip().partition(":")
    uri = uris.get(unquote(name)) if scheme.lower() == "cid" else None
    if not uri:
        return escape(no_image, quote=False)
    return f'<img src="{uri}"{_get_attribute("alt", element.get("alt"))} style="max-width: 100%"/>'


def _get_attribute(name, value):
    return f' {name}="{escape(value)}"' if value else ""


def _clean(text):
    # control characters and halves of characters end the text for the parser
    return UNPRINTABLE.sub("", text[:LONGEST])


def get_safe_text(source: str) -> str:
    r"""Show a plain text as HTML.

    >>> get_safe_text("Hi <you>\n")
    '<div><pre>Hi &lt;you&gt;\n</pre></div>'
    """
    return f"<div><pre>{escape(_clean(source), quote=False)}</pre></div>"
