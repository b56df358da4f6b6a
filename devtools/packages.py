"""The virtual environment with the Python packages of ``requirements.txt``.

Its folder is named by what is in it, the pinned packages and the Python, so that a
change makes a new one and two checkouts with the same pins share one.
"""

import importlib.util
import os
import platform
import shutil
import sys
import zipfile
from pathlib import Path

from . import debian
from .state import ROOT, cache, digest, lock, logs, need_space
from .terminal import DevError, run_logged, step, tail

REQUIREMENTS = ROOT / "requirements.txt"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def environment():
    """The path of the ready environment, made first if need be."""
    key = digest(REQUIREMENTS.read_bytes(), sys.version_info[:2], platform.machine(), os.path.realpath(sys.executable))
    target = cache() / f"venv-{key}"
    # scripts in an environment hold its path, so it is made in place; the mark comes last
    if not (target / "complete").exists():
        with lock("venv", purpose="installing Python packages"):
            if not (target / "complete").exists():
                install(target)
                (target / "complete").touch()
    return target


def install(target):
    shutil.rmtree(target, ignore_errors=True)
    need_space(target, 1000, "the Python packages")
    wanted = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    with step(f"Installing {len(wanted)} Python packages") as progress:
        log = logs() / "venv.log"
        # Debian leaves ensurepip to python3-venv, which may not be there
        bundled = importlib.util.find_spec("ensurepip") is not None
        options = [] if bundled else ["--without-pip"]
        if run_logged([sys.executable, "-m", "venv", *options, target], log):
            raise DevError(f"cannot make a virtual environment: {tail(log)}")
        if not bundled:
            add_debian_pip(target, progress)
        seen = set()

        def show(line):
            if line.startswith("Collecting "):
                seen.add(line.split()[1])
                progress.update(f"{len(seen)} of {len(wanted)}")
            elif line.startswith(("Building", "Installing collected")):
                progress.update(line.split(":")[0].lower())

        log = logs() / "pip.log"
        code = run_logged(
            [target / "bin/python", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r", REQUIREMENTS],
            log, on_line=show,
        )
        if code:
            unreachable = ("connection broken by", "Could not fetch URL", "Max retries exceeded")
            reason = tail(log, unreachable)
            if any(words in reason for words in unreachable):
                raise DevError(f"cannot reach the Python package index: {reason}")
            raise DevError(f"cannot install the Python packages (all of it in {log}): {tail(log)}")


def add_debian_pip(target, progress):
    """pip out of the wheel in Debian's ``python3-pip-whl``, for a Python without ensurepip.

    Debian's pip trusts the certificates of the package ``ca-certificates`` at their
    installed place; where that is not installed, it is told of a bundle made from it.
    """
    if not debian.is_debian():
        raise DevError("this Python has no ensurepip: install the venv package of your system")
    unpacked = target / "debian"
    unpacked.mkdir()
    archive = debian.Archive()
    archive.update(progress)
    archive.unpack([f"{name}/{debian.OWN_RELEASE}" for name in ("python3-pip-whl", "ca-certificates")], unpacked, progress)
    wheels = sorted((unpacked / "usr/share/python-wheels").glob("pip-*.whl"))
    if not wheels:
        raise DevError("Debian's python3-pip-whl has no wheel of pip in it: install python3-venv")
    with zipfile.ZipFile(wheels[-1]) as wheel:
        wheel.extractall(site_packages(target))
    if not SYSTEM_CERTIFICATES.exists():
        bundle = target / "certificates.pem"
        bundle.write_bytes(b"\n".join(
            path.read_bytes() for path in sorted((unpacked / "usr/share/ca-certificates").rglob("*.crt"))
        ))
        trusted = site_packages(target) / "pip/_vendor/certifi/core.py"
        trusted.write_text(trusted.read_text().replace(str(SYSTEM_CERTIFICATES), str(bundle)))
    shutil.rmtree(unpacked)


def site_packages(target):
    return next((target / "lib").glob("python3.*")) / "site-packages"
