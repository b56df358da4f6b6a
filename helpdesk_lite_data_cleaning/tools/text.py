"""The words of a subject and a text that say what a ticket is about. Plain Python, without Odoo."""

import html
import re
import unicodedata
from functools import lru_cache

# An e-mail can have any size; it says at its beginning what it is about.
MOST_CHARACTERS = 20_000
MOST_WORDS = 80
LONGEST_WORD = 40

_LINE_BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
# Some languages are written without spaces between words: there, each character counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|(?:(?![\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[^\W_])+")
_ANSWER = re.compile(r"^\s*(?:(?:re|aw|sv|rv|res|fwd?|wg|tr|enc)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)

# A short line that begins like this is a greeting; a later short line may be a closing.
_GREETING_WORDS = (
    "hi hello hey dear greetings good morning afternoon evening team all everyone there sir madam support "
    "hola buenos buenas dias tardes noches estimado estimada estimados estimadas senor senora senores querido "
    "bonjour bonsoir hallo guten tag morgen liebe lieber sehr geehrte ola bom dia boa tarde caro cara ciao "
    "buongiorno "
)
_GREETING_STARTS = (
    "hi hello hey dear greetings hola estimado estimada estimados estimadas querido querida bonjour bonsoir "
    "hallo liebe lieber ola caro cara ciao buongiorno "
)
# These greet only together with the next word: "good morning", but not "good offer".
_GREETING_PAIRS = ("good", "buenos", "buenas", "guten", "bom", "boa")
_FAREWELLS = tuple(
    leave + " "
    for leave in (
        "best regards",
        "kind regards",
        "warm regards",
        "regards",
        "best wishes",
        "cheers",
        "sincerely",
        "yours",
        "thanks",
        "thank you",
        "many thanks",
        "sent from",
        "saludos",
        "un saludo",
        "un cordial saludo",
        "cordialmente",
        "atentamente",
        "atte",
        "gracias",
        "muchas gracias",
        "mil gracias",
        "enviado desde",
        "cordialement",
        "merci",
        "mit freundlichen",
        "freundliche grusse",
        "viele grusse",
        "danke",
        "obrigado",
        "obrigada",
        "atenciosamente",
        "cordiali saluti",
        "distinti saluti",
        "grazie",
    )
)
_SHORT_LINE = 5
# Words that only ask: they are in every ticket and say little about it, so they count for little.
_ASKING = (
    "please help want need would like know could tell can you me hi hello just try trying there anyone somebody someone "
    "understand explain assist assistance advise let thank thanks sure wondering wonder question possible able idea think "
    "really actually also so very quite still "
    "favor ayuda ayudar ayudarme quiero quisiera necesito gustaria saber podria podrian podeis puede pueden puedo decir "
    "decirme hola solo intento intentando alguien entiendo explicar explicarme gracias seguro duda pregunta posible idea creo "
    "realmente tambien muy todavia aun usted ustedes me"
)


@lru_cache(maxsize=20_000)
def fold(text):
    """Lower case without accents.

    >>> fold("Atención, señor MÜLLER")
    'atencion, senor muller'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def stem(word):
    """A folded word without the endings of plurals, so that singular and plural are the same word.

    Three rules are enough, because ``similarity.py`` compares words by their letters. The Snowball
    stemmers of English and Spanish find no more duplicates (figures in ``docs/similarity.rst``), have
    to know the language, and would be a Python package to install.

    >>> [stem(word) for word in ("invoice", "invoices", "error", "errores", "delivery", "deliveries", "gas", "4711")]
    ['invoic', 'invoic', 'error', 'error', 'deliveri', 'deliveri', 'gas', '4711']
    """
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("y"):
        word = word[:-1] + "i"
    return word


_GREETINGS = frozenset(_GREETING_WORDS.split())
_FIRST_GREETINGS = frozenset(_GREETING_STARTS.split())
ASKING_WORDS = frozenset(stem(word) for word in _ASKING.split())


def lines_of_html(source):
    """The lines that a reader of this HTML sees, from its first ``MOST_CHARACTERS`` characters.

    >>> lines_of_html("<div>Hello,<br/>the <b>printer</b> &amp; the scanner</div><p>are down</p>")
    ['Hello,', 'the printer & the scanner', 'are down']
    """
    source = (source or "")[:MOST_CHARACTERS]
    text = html.unescape(_TAG.sub(" ", _LINE_BREAK.sub("\n", source)))
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def without_courtesies(lines):
    """The lines of a text without greetings, signature and quoted lines.

    >>> without_courtesies(["Hi team,", "my parcel is late", "> we wrote", "Kind regards", "Ana Ruiz", "ACME Ltd."])
    ['my parcel is late']
    >>> without_courtesies(["Hola, buenos días:", "No puedo entrar", "-- ", "Ana"])
    ['No puedo entrar']
    >>> without_courtesies(["Thanks for nothing, the parcel is broken again"])
    ['Thanks for nothing, the parcel is broken again']
    >>> without_courtesies(["Good offer, but late", "Best price of all?", "Best", "Jo"])
    ['Good offer, but late', 'Best price of all?']
    """
    kept = []
    for line in lines:
        words = _WORD.findall(fold(line[:200]))
        if line.startswith(">"):
            continue
        if kept and (line.rstrip() in ("--", "—", "__") or _takes_leave(words)):
            break
        if _greets(words):
            if len(words) <= _SHORT_LINE and not any(word.isdigit() for word in words):
                continue
            greeting = next((at for at, word in enumerate(words) if word not in _GREETINGS), len(words))
            line = " ".join(words[greeting:]) if len(line) <= 200 else line
        if words:
            kept.append(line)
    return kept


def _greets(words):
    return bool(words) and (
        words[0] in _FIRST_GREETINGS or (words[0] in _GREETING_PAIRS and len(words) > 1 and words[1] in _GREETINGS)
    )


def _takes_leave(words):
    line = " ".join(words) + " "
    return len(words) <= _SHORT_LINE and (line == "best " or line.startswith(_FAREWELLS))


def surfaces(subject, source):
    """The words of a ticket as they were written, by their stems.

    :param str subject: plain text
    :param str source: HTML
    :return: dict of stem to its first written form, in the order of the text, at most ``MOST_WORDS``

    >>> surfaces("Re: Facturas duplicadas", "<p>Hola,</p><p>dos facturas del pedido 4711.</p>")
    {'factura': 'Facturas', 'duplicada': 'duplicadas', 'dos': 'dos', 'del': 'del', 'pedido': 'pedido', '4711': '4711'}
    >>> surfaces("😀", "") or surfaces(None, None)
    {}
    """
    subject = _ANSWER.sub("", (subject or "")[:MOST_CHARACTERS])
    found = {}
    for line in [subject, *without_courtesies(lines_of_html(source))]:
        for match in _WORD.finditer(_APOSTROPHE.sub("", unicodedata.normalize("NFC", line))):
            written = match.group()[:LONGEST_WORD]
            found.setdefault(stem(fold(written)), written)
            if len(found) == MOST_WORDS:
                return found
    return found


def words_of(subject, source):
    """The part of a ticket that is compared, as one string: the stems of its words, each once.

    >>> words_of("Invoices missing", "<p>Hello,</p><p>the invoice of May is missing.</p><p>Regards</p><p>Jo</p>")
    'invoic missing the of may is'
    """
    return " ".join(surfaces(subject, source))
