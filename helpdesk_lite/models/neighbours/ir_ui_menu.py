from odoo import api, models

FULL_NAME = "Helpdesk Lite"


class IrUiMenu(models.Model):
    """Two apps of one name cannot be told apart: ours has its full name for people who see another one of the same name."""

    _inherit = "ir.ui.menu"

    @api.model
    def load_menus(self, debug):
        menus = super().load_menus(debug)
        apps = [menus[app_id] for app_id in menus["root"]["children"]]
        # a copy, because Odoo caches the menus
        return {**menus, **{app["id"]: app for app in self._tell_helpdesks_apart(apps)}}

    @api.model
    def load_menus_root(self):
        root = super().load_menus_root()
        return {**root, "children": self._tell_helpdesks_apart(root["children"])}

    @api.model
    def _tell_helpdesks_apart(self, apps):
        """Give our app its full name if another one has the same name in the user's language.

        :param list apps: dicts with ``id`` and ``name``
        :return: list of dicts in the same order; the given ones are not changed
        """
        own = self.env.ref("helpdesk_lite.menu_root", raise_if_not_found=False)
        taken = {app["name"] for app in apps if app["id"] != own.id} if own else ()
        return [{**app, "name": FULL_NAME} if own and app["id"] == own.id and app["name"] in taken else app for app in apps]
