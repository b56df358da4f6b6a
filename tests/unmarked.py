"""Finds our untranslated texts among the texts that were displayed in the generated language."""

import re
from html import unescape

from devtools.i18n import pseudo
from devtools.setup import Setup

WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
# words that Odoo itself leaves in Latin letters in this language: names, units, keys …
ODOO_WORDS = re.compile(
    r"\b(Odoo|OdooBot|Enter|Esc|MB|kB|JSON|URL|ID|SMS|CC|Bcc|PDF|Excel|AI|REF\d+)\b|https?://\S+|\bhelpdesk_lite[.\w]*"
)
# … and whole texts that it does not translate; a text with Japanese letters is Odoo's, with a foreign word
ODOO_TEXTS = re.compile(
    "|".join(
        (
            r".*[\u3040-\u30ff\u4e00-\u9fff].*",
            r'Back to ".*',
            r"\d+ (Planned|Overdue|Today)",
            r"Overdue|Today|Planned|Alert|Error",
            r"Overdue \+ Today \+ Planned",
            r"To Do|esc|JA|for|on|CRM|info@yourcompany.example.com",
            r"Week \d+",
            r"Almond|Raspberry|Cyan|Teal",
            r"Facebook|LinkedIn|Logo of .*|(My Portal )?\|? ?My Website|Main|Mobile|Powered by",
            r"Next|Previous",
            r"English \(US\)",
        )
    ),
    re.DOTALL,
)
# data that are not translated: names, addresses, customers' texts
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
    "helpdesk_lite.team": ["rating_public_url"],
    # the team is named as it was called when the answer came
    "rating.rating": ["feedback", "res_name", "parent_res_name"],
    "helpdesk_lite.reply": ["shortcut", "body", "note", "activity_summary"],
    "helpdesk_lite.sla": ["name"],
    "helpdesk_lite.sla.status": ["name"],
    # words that occur in two tickets
    "helpdesk_lite.merge.record": ["explanation"],
}


def data_texts(site):
    """The texts of the demo data that are not marked, and Odoo's sample data for empty views."""
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
    """Convert a mail to the text that its reader sees."""
    text = re.sub(r"(?is)<(style|head|script).*?</\1>|<!--.*?-->", " ", str(html or ""))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def unmarked(seen, data):
    """Find displayed texts with a word outside the marks that is neither Odoo's nor data.

    A displayed text may contain a whole text of the data, but a part of one only from three words on,
    so that a label does not pass because a customer wrote the same word.

    :param seen: iterable of :class:`~crawl.Seen`
    :param data: texts of the data
    :return: a line for each finding
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
