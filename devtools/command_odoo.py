"""``./dev odoo ARGS…``: Odoo's own command line, with the project's configuration."""

import signal
import subprocess

from .setup import Setup
from .terminal import die_with_parent, stop


def main(arguments):
    setup = Setup.ready()
    try:
        process = subprocess.Popen(
            list(map(str, setup.odoo_command(*arguments))), env=setup.environment(), preexec_fn=die_with_parent
        )
        # Odoo receives Ctrl-C itself, and ends or, in its shell, continues
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return process.wait()
        finally:
            stop(process)
    finally:
        setup.server.release()
