"""Which of the texts that were seen in the generated language are words of ours that nobody translated."""

import re
from html import unescape

from devtools.i18n import pseudo
from devtools.setup import Setup

WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
# what Odoo itself leaves in Latin letters in this language: names, units, keys …
ODOO_WORDS = re.compile(
    r"\b(Odoo|OdooBot|Enter|Esc|MB|kB|JSON|URL|ID|SMS|CC|Bcc|PDF|Excel|AI|REF\d+)\b|https?://\S+|\bhelpdesk_lite[.\w]*")
# … and whole texts that it forgot; what also has Japanese letters is a sentence of Odoo's with a foreign word in it
ODOO_TEXTS = re.compile("|".join((
    r".*[\u3040-\u30ff\u4e00-\u9fff].*", r'Back to ".*', r"\d+ (Planned|Overdue|Today)",
    r"Overdue|Today|Planned|Alert|Error",
    r"Overdue \+ Today \+ Planned",
    r"To Do|esc|JA|for|info@yourcompany.example.com", r"Week \d+", r"Almond|Raspberry|Cyan|Teal",
    r"Facebook|LinkedIn|Logo of .*|(My Portal )?\|? ?My Website|Main|Mobile|Powered by", r"Next|Previous", r"English \(US\)",
)), re.DOTALL)
# what nobody translates: names, addresses, what customers wrote
DATA = {
    "helpdesk_lite.ticket": ["name", "number", "partner_name", "partner_email", "description", "properties"],
    "res.partner": ["name", "email", "function", "city", "contact_address"],
    "res.users": ["login"],
    "res.company": ["name"],
    "mail.message": ["body", "subject", "record_name", "email_from"],
    "mail.alias": ["alias_name", "alias_full_name"],
    "mail.alias.domain": ["name"],
    "ir.attachment": ["name"],
    "mail.activity": ["summary"],
    "resource.calendar": ["name"],
    # words that two tickets have in common
    "helpdesk_lite.merge.record": ["explanation"],
}


def data_texts(site):
    """The texts of the demo data, without those that are marked, and what Odoo makes up for empty views."""
    texts = {site.database, *sample_texts()}
    for model, names in DATA.items():
        for values in site.model("admin", model, "search_read", [], names, context={"active_test": False}):
            for value in values.values():
                for part in value if isinstance(value, list) else [value]:
                    texts |= {part.get("string"), part.get("value")} if isinstance(part, dict) else {plain(part)}
    return {" ".join(pseudo.without_marked(text).split()) for text in texts if isinstance(text, str)} - {""}


def sample_texts():
    folders = Setup.from_environment().odoo.addons
    source = next(path for folder in folders if (path := folder / "web/static/src/model/sample_server.js").exists())
    lists = re.findall(r"SAMPLE_(?:PEOPLE|TEXTS|COUNTRIES)\w* = \[(.*?)\]", source.read_text(), re.DOTALL)
    return {text for one in lists for text in re.findall(r'"([^"]+)"', one)} | {"sample@example.demo"}


def plain(html):
    """A mail as its reader sees it."""
    text = re.sub(r"(?is)<(style|head|script).*?</\1>|<!--.*?-->", " ", str(html or ""))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def unmarked(seen, data):
    """What was seen and has a word outside the marks that is neither Odoo's nor data.

    A whole text of the data may be part of what is shown; a part of one only from three words on,
    so that no label passes because a customer wrote its word.

    :param seen: of :class:`~crawl.Seen`
    :param data: texts
    :return: a line for each text
    """
    lines, longest = {}, sorted((text for text in data if WORD.search(text)), key=len, reverse=True)
    for one in sorted(seen, key=lambda one: (one.screen, one.text)):
        left = " ".join(pseudo.without_marked(one.text).split())
        if not WORD.search(left) or ODOO_TEXTS.fullmatch(left):
            continue
        if len(WORD.findall(left)) > 2 and any(left.rstrip(" .…") in text for text in longest):
            continue
        for text in longest:
            left = left.replace(text, " ")
        words = WORD.findall(ODOO_WORDS.sub(" ", left))
        if words and not ODOO_TEXTS.fullmatch(left.strip()):
            lines.setdefault(tuple(words), f"{one.text[:200]!r} ({', '.join(words)}) on {one.screen}, in {one.where}")
    return list(lines.values())
