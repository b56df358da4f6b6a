"""Who wrote a mail that somebody else forwarded.

Mail programs put the headers of the forwarded mail in front of its text, in the language of the person who forwards: Gmail,
Thunderbird and Apple Mail with a line that says so, Outlook with no more than a word in the subject. Outlook puts the same
headers in front of the mail that an answer quotes, so they alone prove nothing.
"""

import re
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import NamedTuple

from lxml import html as lxml_html
from lxml.etree import LxmlError

# English, Spanish, German, French, Italian, Portuguese, Dutch, Polish
LABELS = {
    "from": "from de von da mittente van od nadawca remetente expéditeur afzender",
    "date": "date sent fecha enviado enviado_el enviado_em enviada enviada_em datum gesendet gesendet_am envoyé envoyé_le data "
    "inviato inviato_il verzonden wysłano data_wysłania",
    "to": "to para an à pour a aan do adresat destinatario destinataire",
    "subject": "subject asunto betreff objet sujet oggetto assunto onderwerp temat",
    "other": "cc cco kopie copie copia kopia dw bcc reply-to antwort_an responder_a répondre_à rispondi_a odpowiedz_do "
    "organization importance attachment attachments",
}
LABEL = re.compile(
    r"^[>\s*_]*(?:%s)[\s*_]*[:：][\s*_]*(?P<value>.*)$"
    % "|".join(f"(?P<{name}>{words.replace(' ', '|').replace('_', ' ')})" for name, words in LABELS.items()),
    re.IGNORECASE,
)
MARKER = re.compile(
    r"""^[-–—_=*\s]*(?:
        (?:begin\ )?forwarded\ (?:message|mail|e-?mail)
      | (?:inicio\ del\ )?mensaje\ reenviado
      | (?:anfang\ der\ )?weitergeleiteten?\ (?:nachricht|e-?mail)
      | (?:début\ du\ )?message\ (?:transféré|réexpédié|suivi) | (?:début\ de\ )?(?:l['’])?e-?mail\ transféré
      | (?:inizio\ )?(?:del\ )?messaggio\ inoltrato
      | (?:início\ da\ )?mensagem\ (?:re)?encaminhada
      | (?:begin\ )?doorgestuurd\ (?:bericht|e-?mail)
      | (?:początek\ )?(?:przekazanej|przekazywanej|przekazana|przesłana|przesłanej|treść\ przekazanej)\ wiadomoś(?:ci|ć)
      | treść\ przekazanej\ wiadomości
    )[-–—_=*\s:]*$""",
    re.VERBOSE | re.IGNORECASE,
)
# words of the lines above, however their accents are written: spares most mails the reading
HINT = re.compile(
    r"forward|reenviad|weitergeleitet|transf|r.{1,8}exp|message suivi|inoltrat|encaminhad|doorgestuurd|przekaz|przes",
    re.IGNORECASE,
)
FORWARD = re.compile(r"^\s*(?:\[[^\[\]]{0,40}\]\s*)*(?:fwd?|fw|wg|wtr|tr|rv|reenv|i|enc|doorst|pd)\s*:\s*", re.IGNORECASE)
ANSWER = re.compile(r"^\s*(?:\[[^\[\]]{0,40}\]\s*)*(?:re|aw|antw|sv|r|rif|res|odp|ref|rép)\s*:", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@]+@[^\s<>()\[\]:;,\"'@]+\.[^\s<>()\[\]:;,\"'@]+")

BLOCKS = {
    *("address", "article", "blockquote", "body", "center", "div", "dd", "dl", "dt", "fieldset", "footer", "form", "header"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "tbody", "tr", "ul"),
}
SILENT = frozenset(("style", "script", "head", "title", "template"))
# what is looked at: remarks in front of a forwarded mail are short
LONGEST, MOST_LINES, MOST_HEADERS, WRAPPED = 500_000, 400, 14, 3


class Original(NamedTuple):
    """The mail that was forwarded: its sender, its subject or "", and its own text as HTML or None when it is not known."""

    name: str
    email: str
    subject: str
    body: str | None


class Line(NamedTuple):
    text: str
    # where it begins: an element, whether in its text or in its tail, and at which character
    element: object
    in_tail: bool
    offset: int


def without_prefix(subject):
    """A subject without the words that mail programs put in front of it when they forward.

    >>> without_prefix("WG: Fwd: My lamp"), without_prefix("[Lamps] I: lampada"), without_prefix("Fwd:")
    ('My lamp', 'lampada', '')
    """
    while match := FORWARD.match(subject or ""):
        subject = subject[match.end() :]
    return subject or ""


def is_forward(subject):
    """Whether the subject says that a mail is forwarded."""
    return bool(FORWARD.match(subject or ""))


def find_inline(subject, body):
    """Find the mail that another one forwards in its text.

    :param str subject: of the mail, decoded
    :param str body: its HTML
    :return: :class:`Original`, or None when nothing says that a mail is forwarded, or not who wrote it

    >>> headers = "<div>From: Zoe &lt;zoe@quill.example&gt;<br>Sent: Monday<br>Subject: My lamp</div>"
    >>> find_inline("Fwd: My lamp", f"<p>Please help</p>{headers}")[:3]
    ('Zoe', 'zoe@quill.example', 'My lamp')
    >>> find_inline("Re: My lamp", "<pre>From: zoe@quill.example\\nSent: Monday\\nSubject: My lamp</pre>")
    """
    body = str(body or "")[:LONGEST]
    if ANSWER.match(subject or "") or "@" not in body or not (is_forward(subject) or HINT.search(body)):
        return None
    root = _parse(body)
    if root is None:
        return None
    lines = _read_lines(root)
    for number in range(len(lines)):
        if LABEL.match(lines[number].text):
            headers = _read_headers(lines, number)
            if len(headers.keys() - {"other"}) >= 3 and "from" in headers:
                break
    else:
        return None
    marked = any(MARKER.match(line.text) for line in lines[max(number - 2, 0) : number])
    if not marked and not is_forward(subject):
        return None
    sender = _read_sender(headers["from"])
    if not sender:
        return None
    _cut(root, lines[number])
    return Original(*sender, headers.get("subject", ""), lxml_html.tostring(root, encoding="unicode"))


