"""``python -m devtools.i18n.export FOLDER``: writes the ``.pot`` of each of our addons into a folder.

Runs in Odoo, on a throw-away database in which the addons are installed. Their demo data is
loaded first, as its texts are translated too.
"""

import logging
import sys
from pathlib import Path

from devtools import project
from devtools.odoo_env import odoo_env


def export(env, folder):
    from odoo.modules.loading import load_demo
    from odoo.modules.module_graph import ModuleGraph
    from odoo.tools.translate import trans_export

    addons = project.addons()
    installed = env["ir.module.module"].search([("state", "=", "installed")]).mapped("name")
    graph = ModuleGraph(env.cr, mode="load")
    graph.extend(installed)
    logging.getLogger("odoo.modules.loading").setLevel(logging.ERROR)
    for package in graph:
        if package.name in addons and not load_demo(env, package, {}, "init"):
            sys.exit(f"the demo data of {package.name} does not load")
    for addon in addons:
        with (folder / f"{addon}.pot").open("wb") as file:
            trans_export(None, [addon], file, "po", env)


if __name__ == "__main__":
    with odoo_env() as env:
        export(env, Path(sys.argv[1]))
