"""``./dev screenshots [--port N] [--database NAME] [NAME...]``: the README's pictures, from a running ``./dev run``."""

from . import browser, command_test, server
from .setup import Setup
from .state import ROOT
from .terminal import DevError


def main(options):
    if server.is_free(options.port):
        raise DevError(f"nothing answers on port {options.port}: start ./dev run --port {options.port} first, with demo data")
    setup = Setup.ready()
    try:
        program = browser.ensure()
        if not program:
            raise DevError("there is no Chromium to take pictures with: apt-get install chromium")
        return command_test.run(
            [
                setup.python,
                ROOT / "tests/screenshots.py",
                program,
                f"http://127.0.0.1:{options.port}",
                options.database,
                *options.names,
            ],
            setup.environment(),
        )
    finally:
        setup.server.release()
