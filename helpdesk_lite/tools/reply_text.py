"""Placeholders in texts that agents write, such as ``{{customer.first_name|there}}``: found, checked and replaced.

Nothing is evaluated. What a placeholder stands for comes from a dict, and is put into the text as text: a customer's name
is inert, whatever is in it, also another placeholder.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree, html

PLACEHOLDER = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|\s*([^{}|]*?)\s*)?\}\}")
BRACES = re.compile(r"\{\{|\}\}")
IN_ADDRESS = re.compile(r"\{\{|%7B%7B", re.IGNORECASE)
SPACES = re.compile(r"\s+")
# characters that XML does not have, and those that turn the direction of the text that follows
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
DANGEROUS_TAGS = frozenset(
    {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "link", "meta", "base"}
)
DANGEROUS_ADDRESS = re.compile(r"^\s*(javascript|vbscript|data:text)", re.IGNORECASE)


class Link(str):
    """A value that becomes a link to itself."""


class Problem(NamedTuple):
    """What is wrong with a text: ``unknown`` (a name), ``broken`` (braces), ``address`` (in a link) or ``script`` (a tag)."""

    kind: str
    what: str


class Rendered(NamedTuple):
    """A text without placeholders, and the names of those for which there was neither a value nor a substitute."""

    body: str
    missing: list[str]


def render(body: str, values: Mapping[str, str]) -> Rendered:
    """Replace the placeholders of a text.

    >>> render("<p>Hi {{customer.first_name|there}},</p>", {"customer.first_name": "<b>{{x}}</b>"}).body
    '<p>Hi &lt;b&gt;{{x}}&lt;/b&gt;,</p>'
    >>> render("<p>Hi {{ customer.first_name | there }},<br>bye</p>", {}).body
    '<p>Hi there,<br>bye</p>'
    >>> render("<p>Hi {{customer.first_name}}</p>", {"customer.first_name": ""})
    Rendered(body='<p>Hi </p>', missing=['customer.first_name'])
    >>> render("<p>See {{ticket.url}}.</p>", {"ticket.url": Link("https://x.example/1?a&b")}).body
    '<p>See <a href="https://x.example/1?a&amp;b">https://x.example/1?a&amp;b</a>.</p>'

    :param body: HTML
    :param values: of placeholders, as plain text; a :class:`Link` becomes a link
    """
    root = _parse(body)
    missing: list[str] = []
    for element in list(root.iter()):
        if element.text and isinstance(element.tag, str):
            _place(element, _split(element.text, values, missing), inside=True)
        if element.tail and element is not root:
            _place(element, _split(element.tail, values, missing), inside=False)
    return Rendered(_write(root), missing)


def find_problems(body: str, is_known) -> list[Problem]:
    """What is wrong with the placeholders of a text, and what in it is no text.

    >>> names = {"customer.name"}.__contains__
    >>> find_problems("<p>{{customer.name}} {{customer.nam|x}}</p>", names)
    [Problem(kind='unknown', what='customer.nam')]
    >>> find_problems("<p>{{customer.<b>name</b>}}</p>", names)[0].kind
    'broken'
    >>> find_problems('<a href="https://x.example/{{customer.name}}">x</a>', names)[0].kind
    'address'
    >>> [problem.what for problem in find_problems('<p onclick="x()">a</p><script>x()</script>', names)]
    ['onclick', 'script']

    :param body: HTML as it was typed
    :param is_known: whether there is a placeholder of a name, ``Callable[[str], bool]``
    """
    problems: list[Problem] = []
    for element in _parse(body).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in DANGEROUS_TAGS:
            problems.append(Problem("script", element.tag))
        for name, value in element.attrib.items():
            if name.startswith("on"):
                problems.append(Problem("script", name))
            elif DANGEROUS_ADDRESS.match(value):
                problems.append(Problem("script", value.strip().partition(":")[0]))
            elif IN_ADDRESS.search(value):
                problems.append(Problem("address", name))
    for text in _parse(body).itertext():
        for match in PLACEHOLDER.finditer(text):
            if not is_known(normalize(match[1])):
                problems.append(Problem("unknown", match[1]))
        if BRACES.search(PLACEHOLDER.sub("", text)):
            problems.append(Problem("broken", SPACES.sub(" ", text).strip()[:60]))
    return problems


def normalize(name: str) -> str:
    r"""The name of a placeholder as it is looked up.

    >>> normalize(" Property.Order\u00a0 Number")
    'property.order number'
    """
    return SPACES.sub(" ", name).strip().lower()


def clean(value) -> str:
    r"""A value without characters that are no text.

    >>> clean("Zo\u202ee\x00")
    'Zoe'
    >>> clean(None)
    ''
    """
    return NO_TEXT.sub("", str(value)) if value not in (None, False) else ""


def first_name(name: str) -> str:
    """The name by which somebody is greeted; empty when that is not known.

    >>> [first_name(name) for name in ("Zoe Quill", "Quill, Zoe", "zoe@quill.example", "Dr. Zoe Quill", "")]
    ['Zoe', 'Zoe', '', 'Zoe', '']
    """
    if "@" in name:
        return ""
    _family, comma, given = name.partition(",")
    words = [word for word in (given if comma else name).split() if not word.endswith(".")]
    return words[0] if words else ""


def _split(text, values, missing):
    pieces, end = [], 0
    for match in PLACEHOLDER.finditer(text):
        value = values.get(normalize(match[1]), "")
        if not value:
            value = match[2] or ""
            if not match[2]:
                missing.append(" ".join(match[1].split()))
        pieces += [text[end : match.start()], value]
        end = match.end()
    return [*pieces, text[end:]]


def _place(element, pieces, inside):
    """Put text and links in the place of the text of an element, or of the text behind it."""
    parent, last = (element, None) if inside else (element.getparent(), element)
    if inside:
        element.text = ""
    else:
        element.tail = ""
    for piece in pieces:
        if isinstance(piece, Link):
            link = etree.Element("a", href=clean(piece))
            link.text = clean(piece)
            link.tail = ""
            parent.insert(0 if last is None else parent.index(last) + 1, link)
            last = link
        elif last is None:
            parent.text += clean(piece)
        else:
            last.tail += clean(piece)


def _parse(body):
    try:
        return html.fragment_fromstring(NO_TEXT.sub("", body or ""), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError):
        return html.fragment_fromstring("", create_parent="div")


def _write(root):
    text = etree.tostring(root, encoding="unicode", method="html")
    return text[len("<div>") : -len("</div>")]
