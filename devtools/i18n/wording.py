"""Odoo's own translations of the same English texts."""

from pathlib import Path

from . import catalog as catalogs

# modules with texts that ours repeat, in the order of preference: labels of mixins, then other apps
MODULES = ("mail", "portal", "resource", "rating", "sms", "base", "web", "project", "crm", "data_recycle", "website")


def odoo_wording(language, addons_paths):
    """Read ``{English text: translation}`` from Odoo's own files of a language.

    :param str language: code as in the name of the file
    :param addons_paths: the folders with Odoo's addons
    """
    words = {}
    for module in MODULES:
        for folder in addons_paths:
            path = Path(folder) / module / "i18n" / f"{language}.po"
            if path.exists():
                words = catalogs.read(path).translations() | words
                break
    return words


def odoo_variant(language, base, addons_paths):
    """Find translations in Odoo's files of a variant that differ, for texts whose translation in ``base`` is Odoo's.

    :param str language: ``es_419``
    :param PoFile base: our file of the language that it falls back to
    """
    ours, common = base.translations(), odoo_wording(base.language, addons_paths)
    return {
        text: said for text, said in odoo_wording(language, addons_paths).items() if ours.get(text) == common.get(text) != said
    }


def fill(po, words):
    """Fill in Odoo's translations where ours are missing.

    :return: the number of filled texts
    """
    empty = [entry for entry in po.entries() if not entry.msgstr and words.get(entry.msgid)]
    for entry in empty:
        entry.msgstr = words[entry.msgid]
    return len(empty)