def find_attached(subject, body, files):
    """Find the mail that another one forwards as a file.

    :param str subject: of the mail, decoded
    :param str body: its HTML
    :param list files: the mails that are attached, as bytes
    :return: the forwarded one, or None when there is none, several, or one that the mail is about

    >>> inner = b"From: zoe@quill.example\\nSubject: My lamp\\n\\nIt is broken."
    >>> find_attached("Fwd: My lamp", "Please help", [inner]) is inner
    True
    >>> find_attached("Is this phishing?", "They want my password", [inner])
    """
    if ANSWER.match(subject or "") or len(files) != 1:
        return None
    if is_forward(subject) or not re.sub(r"<[^<>]*>|&nbsp;|\s|\xa0", "", str(body or "")[:LONGEST]):
        return files[0]
    header = re.split(rb"\r?\n\r?\n", files[0][:LONGEST], maxsplit=1)[0]
    theirs = re.search(rb"^Subject:[ \t]*(.*(?:\r?\n[ \t].*)*)", header, re.IGNORECASE | re.MULTILINE)
    return files[0] if theirs and _decode(theirs[1]) == " ".join((subject or "").split()) else None


def _decode(value):
    """The text of a header.

    >>> _decode(b"=?utf-8?q?M=C3=BCller?=\\r\\n and son")
    'Müller and son'
    """
    try:
        text = str(make_header(decode_header(value.decode("utf-8", "replace"))))
    except (LookupError, ValueError):
        # an unknown character set, or a broken encoding
        return ""
    return " ".join(text.split())


def _parse(body):
    """The elements of a mail's HTML in a ``div``, or None when there are none."""
    try:
        root = lxml_html.document_fromstring(body).find("body")
    except (LxmlError, ValueError):
        return None
    if root is not None:
        root.tag = "div"
        root.attrib.clear()
    return root


def _read_lines(root):
    """The first lines of a document that are not blank, with the places where they begin."""
    lines, words, start, preformatted = [], [], None, 0

    def end():
        nonlocal start
        if text := " ".join("".join(words).split()):
            lines.append(Line(text, *start))
        words.clear()
        start = None

    def read(text, element, in_tail):
        nonlocal start
        offset = 0
        for number, piece in enumerate((text or "").split("\n") if preformatted else [text or ""]):
            if number:
                end()
            if piece.strip() and start is None:
                start = (element, in_tail, offset)
            words.append(piece)
            offset += len(piece) + 1

    skipped = None
    stack = [(root, False)]
    while stack and len(lines) < MOST_LINES:
        element, closing = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else None
        if not closing:
            if tag in BLOCKS or tag == "br":
                end()
            elif tag in ("td", "th"):
                words.append(" ")
            skipped = tag is None or tag in SILENT
            preformatted += tag == "pre"
            stack.append((element, True))
            if not skipped:
                read(element.text, element, False)
                stack.extend((child, False) for child in reversed(element))
            continue
        preformatted -= tag == "pre"
        if tag in BLOCKS:
            end()
        elif tag in ("td", "th"):
            words.append(" ")
        if element is not root:
            read(element.tail, element, True)
    end()
    return lines


def _read_headers(lines, number):
    """The headers that begin with a line: ``{name: value}``."""
    headers, name, wrapped = {}, None, 0
    for line in lines[number : number + MOST_HEADERS]:
        if match := LABEL.match(line.text):
            name = next(key for key in LABELS if match[key])
            headers.setdefault(name, match["value"].strip(" *_"))
            wrapped = 0
        elif headers.keys() >= {"from", "date", "to", "subject"} or wrapped == WRAPPED:
            break
        elif name:
            wrapped += 1
            if name == "from" and "@" not in headers[name]:
                headers[name] += " " + line.text
    return headers


def _read_sender(value):
    """The name and the address of the header From, however the program writes them.

    >>> [_read_sender(value) for value in ('"Quill, Zoe" <Zoe@quill.example>', "Zoe [mailto:zoe@quill.example]")]
    [('Quill, Zoe', 'zoe@quill.example'), ('Zoe', 'zoe@quill.example')]
    >>> _read_sender("Zoe Quill")
    """
    value = value[:500]
    match = ADDRESS.search(value.replace("mailto:", " "))
    if not match:
        return None
    name = re.split(r"[<\[(]", value)[0] if re.search(r"[<\[(]", value) else value[: value.find(match[0])]
    name = re.sub(r"(?:mailto:|[\"*_])", "", name).strip(" '‘’“”,;")
    address = parseaddr(match[0])[1].lower().rstrip(".")
    return ("" if "@" in name else name, address) if address else None


def _cut(root, line):
    """Take out all that stands in front of a line."""
    element, at_tail, offset = line.element, line.in_tail, line.offset
    if at_tail:
        parent, tail = element.getparent(), (element.tail or "")[offset:]
        while parent[0] is not element:
            parent.remove(parent[0])
        parent.remove(element)
        parent.text, element = tail, parent
    else:
        element.text = (element.text or "")[offset:]
    while element is not root:
        parent = element.getparent()
        while parent[0] is not element:
            parent.remove(parent[0])
        parent.text, element = None, parent
