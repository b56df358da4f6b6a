"""The script for Odoo's shell that loads the demo data of our addons into a database without demo data.

It loads them as Odoo does, but only for our addons. Nothing is committed.
"""

from . import project

SCRIPT = f"""
from odoo.modules.loading import load_demo
from odoo.modules.module_graph import ModuleGraph
graph = ModuleGraph(env.cr, mode="load")
graph.extend(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
for package in graph:
    if package.name in {project.addons()!r}:
        assert load_demo(env, package, {{}}, "init"), f"the demo data of {{package.name}} does not load"
"""
