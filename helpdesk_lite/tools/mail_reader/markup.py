"""HTML of mails: what it shows, and a form of it that a sanitizer reads in linear time without losing words.

Sanitizers stop at 256 levels, and mark quotations in a time that grows with the square of an element's children.
"""

import html
import itertools
import re
from urllib.parse import unquote

import lxml.html
from lxml import etree

from . import quotes

MOST_ELEMENTS = 50_000
DEEPEST_ELEMENT = 200
MOST_CHILDREN = 150
GROUP = 100
INVISIBLE = ("script", "style", "title", "head", "template", "meta", "link", "base")
EMBEDDED = ("object", "embed", "applet")
ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
INLINE = {"a", "b", "br", "em", "font", "i", "img", "small", "span", "strike", "strong", "sub", "sup", "u", "code", "s"}
GROUPED = {
    "body", "div", "td", "th", "blockquote", "span", "font", "p", "center", "pre", "b", "i", "u", "form", "section", "article"
}  # fmt: skip
LONGEST_LINES = 200


class Page:
    """An HTML text of a mail.

    >>> page = Page("<html><head><title>t</title></head><body><p>Hi<br>you</p></body></html>")
    >>> page.has_text, page.has_images, page.html
    (True, False, '<p>Hi<br>you</p>')
    >>> Page('<img src="cid:a"><p>&nbsp;</p>').has_text, Page("").has_text, Page("<b>" * 9999 + "deep").html
    (False, False, None)

    What follows the end of the document, as footers of mailing lists do, or an element that browsers take for empty, is kept:

    >>> Page("<html><body>Hi</body></html><p>footer</p>").html, Page("<embed src=x><p>Hi</p>").html
    ('Hi<p>footer</p>', '<p>Hi</p>')
    """

    def __init__(self, text: str):
        """Parse a text.

        :param text: HTML without NUL
        """
        self.text = text
        self.body = self._parse(text)
        self.is_tame = self.body is not None and self._is_tame()
        if self.is_tame:
            self.has_text = bool("".join(itertools.islice(self.body.itertext(), 2000)).strip()) or bool(
                "".join(self.body.itertext()).strip()
            )
        else:
            self.has_text = bool(strip_tags(text).strip())

    @staticmethod
    def _parse(text):
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        try:
            # the parser drops whatever follows the end of a document
            document = lxml.html.document_fromstring(ENDS.sub("", text).encode(), parser=parser)
        except (etree.LxmlError, ValueError):
            return None
        for element in list(itertools.islice(document.iter(*INVISIBLE), MOST_ELEMENTS)):
            if element.getparent() is not None:
                element.drop_tree()
        # the parser takes the rest of the page for their content
        for element in list(itertools.islice(document.iter(*EMBEDDED), MOST_ELEMENTS)):
            if element.getparent() is not None:
                element.drop_tag()
        body = document.find("body")
        return document if body is None else body

    def _is_tame(self):
        """Whether the page has few enough elements and levels."""
        depth = 0
        for number, (event, _element) in enumerate(etree.iterwalk(self.body, events=("start", "end"))):
            depth += 1 if event == "start" else -1
            if depth > DEEPEST_ELEMENT or number > 2 * MOST_ELEMENTS:
                return False
        return True

    @property
    def has_images(self) -> bool:
        """Whether the page shows pictures."""
        return self.is_tame and next(self.body.iter("img"), None) is not None

    def get_cids(self) -> set[str]:
        """The identifiers of the pictures that the page shows, or the places of pictures of the mail."""
        if not self.is_tame:
            return set()
        return {clean_cid(image.get("src", "")) for image in self.body.iter("img")}

    def link_images(self, names: dict[str, str]) -> None:
        """Let the images that came with the mail be found by their identifiers.

        :param names: what :meth:`get_cids` has, to the identifier of a file
        """
        for image in self.body.iter("img") if self.is_tame else ():
            name = names.get(clean_cid(image.get("src", "")))
            if name:
                image.set("src", f"cid:{name}")

    @property
    def html(self) -> str | None:
        """The content of the page's body, or None for a page that nothing could show; the history is marked."""
        if not self.is_tame:
            return None
        quotes.mark_page(self.body)
        self._clean_attributes()
        self._group_children()
        pieces = [html.escape(self.body.text or "", quote=False)]
        pieces += [etree.tostring(child, encoding="unicode", method="html") for child in self.body]
        content = "".join(pieces)
        if self.body.get("dir") in ("rtl", "ltr", "auto"):
            content = f'<div dir="{self.body.get("dir")}">{content}</div>'
        return content

    def _clean_attributes(self):
        """Remove attributes that are texts of markup, which the sanitizer's expressions read again and again."""
        for element in self.body.iter(etree.Element):
            for name, value in element.items():
                if value.count("<") > 5 or len(value) > 100_000 or len(name) > 100:
                    del element.attrib[name]

    def _group_children(self):
        for element in list(self.body.iter(etree.Element)):
            if len(element) <= MOST_CHILDREN or element.tag not in GROUPED | {"table", "tbody"}:
                continue
            children = list(element)
            for start in range(0, len(children), GROUP):
                group = children[start : start + GROUP]
                if element.tag in ("table", "tbody"):
                    tag = "tbody"
                    if any(child.tag != "tr" for child in group):
                        continue
                else:
                    tag = "span" if all(child.tag in INLINE for child in group) else "div"
                wrapper = element.makeelement(tag)
                if all(child.get(quotes.MARK) for child in group):
                    wrapper.set(quotes.MARK, "1")
                element.insert(element.index(group[0]) if start else 0, wrapper)
                wrapper.extend(group)


