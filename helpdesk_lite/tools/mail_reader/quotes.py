"""The history that Outlook and others put below an answer, so that it can be folded as that of Gmail is.

Such programs quote with a block of header lines, in the language of the program, and with nothing that a sanitizer
would recognise. A block that nothing precedes is a forwarded mail: that is what its sender has to say.
"""

import itertools
import re

from lxml import etree

MARK = "data-o-mail-quote"
# en, es, de, fr, it, pt, nl, pl
FROM = "From|De|Von|Da|Van|Od"
SENT = (
    "Sent|Date|Enviado(?: el| em)?|Enviada(?: em)?|Fecha|Gesendet(?: am)?|Datum|Envoyé(?: le)?"
    "|Inviato(?: il)?|Data|Verzonden(?: op)?|Wysłan[eoy]"
)
ABOUT = "To|Para|An|À|A|Aan|Do|Cc|Kopie|DW|Subject|Asunto|Betreff|Objet|Oggetto|Assunto|Onderwerp|Temat"
FROM_LINE = re.compile(rf"[\s*>]*(?:{FROM})[ \xa0]?\*?[ \xa0]?:", re.IGNORECASE)
BLOCK = re.compile(
    rf"[\s*]*(?:{FROM})[ \xa0]?\*?[ \xa0]?:[^\n]{{1,500}}\n"
    rf"(?:[^\n]{{0,500}}\n){{0,2}}?[\s*]{{0,9}}(?:{SENT})[ \xa0]?\*?[ \xa0]?:[^\n]{{1,300}}\n"
    rf"(?:[^\n]{{0,500}}\n){{0,3}}?[\s*]{{0,9}}(?:{ABOUT})[ \xa0]?\*?[ \xa0]?:",
    re.IGNORECASE,
)
# a line above the block, which belongs to it
RULE = re.compile(r"\s*(_{10,}|-{2,}\s*[^-\n]{3,60}\s*-{2,}|-{10,})\s*")
BREAKS = {"br", "p", "div", "tr", "li", "td", "table", "blockquote", "hr", "pre", "h1", "h2", "h3", "h4", "ul", "ol"}
LONGEST_BLOCK = 3000
MOST_LABELS = 50


def split_plain(text: str) -> tuple[str, str]:
    r"""Split a text where the quoted history begins.

    :return: the words of the sender and the history; the history is empty when there is none

    >>> split_plain("Danke!\n\n-----Ursprüngliche Nachricht-----\nVon: A\nGesendet: heute\nAn: B\nBetreff: C\n\nAlt")[1][:10]
    '-----Urspr'
    >>> split_plain("From: A\nSent: today\nTo: B\n\nForwarded")
    ('From: A\nSent: today\nTo: B\n\nForwarded', '')
    >>> split_plain("From: the shop\nDate: tomorrow\nI will come.")[1]
    ''
    """
    start, labels = 0, 0
    while True:
        end = text.find("\n", start)
        if end < 0 or labels > MOST_LABELS:
            return text, ""
        if FROM_LINE.match(text[start : min(end, start + 40)]):
            labels += 1
            if BLOCK.match(text[start : start + LONGEST_BLOCK]):
                break
        start = end + 1
    own = text[:start]
    above = own.rstrip("\n \t\r").rpartition("\n")
    if RULE.fullmatch(above[2][:200]):
        own = above[0] + above[1]
    if not own.strip():
        return text, ""
    return own, text[len(own) :]


def mark_page(body) -> bool:
    """Mark the history in an HTML mail: the block of header lines and all that follows it.

    :param lxml.html.HtmlElement body: the page's body; is changed
    :return: whether there is a history
    """
    for element, text, is_tail in itertools.islice(_find_labels(body), MOST_LABELS):
        if BLOCK.match(_read_on(element, body, is_tail)):
            if is_tail:
                element.tail = None
                label = element.makeelement("span")
                label.text = text
                element.addnext(label)
                element = label
            if not _has_words_before(element, body):
                return False
            _mark_from(element, body)
            return True
    return False


def _find_labels(body):
    """Where a text begins with the label of the sender: the element, the text, whether it follows the element."""
    for element in body.iter(etree.Element):
        for text, is_tail in ((element.text, False), (element.tail, True)):
            if text and FROM_LINE.match(text.lstrip()[:40] + ":") and not (is_tail and element is body):
                yield element, text, is_tail


def _read_on(element, body, is_tail):
    """The text from an element on, with line ends where a browser breaks lines and none elsewhere."""
    out, length = [], 0
    for piece in _read_pieces(element, body, is_tail):
        piece = piece if piece == "\n" else re.sub(r"[ \t\r\n]+", " ", piece[:LONGEST_BLOCK])
        out.append(piece)
        length += len(piece)
        if length > LONGEST_BLOCK:
            break
    return re.sub(r"\n\s*", "\n", "".join(out)).lstrip()


def _read_pieces(element, body, is_tail):
    while element is not None and element is not body:
        if not is_tail:
            for event, node in etree.iterwalk(element, events=("start", "end")):
                if node.tag in BREAKS:
                    yield "\n"
                if event == "start":
                    yield node.text or ""
                elif node is not element:
                    yield node.tail or ""
        yield element.tail or ""
        following = element.getnext()
        while following is None and element is not None and element is not body:
            element = element.getparent()
            if element is None or element is body:
                return
            yield "\n" if element.tag in BREAKS else ""
            yield element.tail or ""
            following = element.getnext()
        element, is_tail = following, False


def _has_words_before(label, body):
    """Whether the sender wrote or showed something above an element."""
    for event, node in etree.iterwalk(body, events=("start", "end")):
        if node is label:
            return False
        words = node.text if event == "start" else node.tail
        if node.tag == "img" or ((words or "").strip() and not RULE.fullmatch(words[:200])):
            return True
    return False


def _mark_from(node, body):
    """Mark an element and all that follows it, with the frame and the line around the block."""
    while node.getprevious() is None and (parent := node.getparent()) is not body and not (parent.text or "").strip():
        node = parent
    above = node.getprevious()
    is_rule = above is not None and (above.tag == "hr" or RULE.fullmatch("".join(above.itertext())[:200]))
    if is_rule and not (above.tail or "").strip():
        above.set(MARK, "1")
    node.set(MARK, "1")
    while node is not body:
        _mark_tail(node)
        for sibling in list(node.itersiblings()):
            sibling.set(MARK, "1")
            _mark_tail(sibling)
        node = node.getparent()


def _mark_tail(node):
    if (node.tail or "").strip():
        span = node.makeelement("span", {MARK: "1"})
        span.text, node.tail = node.tail, None
        node.addnext(span)
