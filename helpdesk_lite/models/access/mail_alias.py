from ast import literal_eval

from odoo import api, models
from odoo.exceptions import ValidationError
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

    @api.constrains("alias_defaults", "alias_parent_model_id", "alias_parent_thread_id")
    def _check_ticket_defaults(self):
        """Mails make their tickets as superuser: what a team enters into them links to nothing but the team and a user.

        :raise ValidationError: when a team's alias enters something else
        """
        Ticket = self.env["helpdesk_lite.ticket"]
        team_model_id = self.env["ir.model"]._get_id("helpdesk_lite.team")
        for alias in self.filtered(lambda alias: alias.alias_parent_model_id.id == team_model_id):
            defaults = literal_eval(alias.alias_defaults or "{}")
            refused = defaults.keys() - Ticket._filter_alias_defaults(defaults).keys()
            team_id = alias.alias_parent_thread_id
            if team_id and defaults.get("team_id", team_id) != team_id:
                refused |= {"team_id"}
            if refused:
                raise ValidationError(self.env._(
                    "The defaults of a team's e-mail alias cannot fill these fields of a ticket: %s.",
                    ", ".join(sorted(refused)),
                ))
