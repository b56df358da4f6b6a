"""Rooms: each capability of an addon has a package, whose ``__init__`` is the only door, without circular calls."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(path.parent for path in ROOT.glob("helpdesk_lite*/__manifest__.py"))
# addons without circular calls between files; a door lists files after those that they call
ORDERED = [ROOT / "helpdesk_lite_data_cleaning"]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def parse(path):
    return ast.parse(path.read_text(), str(path))


def sources(path):
    """The files and packages that a file imports relatively, with the imported names."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for alias in node.names:
                inner = folder / alias.name
                # from .room import file, or from .file import name
                yield (inner if inner.is_dir() or inner.with_suffix(".py").exists() else folder), alias.name


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_every_model_file_is_loaded_by_the_door_of_its_room(addon):
    files = {path for path in addon.glob("models/**/*.py") if path.name != "__init__.py"}
    rooms = {path.parent for path in addon.glob("models/*/**/__init__.py")}
    loaded = {source for path in addon.glob("models/**/*.py") for source, _name in sources(path)}
    assert not [name_of(path) for path in sorted(files) if path.with_suffix("") not in loaded]
    assert not [name_of(path) for path in sorted(rooms) if path not in loaded]


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_every_room_says_what_it_decides(addon):
    assert not [name_of(init) for init in addon.glob("models/*/__init__.py") if not ast.get_docstring(parse(init))]


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_odoo_finds_the_tests_in_every_room(addon):
    """Odoo runs only modules that ``tests/__init__.py`` imports; pytest finds all and would hide a missing import."""
    tests = addon / "tests"
    there = {path.with_suffix("") for path in tests.rglob("test_*.py")}
    found = set()
    for source, name in sources(tests / "__init__.py"):
        # from .room import *: what the room imports
        found |= {inner for inner, _name in sources(source / "__init__.py")} if name == "*" else {source}
    assert there - found == set()
    assert len(there) == len({path.name for path in there}), "of two tests of one name, Odoo would find only one"


def calls_between(folder):
    """Find the calls of methods that only one other file defines, and imports from other files.

    :param Path folder: of the models of an addon
    :return: dict of file to dict of file to set of names
    """
    files = {path: parse(path) for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py"}
    definers = defaultdict(set)
    for path, tree in files.items():
        for cls in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for node in cls.body:
                # public names are usually Odoo's: create, write, message_post
                if isinstance(node, ast.FunctionDef) and node.name.startswith("_"):
                    definers[node.name].add(path)
    calls = {path: defaultdict(set) for path in files}
    for path, tree in files.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and len(definers[node.attr]) == 1 and path not in definers[node.attr]:
                calls[path][next(iter(definers[node.attr]))].add(node.attr)
        for source, name in sources(path):
            if source.with_suffix(".py") in files:
                calls[path][source.with_suffix(".py")].add(name)
    return calls


@pytest.mark.parametrize("addon", ORDERED, ids=lambda path: path.name)
def test_files_do_not_call_each_other_in_circles(addon):
    calls = calls_between(addon / "models")
    assert sum(map(len, calls.values())) > 20, "calls are found at all"
    # raises CycleError with the files of the circle
    list(TopologicalSorter(calls).static_order())


@pytest.mark.parametrize("addon", ORDERED, ids=lambda path: path.name)
def test_a_door_lists_what_is_called_before_what_calls_it(addon):
    calls = calls_between(addon / "models")
    late = []
    for init in addon.glob("models/*/__init__.py"):
        order = [source.with_suffix(".py") for source, _name in sources(init)]
        late += [
            f"{name_of(caller)} calls {name_of(called)}"
            for at, caller in enumerate(order)
            for called in calls[caller]
            if called in order[at:]
        ]
    assert not late
