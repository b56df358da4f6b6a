"""Packages out of the Debian archive, unpacked but not installed, without root.

apt gets a private state, so that nothing of the machine's own changes and no right
is needed; it still checks the signatures with the archive's own keys.
"""

import shutil
import subprocess
from pathlib import Path

from .state import cache, logs
from .terminal import DevError, run_logged, tail

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OWN_RELEASE = "own"


def release():
    """``os-release`` as a dict; empty where there is none."""
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
    """The address this machine gets Debian from, as its own apt is configured."""
    codename = release().get("VERSION_CODENAME", "sid")
    suites = {codename, "stable", "oldstable", "testing", "unstable", "sid"}
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)", "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    ).stdout.split("\n")
    for line in found:
        address, suite, component = [*line.split("\t"), "", ""][:3]
        if suite in suites and component == "main":
            return address
    raise DevError("apt on this machine names no Debian mirror: check /etc/apt/sources.list.d")


class Archive:
    """A private apt over suite sid and the machine's own release."""

    def __init__(self):
        self.folder = cache() / "apt"
        self.own = release().get("VERSION_CODENAME", "sid")
        self.address = mirror()
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        sources = self.folder / "sources.list"
        sources.write_text("".join(
            f"deb [signed-by={KEYRING}] {self.address} {suite} main\n" for suite in sorted({"sid", self.own})
        ))
        (self.folder / "status").touch()
        self.options = [
            f"-o{key}={value}" for key, value in {
                "Dir::Etc::sourcelist": sources,
                "Dir::Etc::sourceparts": "/dev/null",
                "Dir::Etc::preferencesparts": "/dev/null",
                "Dir::State": self.folder,
                "Dir::State::lists": self.folder / "lists",
                "Dir::State::status": self.folder / "status",
                "Dir::Cache": self.folder,
                "Dir::Cache::archives": self.folder / "archives",
                "Acquire::Languages": "none",
                "Acquire::Retries": "3",
                # root's apt downloads as user _apt, who cannot reach a private folder
                "APT::Sandbox::User": "",
                "APT::Status-Fd": "1",
                # hooks of the machine's own apt have no business here
                "APT::Update::Post-Invoke-Success::": "",
            }.items() if not key.endswith("::")
        ]

    def update(self, progress):
        log = logs() / "apt-update.log"
        code = run_logged(
            ["apt-get", *self.options, "-oAPT::Update::Error-Mode=any", "update"], log,
            on_line=lambda line: progress.update("reading the package lists"),
        )
        if code:
            raise DevError(f"cannot reach the Debian mirror {self.address}: {tail(log)}")

    def unpack(self, names, target, progress):
        """Fetch packages (``name`` from sid, ``name/own`` from this release) into ``target``."""
        with_suite = [
            f"{name.removesuffix('/' + OWN_RELEASE)}/{self.own if name.endswith('/' + OWN_RELEASE) else 'sid'}"
            for name in names
        ]
        downloads = self.folder / "downloads"
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir()
        log = logs() / "apt-download.log"

        def show(line):
            # dlstatus:FILE:PERCENT:TEXT, by APT::Status-Fd
            if line.startswith("dlstatus:"):
                progress.update(f"{float(line.split(':')[2]):.0f} % downloaded")

        if run_logged(["apt-get", *self.options, "download", *with_suite], log, on_line=show, cwd=downloads):
            raise DevError(f"cannot get {names[0]} from the Debian mirror {self.address}: {tail(log)}")
        for number, package in enumerate(sorted(downloads.glob("*.deb")), 1):
            progress.update(f"unpacking {number} of {len(names)}")
            unpack_log = logs() / "dpkg.log"
            if run_logged(["dpkg", "-x", package, target], unpack_log):
                raise DevError(f"cannot unpack {package.name}: {tail(unpack_log)}")
            package.unlink()
