"""The translations and their checks.

Correct failures with a PO editor and ``./dev i18n``, see ``i18n/README.rst``.
"""

import ast
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from odoo.tools.translate import PoFileReader

from devtools import project
from devtools.i18n import catalog, checks, wording
from devtools.i18n.glossary import Glossary

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "helpdesk_lite"
GLOSSARY = Glossary.read(ROOT / "i18n/glossary.csv")
BRITISH = checks.read_spellings(ROOT / "i18n/british.csv")

POT = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#. module: some_addon
#: model_terms:ir.ui.view,arch_db:some_addon.page
msgid "<strong>Close</strong> the ticket"
msgstr ""

#. module: some_addon
#. odoo-python
#: code:addons/some_addon/models/ticket.py:0
msgid "The team “%(team)s” has %(count)s tickets."
msgstr ""

#. module: some_addon
#: model:ir.model.fields,field_description:some_addon.field_ticket__user_id
#: model:ir.model.fields,field_description:some_addon.field_lead__user_id
msgid "Unassigned"
msgstr ""
"""
ES = POT.replace('"Content', '"Language: es\\n"\n"Content', 1)
for text, said in {
    "<strong>Close</strong> the ticket": "<strong>Cerrar</strong> el ticket",
    "The team “%(team)s” has %(count)s tickets.": "El equipo «%(team)s» tiene %(count)s tickets.",
    "Unassigned": "No asignado",
}.items():
    ES = ES.replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{said}"')
LATIN = POT.replace('msgid "Unassigned"\nmsgstr ""', 'msgid "Unassigned"\nmsgstr "Sin asignar"')


@pytest.fixture
def addon(tmp_path):
    """A small addon with correct translations."""
    folder = tmp_path / "some_addon/i18n"
    folder.mkdir(parents=True)
    for name, content in {"some_addon.pot": POT, "es.po": ES, "es_419.po": LATIN, "en_GB.po": POT}.items():
        (folder / name).write_text(content)
    return folder


def found(folder, pot=None, wrong=True):
    """The findings of the checks in an addon, without its folder."""
    return [
        problem.said(folder) for problem in checks.check_addon(folder.parent, GLOSSARY, BRITISH, pot) if problem.wrong == wrong
    ]


def change(path, old, new):
    assert path.read_text().count(old) == 1, f"{old} stands in {path.name} once"
    path.write_text(path.read_text().replace(old, new))


# OUR TRANSLATIONS


@pytest.mark.parametrize("name", project.addons())
def test_translations_are_complete_and_consistent(name, fresh_texts):
    problems = [
        problem.said(ROOT) for problem in checks.check_addon(ROOT / name, GLOSSARY, BRITISH, fresh_texts[name]) if problem.wrong
    ]
    assert not problems, "the translations need work (i18n/README.rst says how):\n" + "\n".join(problems)


@pytest.mark.parametrize("name", project.addons())
def test_merging_changes_nothing_in_files_that_are_up_to_date(name, tmp_path):
    shutil.copytree(ROOT / name / "i18n", tmp_path / name / "i18n")
    pot = catalog.read(tmp_path / name / "i18n" / f"{name}.pot")
    for path in sorted((tmp_path / name / "i18n").glob("*.po")):
        po = catalog.read(path)
        catalog.merge(po, pot)
        po.write()
        assert path.read_text() == (ROOT / name / "i18n" / path.name).read_text(), f"run ./dev i18n: {path.name}"


@pytest.mark.parametrize("name", project.addons())
def test_odoo_reads_every_translation_that_we_wrote(name):
    """Compare every text, at every place that the file names."""
    for path in sorted((ROOT / name / "i18n").glob("*.po")):
        ours = catalog.read(path)
        theirs = list(PoFileReader(str(path)))
        assert {row["src"]: row["value"] for row in theirs if row["value"]} == ours.translations()
        places = Counter(row["src"] for row in theirs if row["type"] != "code")
        assert places == Counter(
            {
                entry.msgid: count
                for entry in ours.entries()
                if (count := sum(place.startswith("model") for place, _line in entry.occurrences))
            }
        )
        in_code = {row["src"] for row in theirs if row["type"] == "code"}
        assert in_code == {
            entry.msgid for entry in ours.entries() if any(place.startswith("code:") for place, _line in entry.occurrences)
        }


# TEXTS THAT AN EXPORT DOES NOT FIND

ERRORS = ("UserError", "ValidationError", "AccessError", "MissingError", "RedirectWarning")
POSTING = ("message_post", "message_notify", "_message_log", "_message_log_batch")


def literal_texts(path):
    """Find lines of a Python file with a message to users that cannot be translated."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            told = (
                node.args[:1]
                if name in ERRORS
                else [keyword.value for keyword in node.keywords if name in POSTING and keyword.arg in ("body", "subject")]
            )
            for text in told:
                if isinstance(text, ast.JoinedStr) or (isinstance(text, ast.Constant) and text.value):
                    yield node.lineno


