"""The base of the upgrade test: the source of a former release from git, and a database created by it.

``tests/upgrade_base.txt`` names the release, a tag or a commit. The database is a template in the cache, named
by the commit and the script that filled it. It is created once, and later runs copy it.
"""

import io
import os
import subprocess
import tarfile
from contextlib import suppress

from . import databases, project
from .postgres import QueryError
from .state import ROOT, cache, digest, lock, logs, made_whole, need_space
from .terminal import DevError

FILE = ROOT / "tests/upgrade_base.txt"


class NoHistory(DevError):
    """The base is missing, as in a downloaded archive or a shallow clone."""


def git(*arguments):
    """Run git in this checkout, and return its output as bytes.

    :raise NoHistory: when git, the repository or the requested object is missing
    """
    try:
        return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise NoHistory(
            f"the release that {FILE.relative_to(ROOT)} names is not in this checkout:"
            " git fetch --unshallow --tags brings it (a downloaded archive has none)"
        ) from None


def commit():
    """The commit of the base, 40 hexadecimal digits."""
    lines = [line.strip() for line in FILE.read_text().splitlines()]
    name = next(line for line in lines if line and not line.startswith("#"))
    return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()


def source():
    """A folder in the cache that contains only the base's addons."""
    base = commit()
    target = cache() / f"base-{base[:12]}"
    with lock("upgrade-base"):
        if not target.is_dir():
            manifests = git("ls-tree", "-r", "--name-only", base).decode().splitlines()
            names = [path.split("/")[0] for path in manifests if path.count("/") == 1 and path.endswith("/__manifest__.py")]
            with made_whole(target) as part, tarfile.open(fileobj=io.BytesIO(git("archive", base, *names))) as archive:
                # Debian 12's Python has no filters yet; what git packs needs none
                archive.extractall(part, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return target


def source_or_skip():
    """``source()`` for a test, which is skipped without the history; with ``CI=true`` it fails.

    A downloaded archive has no history, and its tests should not fail because of that.
    """
    import pytest

    try:
        return source()
    except NoHistory as error:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(str(error))
        pytest.skip(str(error))


def template(setup, script):
    """Create a database with the base's addons and with the records that a script creates through them.

    :param str script: for Odoo's shell
    :return: name of a template to copy
    """
    folder = source()
    names = sorted(path.parent.name for path in folder.glob("*/__manifest__.py"))
    key = [setup.odoo.identity, *project.setting("test_modules"), commit(), script]
    name = f"{databases.owned('template')}_base_{digest(*key)}"
    if databases.is_whole(setup, name):
        return name
    foreign = databases.foreign_template(setup)
    with lock("template-base", purpose="making a template database"):
        if not databases.is_whole(setup, name):
            make(setup, name, foreign, names, script, addons_path(setup, folder))
    return name


def addons_path(setup, folder):
    return f"--addons-path={','.join(map(str, [*setup.odoo.addons, folder]))}"


def make(setup, name, foreign, names, script, path):
    need_space(cache(), 500, "a template database")
    part = f"{name}_part"
    for leftover in (name, part):
        databases.drop(setup, leftover)
    databases.copy(setup, foreign, part)
    databases.odoo_into(setup, part, path, "-i", ",".join(names), title="Installing the release to update from")
    databases.run_script(setup, part, script, logs() / f"base-{part}.log", path)
    for old in databases.named(setup.server, f"{databases.owned('template')}_base_")[: -databases.KEPT_TEMPLATES]:
        with suppress(QueryError):  # another ./dev process is copying it
            databases.drop(setup, old)
    databases.rename(setup, part, name)
