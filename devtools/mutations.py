"""``tests/mutations.diff``: lines that enforce security, a change to each, and the tests that must fail with it.

Entries are separated by empty lines::

    forged-number: a forged agent's address with a ticket number does not reach the ticket
    in: helpdesk_lite
    by: TestForgedMail.test_a_number_opens_nothing_to_a_forged_colleague
    -if not numbers or not email or any(not user.share for user in author.user_ids):
    +if not numbers or not email:

The first line is the name of the entry and what it protects. ``in`` is a folder; all Python files in it except
tests are searched, so files can move. The lines that begin with a space or ``-`` must occur there exactly once,
complete and consecutive (empty lines are ignored), at any depth of indentation. As in a diff, lines with ``-``
are removed and lines with ``+`` are inserted.

Data files are not changed; the record in the database is. ``record`` is then the external id of a rule or of an
access right, and a single ``+`` line assigns one of its columns, in SQL.

``by`` names the tests as ``Class.test``, regardless of their file; ``Class`` alone stands for all its tests.
"""

import ast
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from .project import addons
from .state import ROOT
from .terminal import DevError

FILE = ROOT / "tests/mutations.diff"
HEADS = ("in", "by", "record")


@dataclass
class Mutation:
    """An entry of the list. Lines of code are stored without the first character."""

    name: str
    protects: str
    heads: dict = field(default_factory=dict)
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)

    @property
    def tests(self):
        return re.findall(r"[\w.]+", self.heads["by"])

    @property
    def record(self):
        return self.heads.get("record")


@dataclass
class Place:
    """Where the lines of an entry were found."""

    path: Path
    inside: Path  # the same below the project
    line: int  # of the first one, counted from 1
    text: str  # of the whole file, with the change

    def __str__(self):
        return f"{self.inside}:{self.line}"


def read(text=None):
    """The entries of the list.

    :param str text: the list, by default the contents of ``FILE``
    :return: list of :class:`Mutation`
    :raise DevError: when an entry is incomplete or malformed
    """
    found, names = [], set()
    for block in re.split(r"\n(?:[ \t]*\n)+", FILE.read_text() if text is None else text):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            found.append(parse(lines))
            if found[-1].name in names:
                raise DevError(f"{FILE.name}: there are two entries {found[-1].name}")
            names.add(found[-1].name)
    return found


def parse(lines):
    title = re.fullmatch(r"([a-z0-9-]+): (.+)", lines[0])
    if not title:
        raise DevError(f"{FILE.name}: an entry begins with “name: what it protects”, not with {lines[0]!r}")
    mutation = Mutation(*title.groups())
    for line in lines[1:]:
        head = re.fullmatch(r"(\w+): (.+)", line)
        if head and head[1] in HEADS:
            mutation.heads[head[1]] = head[2].strip()
        elif line[0] in "-+ ":
            if line[0] != "+":
                mutation.old.append(line[1:])
            if line[0] != "-":
                mutation.new.append(line[1:])
        else:
            raise DevError(f"{FILE.name}: {mutation.name} has a line without meaning: {line!r}")
    wanted = {"by", "record"} if mutation.record else {"in", "by"}
    whole = len(mutation.new) == 1 and " = " in mutation.new[0] if mutation.record else mutation.old
    if mutation.heads.keys() != wanted or not whole:
        raise DevError(f"{FILE.name}: {mutation.name} is incomplete")
    return mutation


# CODE


def sources(folder, root=ROOT):
    """The Python files in a folder of the project, except tests."""
    return [path for path in sorted((root / folder).rglob("*.py")) if "tests" not in path.relative_to(root).parts]