def clean_cid(value: str) -> str:
    """What a reference to a picture and the picture's own identifier have in common.

    >>> clean_cid("cid:image%40x"), clean_cid(" <Image@X> "), clean_cid("CID:image@x")
    ('image@x', 'image@x', 'image@x')
    """
    value = unquote(value.strip().strip("<>").strip()).lower()
    return value.removeprefix("cid:")


def strip_tags(text: str) -> str:
    """The words of HTML that is too much for a parser.

    >>> strip_tags("<style>p {}</style><p>1 &lt; 2<br>3</p><<<x")
    '\\n1 < 2\\n3\\n<<<x'
    """
    text = re.sub(r"(?is)<(script|style|title)\b[^<>]*>[^<]*</\1\s*>", "", text)
    text = re.sub(r"(?i)</?(?:p|br|div|tr|li|h[1-6]|table|blockquote|pre)\b[^<>]*>", "\n", text)
    return html.unescape(re.sub(r"</?[a-zA-Z!][^<>]*>", "", text))


def plain_to_html(text: str) -> str:
    """A plain text as HTML, with its history marked.

    >>> plain_to_html("1 < 2")
    '<pre>1 &lt; 2</pre>'
    >>> plain_to_html("Ok.\\nFrom: A\\nSent: 1\\nTo: B\\nOld").replace("\\n", "|")
    '<pre>Ok.|</pre><pre data-o-mail-quote="1">From: A|Sent: 1|To: B|Old</pre>'
    """
    own, history = quotes.split_plain(text)
    mark = f' {quotes.MARK}="1"'
    return "".join(f"<pre{mark * is_old}>{_in_groups(part)}</pre>" for is_old, part in enumerate((own, history)) if part)


def _in_groups(text):
    """Escape a text; a long one in groups of lines, see above."""
    escaped = html.escape(text, quote=False)
    if escaped.count("\n") <= LONGEST_LINES:
        return escaped
    lines = escaped.splitlines(keepends=True)
    return "".join(
        f"<span>{''.join(lines[start : start + LONGEST_LINES])}</span>" for start in range(0, len(lines), LONGEST_LINES)
    )
