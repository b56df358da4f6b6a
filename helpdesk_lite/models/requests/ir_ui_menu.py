from odoo import models


class IrUiMenu(models.Model):
    """Employees come to their own tickets when they open the app, agents to the teams."""

    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Agents have the same list among their tickets. Groups of a menu can only show it, not hide it."""
        hidden = super()._load_menus_blacklist()
        own = self.env.ref("helpdesk_lite.menu_requests", raise_if_not_found=False)
        if own and self.env.user.has_group("helpdesk_lite.group_user"):
            hidden.append(own.id)
        return hidden
