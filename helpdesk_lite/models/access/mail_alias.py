from ast import literal_eval

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class MailAlias(models.Model):
    """Hides the alias of a private team, which usually is its name, from people who cannot see the team."""

    _name = "mail.alias"
    _inherit = ["helpdesk_lite.attached.mixin", "mail.alias"]

    def _get_guard(self):
        Team = self.env["helpdesk_lite.team"]
        return SQL(
            "(mail_alias.alias_parent_model_id IS DISTINCT FROM %s OR %s)",
            self.env["ir.model"]._get_id(Team._name),
            Team._is_visible(SQL.identifier("mail_alias", "alias_parent_thread_id")),
        )

    @api.constrains("alias_defaults", "alias_parent_model_id", "alias_parent_thread_id")
    def _check_ticket_defaults(self):
        """Limit what an alias can fill in, because incoming mails create tickets as superuser.

        :raise ValidationError: when the defaults of a team's alias contain protected fields, another team, or other
            links than the team and a user
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
                raise ValidationError(
                    self.env._(
                        "The defaults of a team's e-mail alias cannot fill these fields of a ticket: %s.",
                        ", ".join(sorted(refused)),
                    )
                )
