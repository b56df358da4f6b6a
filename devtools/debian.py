"""Packages out of the Debian archive, unpacked but not installed, without root.

apt gets a private state, so that nothing of the machine's own changes and no right
is needed; it still checks the signatures with the archive's own keys.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from .state import cache, logs
from .terminal import DevError, run_logged, tail

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCE_OPTIONS = f"signed-by={KEYRING}"
OFFER = re.compile(r"^'[^']*' (?P<file>\S+) \d+ SHA256:(?P<sha256>[0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    sha256: str  # SHA-256 of the .deb file, in hexadecimal


def release():
    """Read ``os-release`` as a dict, which is empty if there is no such file."""
    facts = {}
    for path in (Path("/etc/os-release"), Path("/usr/lib/os-release")):
        if path.is_file():
            for line in path.read_text().splitlines():
                key, found, value = line.partition("=")
                if found:
                    facts[key] = value.strip().strip("\"'")
            break
    return facts


def is_debian():
    return release().get("ID") == "debian" and bool(shutil.which("apt-get")) and bool(shutil.which("dpkg"))


def mirror():
    """The URL of the Debian mirror in the machine's own apt configuration."""
    codename = release().get("VERSION_CODENAME", "sid")
    suites = {codename, "stable", "oldstable", "testing", "unstable", "sid"}
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    for line in found:
        address, suite, component = [*line.split("\t"), "", ""][:3]
        if suite in suites and component == "main":
            return address
    raise DevError("apt on this machine names no Debian mirror: check /etc/apt/sources.list.d")


class Archive:
    """A private apt for the machine's own release and the given suites."""

    def __init__(self, *suites):
        self.folder = cache() / "apt"
        self.own = release().get("VERSION_CODENAME", "sid")
        self.address = mirror()
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        sources = self.folder / "sources.list"
        sources.write_text(
            "".join(f"deb [{SOURCE_OPTIONS}] {self.address} {name} main\n" for name in sorted({*suites, self.own}))
        )
        (self.folder / "status").touch()
        self.options = [
            f"-o{key}={value}"
            for key, value in {
                "Dir::Etc::sourcelist": sources,
                "Dir::Etc::sourceparts": "/dev/null",
                "Dir::Etc::preferencesparts": "/dev/null",
                "Dir::State": self.folder,
                "Dir::State::lists": self.folder / "lists",
                "Dir::State::status": self.folder / "status",
                "Dir::Cache": self.folder,
                "Dir::Cache::archives": self.folder / "archives",
                "Dir::Cache::pkgcache": self.folder / "pkgcache.bin",  # containers disable it, which costs 2 s
                "Dir::Cache::srcpkgcache": self.folder / "srcpkgcache.bin",
                "Acquire::Languages": "none",
                "Acquire::Retries": "3",
                # root's apt downloads as the user _apt, who cannot access a private folder
                "APT::Sandbox::User": "",
                "APT::Status-Fd": "1",
                # hooks of the machine's own apt must not run
                "APT::Update::Post-Invoke-Success::": "",
            }.items()
            if not key.endswith("::")
        ]

    def update(self, progress):
        """Fetch the package lists; :class:`DevError` when the mirror does not answer."""
        log = logs() / "apt-update.log"
        code = run_logged(
            ["apt-get", *self.options, "-oAPT::Update::Error-Mode=any", "update"],
            log,
            on_line=lambda line: progress.update("reading the package lists"),
        )
        if code:
            raise DevError(f"cannot reach the Debian mirror {self.address}: {tail(log)}")

    def newest(self, name, *suites):
        """The :class:`Package` of this name in the first suite that has it."""
        for suite in suites:
            if found := self.find(f"{name}/{suite}"):
                return found
        raise DevError(f"the Debian mirror {self.address} has no {name} in {', '.join(suites)}")

    def find(self, wish):
        """The :class:`Package` for ``name=version`` or ``name/suite``; None when there is none."""
        done = subprocess.run(
            ["apt-get", *self.options, "--print-uris", "download", wish], capture_output=True, text=True, check=False
        )
        offer = OFFER.search(done.stdout)
        # FILE is NAME_VERSION_ARCHITECTURE.deb, where a colon is written %3a
        return offer and Package(*unquote(offer["file"]).split("_")[:2], offer["sha256"])

    def unpack(self, packages, target, progress):
        """Fetch packages that ``find`` returned into ``target``; apt checks each against the signed lists."""
        downloads = self.folder / "downloads"
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir()
        log = logs() / "apt-download.log"

        def show(line):
            # dlstatus:FILE:PERCENT:TEXT, by APT::Status-Fd
            if line.startswith("dlstatus:"):
                progress.update(f"{float(line.split(':')[2]):.0f} % downloaded")

        wishes = [f"{package.name}={package.version}" for package in packages]
        if run_logged(["apt-get", *self.options, "download", *wishes], log, on_line=show, cwd=downloads):
            raise DevError(f"cannot get {wishes[0]} from the Debian mirror {self.address}: {tail(log)}")
        for number, file in enumerate(sorted(downloads.glob("*.deb")), 1):
            progress.update(f"unpacking {number} of {len(wishes)}")
            unpack_log = logs() / "dpkg.log"
            if run_logged(["dpkg", "-x", file, target], unpack_log):
                raise DevError(f"cannot unpack {file.name}: {tail(unpack_log)}")
            file.unlink()
