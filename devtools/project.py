"""Our addons: the folders of the repository that hold a ``__manifest__.py``."""

import ast
import configparser
import hashlib

from .state import ROOT
from .terminal import DevError

# files whose changes require no update of a database
NOT_LOADED = {"tests", "__pycache__", "doc"}


def addons():
    """The names of our installable addons, sorted, so that the core comes before its bridges."""
    names = [path.parent.name for path in ROOT.glob("*/__manifest__.py")]
    return sorted(name for name in names if manifest(name).get("installable", True))


def manifest(name):
    path = ROOT / name / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except (SyntaxError, ValueError) as error:
        raise DevError(f"{path} is not a dictionary: {error}") from None


def foreign_modules(names):
    """The modules of others that our addons depend on."""
    ours = set(addons())
    return sorted({needed for name in names for needed in manifest(name).get("depends", ["base"])} - ours)


def ours_needed_by(name):
    """``name`` and our addons that it depends on, directly or indirectly."""
    ours = set(addons())
    found, todo = set(), [name]
    while todo:
        current = todo.pop()
        if current not in found:
            found.add(current)
            todo += [needed for needed in manifest(current).get("depends", []) if needed in ours]
    return found


def content_hash(names, ignored=()):
    """Compute a hash that changes when a database with these addons must be updated: with every file except tests.

    ``ignored`` are further folders to leave out: ``i18n`` if no other language is loaded.
    """
    value = hashlib.sha256()
    for name in names:
        for path in sorted((ROOT / name).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.is_file() and not NOT_LOADED.union(ignored).intersection(inside.parts):
                value.update(str(inside).encode() + b"\0" + path.read_bytes() + b"\0")
    return value.hexdigest()[:16]


def static_times(names):
    """Compute a hash that changes with the times of scripts, styles and pictures, by which Odoo names its bundles of them."""
    value = hashlib.sha256()
    for name in names:
        for path in sorted((ROOT / name / "static").rglob("*")):
            inside = path.relative_to(ROOT)
            if path.is_file() and not NOT_LOADED.intersection(inside.parts):
                value.update(f"{inside}\0{path.stat().st_mtime_ns}\0".encode())
    return value.hexdigest()[:16]


def setting(key):
    """Read a list from the section ``[dev]`` of setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg")
    return parser.get("dev", key, fallback="").split()