def find(mutation, root=ROOT):
    """Find the lines of an entry and apply its change.

    :param Path root: of the project or of a copy
    :return: :class:`Place`
    :raise DevError: when the lines do not occur exactly once, or the result is not Python
    """
    wanted = dedent(mutation.old)
    places = []
    for path in sources(mutation.heads["in"], root):
        lines = path.read_text().splitlines()
        # empty lines are ignored
        filled = [number for number, line in enumerate(lines) if line.strip()]
        for first, start in enumerate(filled):
            part = filled[first : first + len(wanted)]
            if lines[start].strip() == wanted[0].strip() and dedent(lines[number] for number in part) == wanted:
                places.append((path, part, lines))
    if len(places) != 1:
        known = ", ".join(f"{path.relative_to(root)}:{part[0] + 1}" for path, part, _lines in places)
        known = f" ({known})" if known else ""
        raise DevError(f"{mutation.name}: its lines are found {len(places)} times in {mutation.heads['in']}{known}")
    path, part, lines = places[0]
    start, stop = part[0], part[-1] + 1
    indented = min((lines[number] for number in part), key=depth)
    changed = textwrap.indent(textwrap.dedent("\n".join(mutation.new)), indented[: depth(indented)]).splitlines()
    # keep the number of lines, so that the code of later functions stays equal
    changed += [""] * (stop - start - len(changed))
    text = "\n".join([*lines[:start], *changed, *lines[stop:]]) + "\n"
    try:
        compile(text, path.name, "exec")
    except SyntaxError as error:
        raise DevError(f"{mutation.name}: the change to {path.name}:{start + 1} is not Python: {error}") from None
    if text == path.read_text():
        raise DevError(f"{mutation.name}: does not change anything")
    return Place(path, path.relative_to(root), start + 1, text)


def dedent(lines):
    return textwrap.dedent("\n".join(lines)).splitlines()


def depth(line):
    return len(line) - len(line.lstrip())


# DATA


def find_record(mutation):
    """Find the rule or access right that an entry changes.

    :return: tuple (table, SQL condition on the id, place of the declaration)
    :raise DevError: when it is not declared exactly once
    """
    addon, _dot, name = mutation.record.partition(".")
    declared = re.compile(rf'<record id="{re.escape(name)}" model="(ir\.rule)"|^{re.escape(name)},', re.MULTILINE)
    places = [
        (path, found) for path in sorted((ROOT / addon / "security").glob("*")) for found in declared.finditer(path.read_text())
    ]
    if len(places) != 1:
        raise DevError(f"{mutation.name}: {mutation.record} is declared {len(places)} times in {addon}/security")
    path, found = places[0]
    table = "ir_rule" if found[1] else "ir_model_access"
    line = path.read_text()[: found.start()].count("\n") + 1
    condition = f"id = (SELECT res_id FROM ir_model_data WHERE module = '{addon}' AND name = '{name}')"
    return table, condition, f"{path.relative_to(ROOT)}:{line}"


# TESTS


def declared_tests():
    """:return: dict from ``Class.test`` and ``Class`` to lists of pytest ids, for all addons"""
    found = {}
    for addon in addons():
        for path in sorted((ROOT / addon / "tests").rglob("test_*.py")):
            inside = path.relative_to(ROOT)
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, []).append(f"{inside}::{node.name}")
                    for method in node.body:
                        if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                            found.setdefault(f"{node.name}.{method.name}", []).append(f"{inside}::{node.name}::{method.name}")
    return found


def resolve(mutation, declared):
    """Find the pytest ids of an entry's tests.

    :param dict declared: of :func:`declared_tests`
    :return: list of str
    :raise DevError: when a name does not exist exactly once
    """
    ids = []
    for name in mutation.tests:
        if len(declared.get(name, ())) != 1:
            raise DevError(f"{mutation.name}: there are {len(declared.get(name, ()))} tests {name}")
        ids += declared[name]
    return ids


def check(mutation, declared):
    """Check everything about an entry that needs no database.

    :return: str, the place of its lines
    :raise DevError: when the entry does not apply
    """
    resolve(mutation, declared)
    return find_record(mutation)[2] if mutation.record else str(find(mutation))
