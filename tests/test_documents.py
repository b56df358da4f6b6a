"""The documents render, their headings, links and tables are valid, and the files and labels in them exist."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polib
import pytest
from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.utils import SystemMessage

ROOT = Path(__file__).resolve().parent.parent
LONGEST_README = 120
SOURCES = ("*.py", "*.xml", "*.js", "*.csv", "*.cfg", "*.scss", "dev")
# folders of tools and generated files
NOT_OURS = {".git", ".dev", "__pycache__", "node_modules", ".pytest_cache", ".ruff_cache"}
# files in documents that belong to Odoo, or that the reader creates
ELSEWHERE = {"odoo-mailgate.py", "release.py", "fr.po", ".dev/logs", ".dev/screenshots"}
FILE = re.compile(r"[\w.*-]+\.(py|xml|csv|rst|js|mjs|cfg|toml|lock|po|pot|txt|yml|yaml|html|png|diff)")
PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
PLACEHOLDER = re.compile(r"(^|[/.-])(?!README)[A-Z]{3,}(?=[/.]|$)")
# directives that GitHub's renderer knows in addition
SETTINGS = {
    "report_level": 2,
    "halt_level": 2,
    "warning_stream": False,
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
}
# a method in a diagram of ARCHITECTURE.rst, and its file on the same line or the next
CALL = re.compile(r"(?:\+--|'--) (\w+)[\s|]+([\w/]+\.py)\b")


def all_paths():
    """The paths of all files and folders in the repository."""

    def walk(folder):
        for path in sorted(folder.iterdir()):
            if path.name not in NOT_OURS:
                yield path
                if path.is_dir() and not path.is_symlink():
                    yield from walk(path)

    return [path.relative_to(ROOT) for path in walk(ROOT)]


PATHS = all_paths()
NAMES = {path.as_posix() for path in PATHS}
DOCUMENTS = [name for name in sorted(NAMES) if name.endswith(".rst")]
PAIRS = [(name.removesuffix(".es.rst") + ".rst", name) for name in DOCUMENTS if name.endswith(".es.rst")]
# links from one language to the other
LANGUAGES = {Path(name).name for pair in PAIRS for name in pair}


def parse(text, source="document.rst"):
    return publish_doctree(text, source_path=str(source), settings_overrides=SETTINGS)


@cache
def read(name):
    """Parse a file of the repository into a document tree.

    :raise docutils.utils.SystemMessage: at the first warning
    """
    return parse((ROOT / name).read_text(), ROOT / name)


@cache
def texts(*patterns):
    return "\n".join((ROOT / path).read_text() for path in PATHS if any(path.match(pattern) for pattern in patterns))


# ------------------------------------------------------------
# HEADINGS
# ------------------------------------------------------------


def headings(tree):
    return [node.astext() for node in tree.findall(lambda node: isinstance(node, (nodes.title, nodes.subtitle)))]


def underlined(text):
    """Find what looks like a heading in the source: an unindented line above a line of punctuation."""
    lines = text.splitlines()
    adorned = [re.fullmatch(r"([=~^\"-])\1{2,}", line) for line in lines]
    return [
        line
        for number, line in enumerate(lines[:-1])
        if adorned[number + 1] and not adorned[number] and line.strip() and not line[0].isspace()
    ]


def swallowed(tree):
    """Find bold words that begin a line after the end of a sentence, and so were meant to begin a paragraph."""
    for strong in tree.findall(nodes.strong):
        before = "".join(node.astext() for node in strong.parent.children[: strong.parent.index(strong)])
        if re.search(r"[.:!?)]\n$", before):
            yield strong.astext()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_renders_without_a_warning(name):
    tree = read(name)
    assert not [node.astext() for node in tree.findall(nodes.system_message) if node["level"] >= 2]
    # with the writer as well, on a copy because it changes the tree
    assert b"</html>" in publish_from_doctree(tree.deepcopy(), writer="html5", settings_overrides=SETTINGS)


@pytest.mark.parametrize("wrong", ["A long title\n=====\n", "`nowhere`_\n", "* one\ntwo\n", ".. nothing::\n"])
def test_a_warning_is_found(wrong):
    with pytest.raises(SystemMessage):
        parse(wrong)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_paragraph_swallows_a_heading(name):
    tree = read(name)
    assert headings(tree) == underlined((ROOT / name).read_text())
    assert not list(swallowed(tree))


@pytest.mark.parametrize(
    "swallowing",
    [
        "The end of a paragraph.\n**Automatic assignment**, switched on by team.\n",
        "A paragraph goes before.\nMerging\n=======\n\nAnd one comes after.\n",
    ],
)
def test_a_swallowed_heading_is_found(swallowing):
    tree = parse(swallowing)
    assert list(swallowed(tree)) or headings(tree) != underlined(swallowing)


def test_a_bold_word_within_a_sentence_is_no_heading():
    assert not list(swallowed(parse("Choose the\n**sales team** and the\n**salesperson**.\n")))


# ------------------------------------------------------------
# LINKS
# ------------------------------------------------------------


def links(tree):
    """The targets of links and images in the repository."""
    for node in tree.findall(lambda node: isinstance(node, (nodes.reference, nodes.image))):
        uri = node.get("refuri") or node.get("uri")
        if uri and not urlsplit(uri).scheme:
            yield uri


def broken(name, uri):
    """Whether the target of a link in a document does not exist."""
    parts = urlsplit(uri)
    target = (ROOT / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else ROOT / name
    if not target.is_relative_to(ROOT) or target.relative_to(ROOT).as_posix() not in NAMES:
        return True
    return bool(parts.fragment) and parts.fragment not in read(target.relative_to(ROOT).as_posix()).ids


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_images_lead_somewhere(name):
    assert not [uri for uri in links(read(name)) if broken(name, uri)]


def test_a_link_that_leads_nowhere_is_found():
    assert [
        uri
        for uri in ("README.rst", "docs/guide.rst#visibility", "gone.rst", "docs/guide.rst#gone", "../README.rst")
        if broken("README.rst", uri)
    ] == ["gone.rst", "docs/guide.rst#gone", "../README.rst"]


# ------------------------------------------------------------
# LANGUAGES
# ------------------------------------------------------------


def outline(tree):
    """The structure that a translation must share with its original: sections with their depths and contents."""

    def count(section, kind):
        return sum(1 for child in section.children if not isinstance(child, nodes.section) for _node in child.findall(kind))

    def depth(section):
        return sum(isinstance(parent, nodes.section) for parent in iter_parents(section))

    kinds = (nodes.list_item, nodes.row, nodes.literal_block, nodes.image)
    sections = [tree, *tree.findall(nodes.section)]
    return [
        (depth(section), *(count(section, kind) for kind in kinds))
        for section in sections
        if "contents" not in section.get("classes", ())
    ]


def iter_parents(node):
    while node.parent is not None:
        node = node.parent
        yield node


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_spanish_document_says_as_much(english, spanish):
    assert outline(read(english)) == outline(read(spanish))


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_spanish_document_links_to_the_same_places(english, spanish):
    def places(name):
        return [uri.replace(".es.rst", ".rst").replace("/es_ES/", "/") for uri in links(read(name)) if uri not in LANGUAGES]

    assert places(english) == places(spanish)


# ------------------------------------------------------------
# README
# ------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.rst", "README.es.rst"])
def test_the_readme_is_short(name):
    assert len((ROOT / name).read_text().splitlines()) <= LONGEST_README


def rows_of(tree, first):
    """Find the table by its first cell, and return its rows without the header."""
    for table in tree.findall(nodes.table):
        rows = [[" ".join(cell.astext().split()) for cell in row.findall(nodes.entry)] for row in table.findall(nodes.row)]
        if rows[0][0] == first:
            return rows[1:]
    raise AssertionError(f"no table begins with {first}")


# the cells of the table in Spanish
SPANISH = {
    "internal user, stranger": "usuario interno, sin relación",
    "internal user following one ticket": "usuario interno que sigue un ticket",
    "internal user following the team": "usuario interno que sigue el equipo",
    "assignee": "persona asignada",
    "Helpdesk Administrator": "administrador del servicio de asistencia",
    "portal user, stranger": "usuario del portal, sin relación",
    "portal user following a ticket": "usuario del portal que sigue un ticket",
    "anyone with a ticket's access link": "cualquiera con el enlace de acceso de un ticket",
    "nothing": "nada",
    "all": "todo",
    "that ticket": "ese ticket",
    "team and all its tickets": "el equipo y todos sus tickets",
}


def test_who_sees_what_is_the_same_in_spanish():
    english, spanish = rows_of(read("README.rst"), "who"), rows_of(read("README.es.rst"), "quién")
    assert len(english) == 8
    assert [[SPANISH[cell.replace("’", "'")] for cell in row] for row in english] == spanish


# ------------------------------------------------------------
# NAMES
# ------------------------------------------------------------


def named_paths(literals):
    """The paths of the repository in double backquotes."""
    for literal in literals:
        word = literal.split()[0].removeprefix("./").removeprefix("…/").rstrip("/") if literal.strip() else ""
        looks = FILE.fullmatch(word.rpartition("/")[2]) or ("/" in literal.strip("/") and PATH.fullmatch(word))
        if (
            looks
            and PATH.fullmatch(word)
            and literal[0] not in "/~"
            and word not in ELSEWHERE
            and (word in NAMES or not PLACEHOLDER.search(word))
        ):
            yield word


def exists(word, folder=""):
    """Whether such a path exists, or one that ends with it, because documents leave out the folder they are about."""
    if "*" in word:
        return any(path.match(word) for path in PATHS)
    return word in NAMES or any(name.startswith(folder) and name.endswith("/" + word) for name in NAMES)


def literals(name):
    return [node.astext() for node in read(name).findall(nodes.literal)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name):
    assert not [word for word in named_paths(literals(name)) if not exists(word)]


def test_a_file_that_does_not_exist_is_found():
    said = ["models/ticket.py", "./dev run", "gone/ticket.py", "gone.py", "/my/helpdesk-tickets", "ADDON/gone.py", "res.users"]
    words = list(named_paths(said))
    assert words == ["models/ticket.py", "dev", "gone/ticket.py", "gone.py"]
    assert [word for word in words if not exists(word)] == ["gone/ticket.py", "gone.py"]


def docstrings(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
            yield text


def test_files_that_docstrings_name_exist():
    def gone(path, word):
        # in an addon, "models/ticket.py" means the addon's own file
        return not exists(word, f"{path.parts[0]}/" if "/" in word and path.parts[0].startswith("helpdesk_lite") else "")

    found = [
        f"{path}: {word}"
        for path in PATHS
        if path.suffix == ".py"
        for text in docstrings(ROOT / path)
        for word in named_paths(re.findall(r"``([^`\s]+\.(?:py|xml|csv|rst|js))``", text))
        if gone(path, word)
    ]
    assert not found


def test_names_in_the_architecture_are_those_of_the_code():
    names = {word for word in literals("ARCHITECTURE.rst") if re.fullmatch(r"[A-Za-z]*_\w+", word)}
    code = set(re.findall(r"\w+", texts(*SOURCES)))
    assert len(names) > 10
    assert not names - code


def test_flows_in_the_architecture_are_those_of_the_code():
    """Each method in a diagram is defined in the file beside it."""
    calls = 0
    for block in read("ARCHITECTURE.rst").findall(nodes.literal_block):
        found = CALL.findall(block.astext())
        assert len(found) == len(re.findall(r"(?:\+--|'--) ", block.astext())), "each has a file"
        calls += len(found)
        for method, file in found:
            places = [ROOT / path for path in PATHS if f"/{path.as_posix()}".endswith(f"/{file}")]
            assert places, file
            assert any(re.search(rf"^\s*def {method}\(", place.read_text(), re.MULTILINE) for place in places), (method, file)
    assert calls > 80


# ------------------------------------------------------------
# LABELS
# ------------------------------------------------------------

# emphasized words in manuals that are not labels of ours: Odoo's labels, and emphasis
SET_OFF = {
    "docs/guide.rst": {
        "Actions",
        "Data Cleaning",
        "Rules",
        "Languages",
        "Log note",
        "Send message",
        "Helpdesk Lite: Administrator",
        "Helpdesk Lite: User",
        "Possible duplicates (3)",
        "similarity",
        "Changing the visibility",
        "En español:",
        "Import records",
        "Test",
        "General Settings",
        "Digest Emails",
        "Export",
    },
    "docs/guide.es.rst": {
        "Acciones",
        "Limpieza de datos",
        "Reglas",
        "Ajustes",
        "Idiomas",
        "Registrar una nota",
        "Enviar mensaje",
        "Helpdesk Lite: Administrador",
        "Helpdesk Lite: Usuario",
        "Posibles duplicados (3)",
        "similitud",
        "plegada",
        "Cambiar la visibilidad",
        "Importar registros",
        "Probar",
        "Soporte al cliente",
        "In English:",
        "Ajustes generales",
        "Correos electrónicos del resumen",
        "Exportar",
    },
    "docs/mail.rst": {
        "Actions",
        "Add API Key",
        "Create a New Record",
        "Custom Date",
        "Emails",
        "Extra Rights",
        "Fetch Now",
        "My Preferences",
        "Scheduled Actions",
        "Security",
        "Technical",
        "Duplicate",
        "General Settings",
        "IMAP Server",
        "Incoming Email Servers",
        "POP Server",
        "Test & Confirm",
        "Use Custom Email Servers",
        "parked",
        "Kept first.",
        "Exactly once.",
        "No error is the customer's.",
        "Nothing is dropped in silence.",
        "Somebody is told.",
        "En español:",
    },
    "docs/mail.es.rst": {
        "Acciones",
        "Acciones planificadas",
        "Ajustes generales",
        "Añadir clave API",
        "Buscar ahora",
        "Correos electrónicos",
        "Crear un nuevo registro",
        "Mis preferencias",
        "Permisos extra",
        "Probar y confirmar",
        "Seguridad",
        "Técnico",
        "Servidor IMAP",
        "Servidores de correo de entrada",
        "Servidor POP",
        "Utilizar servidores de correo electrónico personalizados",
        "aparta",
        "Primero se guarda.",
        "Exactamente una vez.",
        "Ningún error llega al cliente.",
        "Nada se descarta en silencio.",
        "Se avisa a alguien.",
        "In English:",
    },
    "helpdesk_lite/README.rst": {
        "General Settings",
        "Emails",
        "Users",
        "Log note",
        "Send message",
        "Helpdesk Lite: User",
        "Helpdesk Lite",
    },
    "helpdesk_lite_crm/README.rst": {"CRM", "Leads", "Sales Teams", "to Lead", "Helpdesk Lite: User", "Helpdesk Lite"},
    "helpdesk_lite_data_cleaning/README.rst": {
        "Actions",
        "Data Cleaning",
        "Rules",
        "Data Recycle",
        "Possible duplicates (3)",
        "Helpdesk Lite",
    },
}


def labels(tree):
    """The words in italics or bold; paths through menus are split."""
    for node in tree.findall(lambda node: isinstance(node, (nodes.emphasis, nodes.strong))):
        yield from re.split(r"\s*‣\s*", " ".join(node.astext().split()))


@cache
def texts_of_screens(language):
    """The texts of our addons in a language, in lower case."""
    entries = [
        entry for path in PATHS if path.match("*/i18n/es.po") for entry in polib.pofile(str(ROOT / path)) if not entry.obsolete
    ]
    return {(entry.msgid if language == "en" else entry.msgstr).casefold() for entry in entries}


@pytest.mark.parametrize("name", SET_OFF)
def test_labels_that_a_manual_names_are_on_the_screens(name):
    known = texts_of_screens("es" if ".es." in name else "en")
    said = set(labels(read(name)))
    assert len(said - SET_OFF[name]) > 4
    assert not {label for label in said - SET_OFF[name] if label.casefold() not in known}
