"""Our addons: the folders of the repository that hold a ``__manifest__.py``."""

import ast
import configparser
import hashlib

from .state import ROOT
from .terminal import DevError

# What a database need not be updated for.
NOT_LOADED = {"tests", "__pycache__", "doc"}


def addons():
    """Names of our installable addons, sorted: the core sorts before its bridges."""
    names = [path.parent.name for path in ROOT.glob("*/__manifest__.py")]
    return sorted(name for name in names if manifest(name).get("installable", True))


def manifest(name):
    path = ROOT / name / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except (SyntaxError, ValueError) as error:
        raise DevError(f"{path} is not a dictionary: {error}") from None


def foreign_modules(names):
    """What our addons depend on and is not ours."""
    ours = set(addons())
    return sorted({needed for name in names for needed in manifest(name).get("depends", ["base"])} - ours)


def ours_needed_by(name):
    """``name`` and those of our addons that it depends on, directly or not."""
    ours = set(addons())
    found, todo = set(), [name]
    while todo:
        current = todo.pop()
        if current not in found:
            found.add(current)
            todo += [needed for needed in manifest(current).get("depends", []) if needed in ours]
    return found


def content_hash(names, ignored=()):
    """Changes when a database with these addons must be updated: with every file but tests.

    ``ignored`` are folders that do not count either: ``i18n`` where no other language is loaded.
    """
    value = hashlib.sha256()
    for name in names:
        for path in sorted((ROOT / name).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.is_file() and not NOT_LOADED.union(ignored).intersection(inside.parts):
                value.update(str(inside).encode() + b"\0" + path.read_bytes() + b"\0")
    return value.hexdigest()[:16]


def setting(key):
    """A list from the section ``[dev]`` of setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg")
    return parser.get("dev", key, fallback="").split()
