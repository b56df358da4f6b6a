"""``odoo.lock``: the Odoo that the tests passed on, and what is unpacked beside it.

A line for each Debian package: name, version, SHA-256 of the ``.deb``. The recorded
versions are used while the archive has them. When one is gone, the newest is used and
that is said: a record must never keep a first start from working.
"""

from . import debian
from .state import ROOT, write_whole
from .terminal import DevError, say

RECORD = ROOT / "devtools/odoo.lock"
ODOO = "odoo-19"
# What the package links to with relative links; without jquery every page is an error 500.
BESIDE = (
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-font-awesome",
)
# Font Awesome from this release: the file names of version 7 (sid) are others.
OF_OWN_RELEASE = ("fonts-font-awesome",)
# Where Odoo is looked for: it may leave sid when its successor comes. The lists of all of them take a while to read.
SUITES = ("sid", "testing", "stable")
HEADER = f"""\
# The Odoo that the tests passed on, and what is unpacked beside it: Debian package, version, SHA-256.
# Used while the archive has it, else the newest {ODOO}. Renewed by ./dev renew.
"""


def read():
    """The recorded packages: a dict of :class:`debian.Package` by name."""
    lines = [line.split() for line in RECORD.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {words[0]: debian.Package(*words) for words in lines}


def renew(progress):
    """Record the newest versions that the archive has; returns ``(before, after)``, dicts as of :func:`read`."""
    before = read()
    archive = reach(progress, f"{ODOO}/{SUITES[0]}")
    after = {name: newest(archive, name) for name in (ODOO, *BESIDE)}
    write_whole(RECORD, HEADER + "".join(f"{package.name} {package.version} {package.sha256}\n" for package in after.values()))
    return before, after


def choose(progress):
    """The archive, and the packages of it to use: the recorded ones where it has them.

    Raises :class:`DevError` when a recorded version has another content than recorded.
    """
    record = read()
    archive = reach(progress, f"{ODOO}={record[ODOO].version}")
    chosen, gone = [], []
    for name, recorded in record.items():
        found = archive.find(f"{name}={recorded.version}")
        if found and found != recorded:
            raise DevError(
                f"{name} {found.version} in the Debian archive has not the SHA-256 recorded in"
                f" {RECORD.relative_to(ROOT)}: {found.sha256}, expected {recorded.sha256}"
            )
        if not found:
            found = newest(archive, name)
            gone.append(f"{name} {recorded.version}, using {found.version}")
        chosen.append(found)
    if gone:
        say(f"· The archive no longer has what the tests passed on: {'; '.join(gone)}")
    return archive, chosen


def reach(progress, wish):
    """The archive, with the suites that are read: the first, or all of them where that lacks ``wish``."""
    for suites in (SUITES[:1], SUITES):
        archive = debian.Archive(*suites)
        archive.update(progress)
        if archive.find(wish):
            break
    return archive


def newest(archive, name):
    return archive.newest(name, *((archive.own,) if name in OF_OWN_RELEASE else SUITES))
