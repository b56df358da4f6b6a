"""The virtual environment with the Python packages of ``requirements.txt``.

Its folder is named by what is in it, the pinned packages and the Python, so that a
change makes a new one and two checkouts with the same pins share one.
"""

import importlib.util
import os
import platform
import shutil
import sys
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
    need_space(target, 800, "the Python packages")
    wanted = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    with step(f"Installing {len(wanted)} Python packages") as progress:
        log = logs() / "venv.log"
        # Debian leaves ensurepip to python3-venv, which may not be there
        bundled = importlib.util.find_spec("ensurepip") is not None
        options = [] if bundled else ["--without-pip"]
        if run_logged([sys.executable, "-m", "venv", *options, target], log):
            raise DevError(f"cannot make a virtual environment: {tail(log)}")
        python = target / "bin/python"
        pip, extra = ([python, "-m", "pip"], {}) if bundled else debian_pip(python, progress)
        seen = set()

        def show(line):
            if line.startswith("Collecting "):
                seen.add(line.split()[1])
                progress.update(f"{len(seen)} of {len(wanted)}")
            elif line.startswith(("Building", "Installing collected")):
                progress.update(line.split(":")[0].lower())

        log = logs() / "pip.log"
        code = run_logged(
            [*pip, "install", "--no-input", "--disable-pip-version-check", "-r", REQUIREMENTS], log,
            on_line=show, env={**os.environ, **extra},
        )
        if code:
            raise DevError(f"cannot install the Python packages (all of it in {log}): {tail(log)}")


def debian_pip(python, progress):
    """pip out of the wheel in Debian's ``python3-pip-whl``, on a Python without ensurepip.

    Debian's pip trusts the certificates of the package ``ca-certificates``; where that
    is not installed, a bundle is made from the same package.
    """
    if not debian.is_debian():
        raise DevError("this Python has no ensurepip: install the venv package of your system")
    target = cache() / "pip"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    archive = debian.Archive()
    archive.update(progress)
    archive.unpack([f"{name}/{debian.OWN_RELEASE}" for name in ("python3-pip-whl", "ca-certificates")], target, progress)
    wheels = sorted((target / "usr/share/python-wheels").glob("pip-*.whl"))
    if not wheels:
        raise DevError("Debian's python3-pip-whl has no wheel of pip in it: install python3-venv")
    extra = {}
    if not SYSTEM_CERTIFICATES.exists():
        bundle = target / "certificates.pem"
        bundle.write_bytes(b"\n".join(
            path.read_bytes() for path in sorted((target / "usr/share/ca-certificates").rglob("*.crt"))
        ))
        extra = {name: os.environ.get(name, str(bundle)) for name in ("PIP_CERT", "SSL_CERT_FILE")}
    return [python, wheels[-1] / "pip"], extra


def site_packages(target):
    return next((target / "lib").glob("python3.*")) / "site-packages"
