"""Exports the ``.pot`` of each of our addons with ``odoo i18n export``.

The demo data are loaded first, because their texts are translated as well.
"""

import os
import shutil

from devtools import demo, project
from devtools.command_bench import DATABASE
from devtools.databases import run_script
from devtools.setup import Setup
from devtools.state import ROOT, logs
from devtools.terminal import DevError, run_logged, tail

from . import catalog as catalogs


def export(folder):
    """Export a fresh ``.pot`` of every addon, from a temporary database.

    :param Path folder: for copies of the addons, because Odoo writes into the addons themselves
    :return: dict of addon to :class:`~devtools.i18n.catalog.PoFile`
    :raise DevError: with Odoo's message
    """
    setup, database, addons = Setup.from_environment(), os.environ[DATABASE], project.addons()
    run_script(setup, database, f"{demo.SCRIPT}\nenv.cr.commit()\n", logs() / f"demo-{database}.log")
    for addon in addons:
        shutil.copytree(ROOT / addon, folder / addon, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
    log = logs() / f"export-{database}.log"
    # this command does not accept options of the server
    paths = {"ODOO_ADDONS_PATH": ",".join(map(str, [*setup.odoo.addons, folder]))}
    if run_logged(setup.odoo_command("i18n", "export", "-d", database, *addons), log, env=setup.environment() | paths):
        raise DevError(f"the texts could not be exported (all of it in {log}): {tail(log)}")
    return {addon: catalogs.read(folder / addon / "i18n" / f"{addon}.pot") for addon in addons}
