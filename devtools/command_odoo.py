"""``./dev odoo ARGS…``: Odoo's own command line, with the project's configuration."""

import subprocess

from .setup import Setup


def main(arguments):
    setup = Setup.ready()
    try:
        process = subprocess.Popen(setup.odoo_command(*arguments), env=setup.environment())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue        # the terminal sent it to Odoo too, which ends or, in a shell, goes on
    finally:
        setup.server.release()
