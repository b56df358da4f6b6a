"""The virtual environment with the Python packages of ``devtools/requirements.txt``.

Its folder is named by what is in it, the pinned packages and the Python, so that a
change makes a new one and two checkouts with the same pins share one.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian
from .state import ROOT, cache, digest, lock, logs, need_space
from .terminal import DevError, run_logged, say, step, tail

REQUIREMENTS = ROOT / "devtools/requirements.txt"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Debian's pip knows the certificates only where the package ca-certificates installs them, which it may not be.
START_PIP = """
import sys
wheel, certificates = sys.argv[1:3]
sys.path.insert(0, wheel)
from pip._vendor import certifi
certifi.where = lambda: certificates
from pip._internal.cli.main import main
sys.exit(main(sys.argv[3:]))
"""


def environment():
    """The path of the ready environment, which is created if necessary."""
    key = digest(REQUIREMENTS.read_bytes(), sys.version_info[:2], platform.machine(), os.path.realpath(base_python()))
    target = cache() / f"venv-{key}"
    # scripts in an environment hold its path, so it is made in place; the mark comes last
    if not (target / "complete").exists():
        with lock("venv", purpose="installing Python packages"):
            if not (target / "complete").exists():
                install(target)
                (target / "complete").touch()
    return target


def base_python():
    """The Python of the environment: the system's own of the same version, or else the one that runs this.

    Hosts run Odoo on the system's. Debian's is built with profiles of its use; without them, as Python is built unless
    somebody asks for it, Odoo takes half as long again.
    """
    return shutil.which("python{}.{}".format(*sys.version_info[:2]), path="/usr/bin") or sys.executable


def install(target):
    shutil.rmtree(target, ignore_errors=True)
    need_space(target, 1000, "the Python packages")
    wanted = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    with step(f"Installing {len(wanted)} Python packages") as progress:
        log = logs() / "venv.log"
        # in Debian, ensurepip belongs to python3-venv, which may not be installed
        bundled = subprocess.run([base_python(), "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode == 0
        options = [] if bundled else ["--without-pip"]
        if run_logged([base_python(), "-m", "venv", *options, target], log):
            raise DevError(f"cannot make a virtual environment: {tail(log)}")
        python, file = target / "bin/python", target / "requirements.txt"
        if not bundled:
            debian_pip = start_debian_pip(target / "debian", progress)
            pip_install([python, *debian_pip], [line for line in wanted if line.startswith("pip==")], file, progress)
            shutil.rmtree(target / "debian")
        pip_install([python, "-m", "pip"], wanted, file, progress)


def pip_install(pip, wanted, requirements, progress):
    """Install the lines ``wanted`` with the command ``pip``; ``requirements`` is the file that pip reads.

    A version that the index has no longer (or not for this Python) must not keep a first
    start from working: that package is taken in the version that suits the others.
    """
    seen = set()

    def show(line):
        if line.startswith("Collecting "):
            seen.add(line.split()[1])
            progress.update(f"{len(seen)} of {len(wanted)}")
        elif line.startswith(("Building", "Installing collected")):
            progress.update(line.split(":")[0].lower())

    log = logs() / "pip.log"
    while True:
        requirements.write_text("\n".join(wanted) + "\n")
        code = run_logged([*pip, "install", "--no-input", "--disable-pip-version-check", "-r", requirements], log, on_line=show)
        if not code:
            return
        unreachable = ("connection broken by", "Could not fetch URL", "Max retries exceeded")
        reason = tail(log, unreachable)
        if any(words in reason for words in unreachable):
            raise DevError(f"cannot reach the Python package index: {reason}")
        gone = re.search(r"No matching distribution found for (\S+)==(\S+)", log.read_text())
        pinned = [line for line in wanted if gone and line.startswith(f"{gone[1]}==")]
        if not pinned:
            raise DevError(f"cannot install the Python packages (all of it in {log}): {tail(log)}")
        say(f"· {gone[1]} {gone[2]} is no longer available: using another version")
        wanted = [line.replace(f"=={gone[2]}", "") if line in pinned else line for line in wanted]


def start_debian_pip(folder, progress):
    """pip for a Python without ensurepip, out of the wheel in Debian's ``python3-pip-whl``, unpacked into ``folder``.

    Returns the arguments that make a Python run it.
    """
    if not debian.is_debian():
        raise DevError("this Python has no ensurepip: install the venv package of your system")
    folder.mkdir()
    archive = debian.Archive()
    archive.update(progress)
    names = ("python3-pip-whl", "ca-certificates")
    archive.unpack([archive.newest(name, archive.own) for name in names], folder, progress)
    wheels = sorted((folder / "usr/share/python-wheels").glob("pip-*.whl"))
    if not wheels:
        raise DevError("Debian's python3-pip-whl has no wheel of pip in it: install python3-venv")
    certificates = SYSTEM_CERTIFICATES
    if not certificates.exists():
        certificates = folder / "certificates.pem"
        certificates.write_bytes(
            b"\n".join(path.read_bytes() for path in sorted((folder / "usr/share/ca-certificates").rglob("*.crt")))
        )
    return ["-c", START_PIP, wheels[-1], certificates]


def site_packages(target):
    return next((target / "lib").glob("python3.*")) / "site-packages"
