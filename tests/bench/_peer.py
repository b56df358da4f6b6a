"""An Odoo with an addon of somebody else, to compare with: from PyPI, in a temporary folder and a database of its own."""

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from devtools import databases, peers
from devtools.setup import Setup


@contextmanager
def peer_environment(packages, module):
    """Prepare the environment variables of an Odoo with the peer, and a database with it installed.

    :param packages: requirements, for pip
    :param str module: the addon to install
    """
    setup = Setup.from_environment()
    with tempfile.TemporaryDirectory() as folder, databases.temporary(setup, databases.foreign_template) as database:
        addons = peers.install(packages, folder)
        lines = [
            f"{line},{addons}" if line.startswith("addons_path") else line for line in setup.config.read_text().splitlines()
        ]
        config = Path(folder, "odoo.conf")
        config.write_text("\n".join(lines))
        environment = setup.environment() | {"ODOO_RC": str(config), "HELPDESK_LITE_DATABASE": database}
        subprocess.run(
            [*setup.odoo_command("-d", database, "-i", module, "--no-http", "--stop-after-init", "--log-level=error")],
            env=environment,
            check=True,
        )
        yield environment


def run_with_peer(packages, module, script, *arguments):
    """Run a script in such an Odoo.

    :param script: path, which prints a JSON object as its last line
    :return: that object
    """
    with peer_environment(packages, module) as environment:
        answer = subprocess.run(
            [sys.executable, script, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    return json.loads(answer.stdout.splitlines()[-1])
