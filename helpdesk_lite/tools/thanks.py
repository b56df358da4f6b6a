"""Whether a customer only says thank you, in any of a few languages, without Odoo."""

import re

from lxml import etree, html

MOST_WORDS = 12
WORD = re.compile(r"[^\W\d_]+")
# words of which a thank-you may consist; it needs one of the first line of its language
LANGUAGES = (
    (
        "thanks thank thx ty cheers",
        "you very much so a lot many for your the help support answer reply quick great perfect ok okay all "
        "good again and it works now that was super nice hi hello dear team best regards kind everyone guys",
    ),
    (
        "gracias",
        "muchas mil muchísimas por su tu vuestra la el ayuda respuesta rápida todo perfecto ok vale muy bien de nuevo y "
        "ya funciona hola estimado equipo saludos un saludo cordial atentamente genial",
    ),
    (
        "danke dankeschön",
        "vielen schön sehr für die ihre deine schnelle hilfe antwort super perfekt ok alles gut und es jetzt "
        "funktioniert hallo liebes team viele grüße mit freundlichen herzlichen",
    ),
    (
        "merci",
        "beaucoup bien pour votre ton la le réponse aide rapide parfait ok super tout est et bonjour cordialement à "
        "vous équipe ça marche",
    ),
    ("grazie", "mille molte per la vostra tua il risposta aiuto rapida perfetto ok tutto bene ciao salve cordiali saluti e"),
    ("obrigado obrigada", "muito pela pelo sua ajuda resposta rápida perfeito ok tudo bem olá cumprimentos e"),
    ("gràcies", "moltes mil per la seva vostra ajuda resposta ràpida perfecte ok d acord molt bé hola salutacions i"),
    (
        "bedankt dank",
        "je u wel heel veel hartelijk voor de het uw snelle antwoord hulp reactie top prima ok hallo groeten met vriendelijke",
    ),
)
ALLOWED = tuple((frozenset(core.split()), frozenset(core.split()) | frozenset(more.split())) for core, more in LANGUAGES)


def is_thanks(body: str, name: str = "") -> bool:
    """Whether a message is a thank-you and nothing else: few words, all of them of one language's list, and no question.

    :param body: HTML; what it quotes does not count
    :param name: of the author, who may sign

    >>> is_thanks("<p>Thank you very much!</p>"), is_thanks("<p>¡Muchas gracias!<br>Zoe</p>", "Zoe Quill")
    (True, True)
    >>> is_thanks("<p>Thanks</p><blockquote>Dear Zoe, the parcel is on its way.</blockquote>")
    True
    >>> [is_thanks(text) for text in ("Thanks, but it does not work", "Thanks?", "ok", "", "Danke für die schnelle Rechnung")]
    [False, False, False, False, False]
    >>> is_thanks("thanks " * 13)
    False
    """
    text = _get_own_text(body)
    words = [word.lower() for word in WORD.findall(text)]
    if "?" in text or not words or len(words) > MOST_WORDS or re.search(r"\d", text):
        return False
    signature = {word.lower() for word in WORD.findall(name or "")}
    return any(words_of & set(words) and set(words) <= allowed | signature for words_of, allowed in ALLOWED)


def _get_own_text(body: str) -> str:
    if not (body or "").strip():
        return ""
    try:
        tree = html.fragment_fromstring(body, create_parent="div")
    except etree.ParserError:
        return ""
    for quote in tree.xpath("//*[@data-o-mail-quote] | //*[@data-o-mail-quote-node] | //blockquote | //img[@src]"):
        if quote.getparent() is not None:
            quote.drop_tree()
    return " ".join(tree.itertext())