@pytest.mark.parametrize("name", project.addons())
def test_errors_and_messages_are_translatable(name):
    paths = [path for path in sorted((ROOT / name).rglob("*.py")) if "tests" not in path.parts]
    found = [f"{path.relative_to(ROOT)}:{line}" for path in paths for line in literal_texts(path)]
    assert not found, f"texts that no translation can reach, use self.env._(): {found}"


def test_the_guides_have_the_same_headings():
    for english, spanish in (("docs/guide.rst", "docs/guide.es.rst"), ("i18n/README.rst", "i18n/README.es.rst")):
        underlines = [re.findall(r"^([=-])\1{3,}$", (ROOT / path).read_text(), re.MULTILINE) for path in (english, spanish)]
        assert underlines[0] == underlines[1], f"{spanish} tells what {english} tells"


# FINDINGS OF THE CHECKS


def test_nothing_is_wrong_with_a_correct_addon(addon):
    assert found(addon) == []


def test_broken_placeholder(addon):
    change(addon / "es.po", "tiene %(count)s tickets", "tiene %(cuenta)s tickets")
    line = (addon / "es.po").read_text().split("The team")[0].count("\n") + 1
    assert found(addon) == [
        f"es.po:{line}: placeholder: %(count)s is missing (translation of “The team “%(team)s” has %(count)s tickets.”): "
        "such words are replaced by a name or a number, they are copied exactly",
        f"es.po:{line}: placeholder: %(cuenta)s is not in the English text (translation of “The team “%(team)s” has "
        "%(count)s tickets.”): such words are replaced by a name or a number, they are copied exactly",
    ]


def test_percent_sign_that_is_taken_for_a_placeholder(addon):
    """Python takes a percent sign, a space and a letter for a placeholder, and formatting the message fails."""
    change(addon / "es.po", "tiene %(count)s tickets", "tiene el 100 % de %(count)s tickets")
    (problem,) = found(addon)
    assert ": placeholder: the translation of “The team “%(team)s” has %(count)s tickets.” does not fit: " in problem


@pytest.mark.parametrize("said", ["<strong>Cerrar el ticket", "<b>Cerrar</b> el ticket", "Cerrar el ticket"])
def test_broken_tags(addon, said):
    change(addon / "es.po", "<strong>Cerrar</strong> el ticket", said)
    problems = found(addon)
    assert problems and all(": tags: tag <" in problem for problem in problems)


def test_term_of_the_glossary_dropped(addon):
    change(addon / "es.po", "<strong>Cerrar</strong> el ticket", "<strong>Cerrar</strong> la incidencia")
    assert len(found(addon)) == 1
    assert "es.po:8: glossary: “Ticket” is “ticket” in es (i18n/glossary.csv, line " in found(addon)[0]
    assert "says “<strong>Cerrar</strong> la incidencia”" in found(addon)[0]


def test_latin_america_must_differ_where_the_glossary_does(addon):
    change(addon / "es_419.po", "Sin asignar", "")
    (problem,) = found(addon)
    assert problem.startswith("es_419.po:19: glossary: “Unassigned” is “Sin asignar” in es_419")
    assert problem.endswith("says “No asignado” (shown from es.po, as it has no translation here)")


def test_text_without_translation(addon):
    change(addon / "es.po", "No asignado", "")
    assert found(addon) == ["es.po:20: missing: “Unassigned” has no translation"]
    (addon / "fr.po").write_text(POT)
    assert not [problem for problem in found(addon) if problem.startswith("fr")], "a language may be begun and not finished"
    assert found(addon, wrong=False) == ["fr.po:1: missing: 3 of 3 texts have no translation yet"]


def test_new_text_of_the_addon(addon):
    """After a change of the code, first the .pot is outdated, and then the text has no translation."""
    fresh = addon.parent.parent / "some_addon.pot"
    fresh.write_text(POT + '\n#. module: some_addon\n#: model:ir.ui.menu,name:some_addon.menu\nmsgid "Brand-New"\nmsgstr ""\n')
    pot = catalog.read(fresh)
    assert "some_addon.pot:1: old: “Brand-New” is a new text of the addon: run ./dev i18n" in found(addon, pot)
    (addon / "some_addon.pot").write_bytes(fresh.read_bytes())
    assert "es.po:1: missing: “Brand-New” is not in this file yet: run ./dev i18n" in found(addon, pot)
    for path in addon.glob("*.po"):
        po = catalog.read(path)
        catalog.merge(po, catalog.read(addon / "some_addon.pot"))
        po.write()
    (problem,) = found(addon, pot)
    assert problem.startswith("es.po:") and problem.endswith(": missing: “Brand-New” has no translation")


def test_fuzzy_translation(addon):
    change(addon / "es.po", "#. module: some_addon\n#. odoo-python", "#. module: some_addon\n#, fuzzy\n#. odoo-python")
    (problem,) = found(addon)
    assert ": fuzzy: " in problem and "Odoo shows such translations: check it and remove the mark" in problem


def test_text_that_stands_twice(addon):
    (addon / "es.po").write_text(ES + '\nmsgid "Unassigned"\nmsgstr "Libre"\n')
    assert any("“Unassigned” is in this file more than once" in problem for problem in found(addon))


