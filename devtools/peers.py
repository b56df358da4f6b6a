"""Addons of others from PyPI, to install beside ours or to compare with. They are never part of the repository."""

import subprocess
import sys
from pathlib import Path


def install(packages, folder):
    """Install addons without what they depend on.

    :param packages: requirements, for pip
    :param folder: an empty folder
    :return: path of a folder for Odoo's ``addons_path``
    :raise subprocess.CalledProcessError: when pip cannot get them; it has said why
    """
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "--no-deps",
            "--target",
            folder,
            *packages,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return Path(folder, "odoo/addons")
