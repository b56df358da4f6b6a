from odoo import models
from odoo.tools import SQL


class MailAlias(models.Model):
    """The address of a private team, which is mostly its name, is known to those who see the team."""

    _name = "mail.alias"
    _inherit = ["helpdesk_lite.pointer.mixin", "mail.alias"]

    def _get_guard(self):
        Team = self.env["helpdesk_lite.team"]
        return SQL(
            "(mail_alias.alias_parent_model_id IS DISTINCT FROM %s OR %s)",
            self.env["ir.model"]._get_id(Team._name),
            Team._is_visible(SQL.identifier("mail_alias", "alias_parent_thread_id")),
        )