def test_british_spelling(addon):
    for path in addon.glob("*.po*"):
        change(path, 'msgid "<strong>Close</strong> the ticket"', 'msgid "The <b>color</b> of a ticket"')
    change(addon / "es.po", "<strong>Cerrar</strong> el ticket", "El <b>color</b> de un ticket")
    assert found(addon) == [
        "en_GB.po:7: missing: “color” is spelt “colour” in British English, in “The <b>color</b> of a ticket”"
    ]
    change(
        addon / "en_GB.po",
        '"The <b>color</b> of a ticket"\nmsgstr ""',
        '"The <b>color</b> of a ticket"\nmsgstr "The <b>colour</b> of a ticket"',
    )
    assert found(addon) == []


@pytest.mark.parametrize("broken", ['msgid "never closed\n', "this is no PO file\n", b"\xff\xfe"])
def test_broken_file_is_named_with_its_line(addon, broken):
    path = addon / "es.po"
    path.write_bytes(ES.encode() + (broken if isinstance(broken, bytes) else broken.encode()))
    (problem,) = [problem for problem in found(addon) if "es_419" not in problem]
    assert problem.startswith(f"es.po:{ES.count(chr(10)) + 1}: broken: ")


def test_missing_file(addon):
    (addon / "es_419.po").unlink()
    assert found(addon) == ["es_419.po:1: missing: this file is not there: run ./dev i18n --lang es_419"]


# MERGING


def test_no_word_is_lost_when_a_text_goes_and_comes_back(addon):
    path = addon / "es.po"
    last = "#. module: some_addon\n#: model:ir.model.fields"
    change(path, last, f"# Revisado por Marta.\n{last}")
    change(path, '"Language: es\\n"', '"Language: es\\n"\n"X-Generator: Poedit 3.4\\n"')
    shorter = addon / "some_addon.pot"
    shorter.write_text(POT.split(last)[0])
    po = catalog.read(path)
    catalog.merge(po, catalog.read(shorter))
    po.write()
    assert '#~ msgid "Unassigned"\n#~ msgstr "No asignado"' in path.read_text()
    assert found(addon, wrong=False)[0].endswith("obsolete: “Unassigned” is not used any more; kept, and not loaded")

    shorter.write_text(POT)
    po = catalog.read(path)
    catalog.merge(po, catalog.read(shorter))
    po.write()
    text = path.read_text()
    assert 'msgid "Unassigned"\nmsgstr "No asignado"' in text and "#~" not in text
    assert "# Revisado por Marta." in text and "X-Generator: Poedit 3.4" in text
    assert "model:ir.model.fields,field_description:some_addon.field_lead__user_id" in text
    assert "code:addons/some_addon/models/ticket.py:0" in text, "Odoo needs the number behind the colon"
    assert catalog.same_texts(catalog.read(path), catalog.read(shorter))


def test_changed_text_points_to_its_former_translation(addon):
    for name in ("some_addon.pot", "es_419.po", "en_GB.po"):
        change(addon / name, "has %(count)s tickets.", "still has %(count)s tickets.")
    po = catalog.read(addon / "es.po")
    catalog.merge(po, catalog.read(addon / "some_addon.pot"))
    po.write()
    (problem,) = found(addon)
    line = (addon / "es.po").read_text().split('#~ msgid "The team')[0].count("\n") + 1
    assert problem.endswith(f"has no translation; an earlier text had one, line {line}")


def test_a_new_language_starts_with_odoos_own_words(addon):
    pot = catalog.read(addon / "some_addon.pot")
    po = catalog.start(pot, "fr")
    assert wording.fill(po, {"Unassigned": "Non assigné", "Other": "Autre"}) == 1
    po.write()
    again = catalog.read(addon / "fr.po")
    assert again.translations() == {"Unassigned": "Non assigné"}
    assert again.metadata["Language"] == "fr" and again.metadata["Plural-Forms"] == "nplurals=2; plural=(n > 1);"
    assert found(addon) == []


# GLOSSARY


def test_glossary_takes_the_longest_term_whole_words_and_plurals():
    def words(text):
        return [term.word for term in GLOSSARY.terms_in(text)]

    assert words("Helpdesk Teams of the company") == ["Helpdesk Team"]
    assert words("Ticketing") == []
    assert words('<span class="ticket">Stages</span>') == ["Stage"], "what stands in a tag is no word"
    assert words("Unassigned") == ["Unassigned"] and words("Unassigned since Monday") == []


@pytest.mark.parametrize("content", ["word,spanish\n", "term,es,es_419,note\nTicket\n", "term,es,es_419,note\nTicket,,,\n"])
def test_broken_glossary_is_named_with_its_line(tmp_path, content):
    (tmp_path / "glossary.csv").write_text(content)
    with pytest.raises(ValueError, match=r"glossary\.csv:[12]: "):
        Glossary.read(tmp_path / "glossary.csv")


def test_every_term_has_its_form_for_latin_america_or_shares_that_of_spain():
    assert all(term.forms["es"] and term.forms["es_419"] for term in GLOSSARY.terms)
    words = [term.term.casefold() for term in GLOSSARY.terms]
    assert len(words) == len(set(words)), "a term stands in the glossary once"
