"""Odoo 19: the one ``ODOO_HOME`` names, else Debian's package unpacked in the cache."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import debian, odoo_record
from .state import cache, digest, lock, made_whole, need_space
from .terminal import DevError, step

SERIES = "19.0"
# Debian leaves this file out (not free); the browser logs an error without it, and every tour fails.
PLACEHOLDER = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
CLONE = "git clone --depth 1 --branch 19.0 https://github.com/odoo/odoo.git && export ODOO_HOME=$PWD/odoo"


@dataclass(frozen=True)
class Odoo:
    home: Path  # the folder that contains the package odoo/, for PYTHONPATH
    addons: tuple  # its own addons folders
    identity: str  # changes with Odoo's code, and is part of the names of templates


def locate():
    """Find Odoo, and fetch it if necessary."""
    named = os.environ.get("ODOO_HOME")
    if named:
        return describe(find_home(Path(named).expanduser()), f"ODOO_HOME={named}")
    # named by the record, so that a renewed one is fetched and two checkouts with the same share one
    target = cache() / f"{odoo_record.ODOO}-{digest(odoo_record.RECORD.read_bytes())}"
    if not target.is_dir():
        fetch(target)
    return describe(target / "usr/lib/python3/dist-packages", str(target))


def find_home(folder):
    """Find Odoo in a checkout, an unpacked package, ``dist-packages`` or the package folder itself."""
    candidates = (folder, folder / "usr/lib/python3/dist-packages", folder.parent)
    for candidate in candidates:
        if (candidate / "odoo/release.py").is_file():
            return candidate.resolve()
    raise DevError(f"ODOO_HOME={folder} holds no Odoo: there is no odoo/release.py in it")


def describe(home, origin):
    text = (home / "odoo/release.py").read_text()
    found = re.search(r"^version_info\s*=\s*\(\s*'?([\w~]+)'?,\s*(\d+)", text, re.MULTILINE)
    series = ".".join(found.groups()) if found else "of an unknown series"
    if series != SERIES:
        raise DevError(f"{origin} is Odoo {series}: Odoo {SERIES} is needed")
    addons = tuple(path for path in (home / "addons", home / "odoo/addons") if (path / "mail").is_dir())
    if home / "odoo/addons" in addons:
        addons = (home / "odoo/addons",)  # the Debian package has all addons in one folder
    elif addons:
        addons = (*addons, home / "odoo/addons")
    else:
        raise DevError(f"{origin} has no addons: take a complete Odoo, {CLONE}")
    stamps = [os.stat(path).st_mtime_ns for path in (home / "odoo/release.py", *addons)]
    head = ""
    if (home / ".git").exists():
        head = subprocess.run(["git", "-C", str(home), "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout
    return Odoo(home, addons, digest(home, *stamps, head))


def fetch(target):
    require_debian()
    with lock("odoo", purpose="fetching Odoo"):
        if target.is_dir():  # another ./dev process was faster
            return
        need_space(target, 2000, "Odoo 19")
        with step("Fetching Odoo 19 (125 MB)") as progress, made_whole(target) as part:
            archive, chosen = odoo_record.choose(progress)
            archive.unpack(chosen, part, progress)
            placeholder = part / "usr/lib/python3/dist-packages/odoo/addons" / PLACEHOLDER
            placeholder.parent.mkdir(parents=True, exist_ok=True)
            placeholder.write_text("// not free, so not in Debian: Odoo's calls have no background blur here\n")


def require_debian():
    if not debian.is_debian():
        name = debian.release().get("PRETTY_NAME", "an unknown system")
        raise DevError(f"this is {name}, not Debian: get Odoo 19 yourself and name its folder, {CLONE}")
