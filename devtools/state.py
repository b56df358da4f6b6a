"""Where things are kept, and who may touch them when.

``cache()``, one per user: what is expensive and does not depend on a checkout.
``local()``, ``.dev/`` in the checkout: logs, generated configuration, screenshots.

Locks are ``flock`` on files that stay: the kernel releases them when a process
ends, however it ends, so that nothing has to be repaired after ``kill -9``.
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
    # the specification of XDG_CACHE_HOME says: relative paths are invalid, ignore
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
    """A named lock of this cache; ``shared`` ones may be held by many."""

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
    """Yield a fresh folder beside ``target`` that becomes ``target`` when all went well.

    ``target`` exists only complete: an interruption leaves a ``.part-*`` folder,
    which the next one to make the same thing removes. Callers hold a lock.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".part-{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = target.parent / f".part-{target.name}-{uuid.uuid4().hex[:8]}"
    part.mkdir()
    yield part
    part.rename(target)


def need_space(folder, megabytes, what):
    """Refuse early, with the numbers, what would end with a full disk."""
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise DevError(f"no space: {what} needs {megabytes} MB in {folder}, {free} MB are free")


def write_whole(path, text):
    """Replace a small file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    part.write_text(text)
    part.replace(path)
