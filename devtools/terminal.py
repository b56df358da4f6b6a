"""Messages to the user at the terminal, and running other programs.

Progress goes to standard error, so that the standard output of a command
(``./dev odoo i18n export -o -``, ``./dev bench x --json``) stays clean.
"""

import ctypes
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .patience import FAREWELL

CLEAR_LINE = "\r\033[K"


class DevError(Exception):
    """An error that the user can act upon: it is shown as one line without a traceback."""


def say(text):
    """Print a line to standard error; on a terminal it replaces a progress line."""
    print(f"{CLEAR_LINE if sys.stderr.isatty() else ''}{text}", file=sys.stderr, flush=True)


class Progress:
    """A long step with its name, its progress and its duration.

    On a terminal the line is rewritten; elsewhere (CI) a line is printed at most
    every ten seconds.
    """

    def __init__(self, title):
        self.title = title
        self.started = self.shown = time.monotonic()
        self.live = sys.stderr.isatty()

    def update(self, detail):
        now = time.monotonic()
        if self.live and now - self.shown > 0.1:
            print(f"{CLEAR_LINE}· {self.title}: {detail}", end="", file=sys.stderr, flush=True)
            self.shown = now
        elif not self.live and now - self.shown > 10:
            say(f"· {self.title}: {detail}")
            self.shown = now


@contextmanager
def step(title):
    progress = Progress(title)
    if progress.live:
        print(f"· {title} …", end="", file=sys.stderr, flush=True)
    else:
        say(f"· {title} …")
    outcome = "failed"
    try:
        yield progress
        outcome = "done"
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    finally:
        seconds = time.monotonic() - progress.started
        say(f"· {title}: {outcome} ({seconds:.1f} s)")


def die_with_parent():
    """Make a child, before exec, receive SIGTERM when ``dev`` dies, even by kill -9 (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run_logged(command, log, on_line=None, **options):
    """Run ``command`` with its output in the file ``log``, and pass each line to ``on_line``.

    Returns the exit code. Standard input is empty, so that the command cannot ask questions.
    """
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8", errors="replace") as stream:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
            **options,
        )
        try:
            for line in process.stdout:
                stream.write(line)
                if on_line:
                    on_line(line.rstrip())
            return process.wait()
        except BaseException:
            stop(process)
            raise
        finally:
            process.stdout.close()


def stop(process, gently=signal.SIGTERM):
    """End a child that this program started, and wait for it."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(gently)
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tail(path, wanted=("ERROR", "CRITICAL", "Error", "error:", "E: "), default="no output"):
    """Find the last error message in a log, or else its last line."""
    with suppress(OSError):
        lines = [line.strip() for line in Path(path).read_text(errors="replace").splitlines() if line.strip()]
        telling = [line for line in lines if any(word in line for word in wanted)]
        return (telling or lines or [default])[-1][:300]
    return default
