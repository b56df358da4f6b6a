"""The list of ``./dev mutate`` stays applicable, and its changes to loaded code are complete or refused."""

import sys

import pytest

from devtools import command_mutate, mutant_plugin, mutations
from devtools.command_mutate import Outcome
from devtools.terminal import DevError

ENTRIES = mutations.read()

MODULE = """\
from functools import wraps


def twice(function):
    @wraps(function)
    def inner(*args):
        return 2 * function(*args)
    return inner


class Base:
    def check(self):
        return 0


class Door(Base):
    LIMIT = 5

    def check(self):
        return 1 + super().check()

    @property
    def shut(self):
        return [number for number in (1, 2) if number > 1]

    @twice
    def knock(self, number):
        if number > self.LIMIT:
            return 0
        return number

    @classmethod
    def make(cls):
        return cls().check()
"""


# THE LIST


@pytest.fixture(scope="module")
def declared():
    return mutations.declared_tests()


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_every_entry_applies(entry, declared):
    """Its lines and its tests exist exactly once."""
    assert mutations.check(entry, declared)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("No Name\n-x\n", "begins with"),
        ("a: b\nin: helpdesk_lite\nby: TestX.test_y\n", "incomplete"),
        ("a: b\nby: TestX.test_y\n-x\n", "incomplete"),
        ("a: b\nin: helpdesk_lite\nby: TestX.test_y\nx\n", "without meaning"),
        ("a: b\nrecord: helpdesk_lite.x\nby: TestX.test_y\n+domain_force\n", "incomplete"),
        ("a: b\nin: helpdesk_lite\nby: T\n-x\n\na: b\nin: helpdesk_lite\nby: T\n-x\n", "two entries"),
    ],
)
def test_invalid_entries_are_refused(text, trouble):
    with pytest.raises(DevError, match=trouble):
        mutations.read(text)


@pytest.mark.parametrize(
    ("lines", "trouble"),
    [
        ("-nobody writes this\n", "found 0 times"),
        ("-self.ensure_one()\n", "times in helpdesk_lite"),
        ("-def get_operations(model):\n+def get_operations(model:\n", "is not Python"),
        (" def get_operations(model):\n", "does not change anything"),
    ],
)
def test_entries_that_do_not_apply_are_refused(lines, trouble):
    [entry] = mutations.read(f"a: b\nin: helpdesk_lite\nby: T\n{lines}")
    with pytest.raises(DevError, match=trouble):
        mutations.find(entry)


def test_lines_are_replaced_at_any_depth(tmp_path):
    (tmp_path / "addon/tests").mkdir(parents=True)
    text = "def check(user):\n    if user:\n\n        if not user.admin:\n            raise KeyError\n    return 1\n"
    (tmp_path / "addon/door.py").write_text(text)
    (tmp_path / "addon/tests/test_door.py").write_text(text)
    [entry] = mutations.read("a: b\nin: addon\nby: T\n if user:\n-    if not user.admin:\n-        raise KeyError\n+    pass\n")
    place = mutations.find(entry, tmp_path)
    assert str(place) == "addon/door.py:2"
    assert place.text.split("\n") == ["def check(user):", "    if user:", "        pass", "", "", "    return 1", ""]


# CHANGING CODE


@pytest.fixture
def door(tmp_path, monkeypatch):
    """A loaded module, and a function that replaces some of its source."""
    path = tmp_path / "some_door.py"
    path.write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    import some_door

    yield some_door, lambda old, new: mutant_plugin.swap(str(path), MODULE.replace(old, new, 1))
    del sys.modules["some_door"]


@pytest.mark.parametrize(
    ("old", "new", "ask", "before", "after"),
    [
        ("return 1 + super().check()", "return 7 + super().check()", lambda door: door.Door().check(), 1, 7),
        ("return 1 + super().check()", "return 7 + super().check()", lambda door: door.Door.make(), 1, 7),
        ("if number > self.LIMIT:", "if False:", lambda door: door.Door().knock(9), 0, 18),
        ("if number > 1]", "if number]", lambda door: door.Door().shut, [2], [1, 2]),
        ("return 2 * function(*args)", "return 3 * function(*args)", lambda door: door.Door().knock(2), 4, None),
    ],
)
def test_functions_get_the_code_of_the_changed_file(door, old, new, ask, before, after):
    module, change = door
    assert ask(module) == before
    swapped = change(old, new)
    if after is None:
        assert not swapped, "the decorated function exists already"
        return
    assert ask(module) == after
    for function, code in swapped:
        function.__code__ = code
    assert ask(module) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 5", "LIMIT = 6"),
        ("return 1 + super().check()", "return 7"),
        ("@property", "@classmethod"),
        ("class Door(Base)", "class Door()"),
        ("def make(cls)", "def made(cls)"),
    ],
)
def test_changes_outside_of_functions_need_a_new_process(door, old, new):
    module, change = door
    assert not change(old, new)
    assert module.Door().check() == 1


# THE END


@pytest.mark.parametrize(
    ("outcomes", "not_applying", "code", "said"),
    [
        ([Outcome(["TestX.test_y"])], 0, 0, "1 killed, 0 survived, 0 unclear, 0 not applying of 1"),
        ([Outcome(["TestX.test_y"]), Outcome()], 0, 1, "1 killed, 1 survived, 0 unclear, 0 not applying of 2"),
        ([Outcome(trouble="no database")], 0, 1, "0 killed, 0 survived, 1 unclear, 0 not applying of 1"),
        ([Outcome(["TestX.test_y"])], 2, 1, "1 killed, 0 survived, 0 unclear, 2 not applying of 3"),
        ([], 0, 1, "0 killed"),
    ],
)
def test_closing_line_and_exit_code(outcomes, not_applying, code, said, capsys):
    entries = [(ENTRIES[number], outcome) for number, outcome in enumerate(outcomes)]
    assert command_mutate.close(entries, not_applying, 1.0) == code
    assert said in capsys.readouterr().out
