"""What Odoo's own translations say for the same English text."""

from pathlib import Path

from . import catalog as catalogs

# whose texts ours repeat, the nearest first: labels of mixins, then what other apps say
MODULES = ("mail", "portal", "resource", "rating", "sms", "base", "web", "project", "crm", "data_recycle", "website")


def odoo_wording(language, addons_paths):
    """``{English text: translation}`` from Odoo's own files of a language.

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
    """What Odoo's files of a variant say otherwise, for texts whose translation in ``base`` is Odoo's own.

    :param str language: ``es_419``
    :param PoFile base: our file of the language that it falls back to
    """
    ours, common = base.translations(), odoo_wording(base.language, addons_paths)
    return {
        text: said for text, said in odoo_wording(language, addons_paths).items()
        if ours.get(text) == common.get(text) != said
    }


def fill(po, words):
    """Give texts without a translation the one that Odoo has for them.

    :return: how many there were
    """
    empty = [entry for entry in po.entries() if not entry.msgstr and words.get(entry.msgid)]
    for entry in empty:
        entry.msgstr = words[entry.msgid]
    return len(empty)
