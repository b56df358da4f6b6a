from odoo import models
from odoo.modules import Manifest
from odoo.modules.module import adapt_version
from odoo.tools import SQL
from odoo.tools.parse_version import parse_version


class OlderAddons(Exception):
    """The addons on this machine are older than those that the database was updated to."""


class IrModuleModule(models.Model):
    """Refuses to work with a database that a newer version of our addons has updated.

    Odoo would start, and an update to the older version would even succeed: columns would be filled in by nobody, rules
    would be missing, and what the newer version promised would be broken in silence. That happens on one of several
    machines that was forgotten, and when somebody goes back without the backup.
    """

    _inherit = "ir.module.module"

    def init(self):
        """Refuse an update to older addons, before anything is changed."""
        self._refuse_older_addons()
        return super().init()

    def _register_hook(self):
        """Refuse to serve the database, also when another machine has just updated it."""
        super()._register_hook()
        self._refuse_older_addons()

    def _refuse_older_addons(self):
        """:raise OlderAddons: when the database was updated by newer addons than ours"""
        rows = self.env.execute_query(
            SQL(
                """ SELECT name, latest_version FROM ir_module_module
                 WHERE starts_with(name, 'helpdesk_lite') AND latest_version IS NOT NULL AND state != 'uninstalled'
              ORDER BY name
            """
            )
        )
        for name, version in rows:
            manifest = Manifest.for_addon(name)
            ours = manifest and adapt_version(manifest["version"])
            if ours and parse_version(ours) < parse_version(version):
                raise OlderAddons(
                    f"Database {self.env.cr.dbname} was updated to {name} {version}, but this machine has {ours}. Nothing is "
                    "changed. Bring the newer addons to this machine, or restore the backup from before the update."
                )
