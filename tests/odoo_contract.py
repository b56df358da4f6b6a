"""Finds the methods of Odoo that our addons override; a program that ``test_odoo_contract.py`` starts.

The registry tells which class overrides which method, also through mixins. The program prints a line of JSON: for
each method of a model or class of Odoo, a hash of Odoo's source, its files, and our files that override it.
"""

import ast
import gc
import hashlib
import inspect
import json
import linecache
import re
import textwrap
from functools import cache
from pathlib import Path

from devtools import project
from devtools.odoo_env import odoo_env
from devtools.state import ROOT

# Stable methods that every addon overrides.
PUBLIC_API = {"create", "write", "unlink", "copy", "copy_data", "default_get"}
PATCH = re.compile(r"^patch\((\w+)(?:\.prototype)?, \{\n(.*?)^\}\);", re.MULTILINE | re.DOTALL)
JS_METHOD = r"^    (?:static |async |get |set )*{}\(.*?^    \}}"


# asked for a hundred thousand times
OUR_ADDONS = frozenset(project.addons())


@cache
def read(function):
    """The source of a function, as ``inspect.getsource`` gives it, which searches all modules each time."""
    code = function.__code__
    return "".join(inspect.getblock(linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]))


def parse(source):
    """Parse a function that may be indented, and may have a text in it that is not."""
    try:
        return ast.parse(textwrap.dedent(source))
    except IndentationError:
        return ast.Module(body=ast.parse(f"if True:\n{source}").body[0].body, type_ignores=[])


@cache
def normalize(source):
    """Normalize a Python function: remove its docstring, comments, annotations and layout.

    :param str source: of one function, with its decorators
    :return: str
    """
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.arg):
            node.annotation = None
    return dump(tree)


def dump(node):
    """Dump a syntax tree in a form that, unlike ``ast.dump``, is the same in every version of Python."""
    if isinstance(node, ast.AST):
        fields = ",".join(f"{name}={dump(value)}" for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({fields})"
    if isinstance(node, list):
        return f"[{','.join(map(dump, node))}]"
    return repr(node)


def normalize_js(source):
    """Normalize a method in JavaScript: remove comments and layout."""
    source = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", source, flags=re.DOTALL)
    return " ".join(source.split())


def digest(texts):
    return hashlib.sha256("\0".join(sorted(texts)).encode()).hexdigest()[:12]


def addon_of(cls):
    parts = cls.__module__.split(".")
    return parts[2] if parts[:2] == ["odoo", "addons"] else None


def get_function(cls, name):
    value = cls.__dict__.get(name)
    value = getattr(value, "__func__", value)
    return inspect.unwrap(value) if callable(value) else None


def is_odoos(cls):
    return cls.__module__.startswith("odoo.") and addon_of(cls) not in OUR_ADDONS


def name_of(cls):
    """The name of the model that a class in the registry defines or extends, or of the class if it is not a model."""
    inherit = getattr(cls, "_inherit", None)
    own = cls.__dict__.get("_name") or (inherit if isinstance(inherit, str) else None)
    return own or cls.__name__


class Contract:
    """Collects overridden methods."""

    def __init__(self):
        self.found = {}

    def add_class(self, classes):
        """:param classes: a class and its base classes, in the order of Python"""
        for index, cls in enumerate(classes):
            if addon_of(cls) not in OUR_ADDONS:
                continue
            for name in vars(cls):
                if name.startswith("__") or name in PUBLIC_API or not inspect.isfunction(get_function(cls, name)):
                    continue
                for base in classes[index + 1 :]:
                    if is_odoos(base) and inspect.isfunction(get_function(base, name)):
                        self.add(name_of(base), name, get_function(base, name), get_function(cls, name))

    def add(self, owner, name, theirs, ours):
        source = read(theirs)
        if "raise NotImplementedError" in source.splitlines()[-1]:
            # it only tells that another addon has the method
            return
        row = self.found.setdefault((owner, name), {"theirs": {}, "ours": set()})
        row["theirs"][file_of(theirs)] = normalize(source)
        row["ours"].add(file_of(ours))

    def add_patches(self):
        """Add the patched methods of classes in JavaScript, by the module that exports these."""
        for path in sorted(ROOT.glob("helpdesk_lite*/static/src/**/*.js")):
            text = path.read_text()
            for target, body in PATCH.findall(text):
                module = re.search(rf'import \{{[^}}]*\b{target}\b[^}}]*\}} from "@(\w+)/([^"]+)"', text)
                file = find_js(*module.groups())
                for name in re.findall(r"^    (?:async |get |set )*(\w+)\(", body, re.MULTILINE):
                    method = re.search(JS_METHOD.format(name), file.read_text(), re.MULTILINE | re.DOTALL)
                    if method:
                        row = self.found.setdefault((f"{target} (JavaScript)", name), {"theirs": {}, "ours": set()})
                        row["theirs"][short(file)] = normalize_js(method[0])
                        row["ours"].add(short(path))


def find_js(module, path):
    from odoo.tools.misc import file_path

    return Path(file_path(f"{module}/static/src/{path}.js"))


def short(path):
    """The path of a file for messages, relative to the folder of addons."""
    parts = Path(path).resolve().parts
    start = max((index for index, part in enumerate(parts) if part in ("addons", "odoo", ROOT.name)), default=-1)
    return "/".join(parts[start + 1 :])


@cache
def file_of(function):
    return short(inspect.getsourcefile(function))


def main():
    from odoo.http import Controller

    contract = Contract()
    with odoo_env() as env:
        for cls in env.registry.values():
            contract.add_class(cls.mro())
        for cls in {cls for cls in gc.get_objects() if isinstance(cls, type) and issubclass(cls, Controller)}:
            contract.add_class(cls.mro())
        contract.add_patches()
    print(
        json.dumps(
            [
                {
                    "model": owner,
                    "method": name,
                    "hash": digest(row["theirs"].values()),
                    "theirs": sorted(row["theirs"]),
                    "ours": sorted(row["ours"]),
                }
                for (owner, name), row in sorted(contract.found.items())
            ]
        )
    )


if __name__ == "__main__":
    main()
