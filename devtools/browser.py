"""Chromium, for the tours and the tests."""

import os
import shutil
import subprocess

from .state import lock, logs
from .terminal import run_logged, say, step, tail

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # the names that Odoo looks for


def find():
    return next((path for path in map(shutil.which, NAMES) if path), None)


def ensure():
    """Find a browser, or install one if that is allowed.

    :return: its path, or None
    """
    if find():
        return find()
    with lock("browser", purpose="installing Chromium"):
        if not find():
            install()
    return find()


def install():
    if not shutil.which("apt-get"):
        say("· Chromium is missing, and there is no apt-get to install it")
        return
    sudo = []
    if os.geteuid():
        sudo = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
            say("· Chromium is missing and there is no right to install it: apt-get install chromium")
            return
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-oDPkg::Lock::Timeout=300"]
    with step("Installing Chromium") as progress:
        # a failing update is not fatal: older package lists may do
        for words in (["update"], ["install", "--no-install-recommends", "chromium"]):
            log = logs() / f"chromium-{words[0]}.log"
            code = run_logged([*apt, *words], log, on_line=lambda line: progress.update(line[:60]))
    if code:
        say(f"· Chromium could not be installed: {tail(log)}")
