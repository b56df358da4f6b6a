"""Folders for files, and locks.

``cache()``, one for each user: everything expensive that does not depend on a checkout.
``local()``, ``.dev/`` in the checkout: logs, generated configuration, screenshots.

Locks are ``flock`` on permanent files. The kernel releases them when a process ends in
any way, so nothing has to be repaired after ``kill -9``.
"""

import fcntl
import hashlib
import os
import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path

from .terminal import DevError, say

ROOT = Path(__file__).resolve().parent.parent


def cache():
    base = os.environ.get("XDG_CACHE_HOME")
    # by its specification, relative paths in XDG_CACHE_HOME are invalid and must be ignored
    base = Path(base) if base and os.path.isabs(base) else Path.home() / ".cache"
    return base / "helpdesk-lite"


def local():
    return ROOT / ".dev"


def logs():
    return local() / "logs"


def digest(*parts, length=10):
    value = hashlib.sha256()
    for part in parts:
        value.update(part if isinstance(part, bytes) else str(part).encode())
        value.update(b"\0")
    return value.hexdigest()[:length]


class Lock:
    """A named lock in the cache; many processes can hold a ``shared`` lock."""

    def __init__(self, name):
        folder = cache() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.lock"
        self.fd = None

    def acquire(self, *, shared=False, wait=True, purpose=""):
        if self.fd is None:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.fd, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                return False
            say(f"· waiting for another ./dev{' that is ' + purpose if purpose else ''} …")
            fcntl.flock(self.fd, mode)
        return True

    def release(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


@contextmanager
def lock(name, *, shared=False, purpose=""):
    held = Lock(name)
    held.acquire(shared=shared, purpose=purpose)
    try:
        yield held
    finally:
        held.release()


@contextmanager
def made_whole(target):
    """Yield a new folder beside ``target`` that is renamed to ``target`` on success.

    So ``target`` is always complete. An interruption leaves a ``.part-*`` folder, which the
    next attempt removes. Callers must hold a lock.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".part-{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = target.parent / f".part-{target.name}-{uuid.uuid4().hex[:8]}"
    part.mkdir()
    yield part
    part.rename(target)


def need_space(folder, megabytes, what):
    """Refuse an operation early if the disk has not enough space, and report the sizes."""
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise DevError(f"no space: {what} needs {megabytes} MB in {folder}, {free} MB are free")


def write_whole(path, text):
    """Replace a small file atomically, so that nobody reads an incomplete file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    part.write_text(text)
    part.replace(path)
