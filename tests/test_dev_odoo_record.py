"""The recorded Odoo, its first fetch and its renewal, with a local apt repository."""

import argparse
import hashlib
import itertools
import subprocess

import pytest

from devtools import command_renew, debian, odoo_record, odoo_source, state
from devtools.terminal import DevError

pytestmark = pytest.mark.skipif(not debian.is_debian(), reason="needs Debian's apt")
OWN = debian.release().get("VERSION_CODENAME", "sid")


class Repository:
    """A Debian archive with tiny packages."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()
        self.suites = {"sid": [], "testing": [], "stable": [], OWN: []}

    def add(self, name, version, suite="sid", content=""):
        """Build and return a package; ``odoo-19`` contains an Odoo with this version in ``release.py``."""
        built = self.folder / f"build-{next(self.numbers)}"
        (built / "DEBIAN").mkdir(parents=True)
        (built / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\n"
            "Description: for a test\n"
        )
        if name == odoo_record.ODOO:
            home = built / "usr/lib/python3/dist-packages/odoo"
            (home / "addons/mail").mkdir(parents=True)
            (home / "release.py").write_text(f"# {version}\n{content}version_info = (19, 0, 0, 'final', 0, '')\n")
        file = f"pool/{name}_{version.replace(':', '%3a')}_all.deb"
        (self.folder / "pool").mkdir(exist_ok=True)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", built, self.folder / file], check=True, capture_output=True)
        packed = (self.folder / file).read_bytes()
        sha256 = hashlib.sha256(packed).hexdigest()
        control = (built / "DEBIAN/control").read_text()
        self.suites[suite].append(f"{control}Filename: {file}\nSize: {len(packed)}\nSHA256: {sha256}\n")
        return debian.Package(name, version, sha256)

    def remove(self, package):
        for stanzas in self.suites.values():
            stanzas[:] = [text for text in stanzas if package.sha256 not in text]

    def publish(self):
        for suite, stanzas in self.suites.items():
            lists = "main/binary-all/Packages"
            path = self.folder / "dists" / suite / lists
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(stanzas))
            (self.folder / "dists" / suite / "Release").write_text(
                f"Suite: {suite}\nCodename: {suite}\nArchitectures: all\nComponents: main\n"
                f"Date: Sun, 01 Nov 2026 00:00:00 UTC\nSHA256:\n"
                f" {hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size} {lists}\n"
            )


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A mirror with Odoo and its dependencies, all recorded; without signatures, which apt checks itself."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ODOO_HOME", raising=False)
    mirror = Repository(tmp_path / "mirror")
    monkeypatch.setattr(debian, "mirror", lambda: mirror.folder.as_uri())
    monkeypatch.setattr(debian, "SOURCE_OPTIONS", "trusted=yes")
    monkeypatch.setattr(odoo_record, "ROOT", tmp_path)
    monkeypatch.setattr(odoo_record, "RECORD", tmp_path / "odoo.lock")
    mirror.odoo = mirror.add("odoo-19", "19.0.0+dfsg-1")
    for name in odoo_record.BESIDE:
        mirror.add(name, "2:1.0-1", OWN if name in odoo_record.OF_OWN_RELEASE else "sid")
    mirror.publish()
    odoo_record.RECORD.write_text("# nothing yet\n")
    assert command_renew.main(argparse.Namespace()) == 0
    return mirror


def fetched_version():
    return (odoo_source.locate().home / "odoo/release.py").read_text().splitlines()[0].removeprefix("# ")


def test_renewal_records_name_version_and_checksum(repository):
    recorded = odoo_record.read()
    assert list(recorded) == ["odoo-19", *odoo_record.BESIDE]
    assert recorded["odoo-19"] == repository.odoo
    assert {package.version for package in recorded.values()} == {"19.0.0+dfsg-1", "2:1.0-1"}


def test_the_recorded_odoo_is_used_although_a_newer_one_is_there(repository, capsys):
    repository.add("odoo-19", "19.0.1+dfsg-1")
    repository.publish()
    assert fetched_version() == "19.0.0+dfsg-1"
    assert "no longer" not in capsys.readouterr().err


def test_when_the_recorded_odoo_is_gone_the_newest_is_used_and_one_line_says_so(repository, capsys):
    repository.remove(repository.odoo)
    repository.add("odoo-19", "19.0.1+dfsg-1")
    repository.add("odoo-19", "19.0.2+dfsg-1")
    repository.publish()
    assert fetched_version() == "19.0.2+dfsg-1"
    told = [line for line in capsys.readouterr().err.splitlines() if "no longer" in line]
    assert told == ["· The archive no longer has what the tests passed on: odoo-19 19.0.0+dfsg-1, using 19.0.2+dfsg-1"]


def test_the_recorded_odoo_is_used_from_testing_when_sid_has_a_newer_one(repository, capsys):
    stanza = repository.suites["sid"].pop(0)
    assert repository.odoo.sha256 in stanza
    repository.suites["testing"].append(stanza)
    repository.add("odoo-19", "19.0.1+dfsg-1")
    repository.publish()
    assert fetched_version() == "19.0.0+dfsg-1"
    assert "no longer" not in capsys.readouterr().err


def test_odoo_is_found_in_testing_when_it_has_left_sid(repository):
    repository.remove(repository.odoo)
    repository.add("odoo-19", "19.0.3+dfsg-1", "testing")
    repository.publish()
    assert fetched_version() == "19.0.3+dfsg-1"


def test_another_content_under_the_recorded_version_is_refused(repository):
    repository.remove(repository.odoo)
    forged = repository.add("odoo-19", repository.odoo.version, content="# forged\n")
    repository.publish()
    with pytest.raises(DevError) as refused:
        odoo_source.locate()
    assert str(refused.value) == (
        "odoo-19 19.0.0+dfsg-1 in the Debian archive has not the SHA-256 recorded in odoo.lock:"
        f" {forged.sha256}, expected {repository.odoo.sha256}"
    )
    assert not list(state.cache().glob("odoo-19*"))


def test_no_odoo_anywhere_is_told(repository):
    repository.remove(repository.odoo)
    repository.publish()
    with pytest.raises(DevError, match="has no odoo-19 in sid, testing, stable"):
        odoo_source.locate()


def test_a_renewed_record_is_fetched_anew_and_told(repository, capsys):
    assert fetched_version() == "19.0.0+dfsg-1"
    repository.add("odoo-19", "19.0.1+dfsg-1")
    repository.publish()
    assert fetched_version() == "19.0.0+dfsg-1"
    command_renew.main(argparse.Namespace())
    assert "odoo-19: 19.0.0+dfsg-1 → 19.0.1+dfsg-1" in capsys.readouterr().err
    assert fetched_version() == "19.0.1+dfsg-1"
