from odoo import api, fields, models
from odoo.tools import SQL, format_datetime


class TeamSetup(models.Model):
    """Whether mail reaches a team, and when the last one did."""

    _inherit = "helpdesk_lite.team"

    alias_state = fields.Char("State of the Alias", compute="_compute_alias_state", groups="helpdesk_lite.group_manager")
    last_mail_date = fields.Datetime("Last Email", compute="_compute_last_mail_date", groups="helpdesk_lite.group_manager")

    @api.depends("alias_name", "alias_domain_id")
    def _compute_alias_state(self):
        _ = self.env._
        for team in self:
            if not team.alias_name:
                team.alias_state = _("No address")
            elif not team.alias_domain_id:
                team.alias_state = _("No alias domain")
            else:
                team.alias_state = _("Ready")

    def _compute_last_mail_date(self):
        """In one statement for all teams, from the tickets of the mails that were kept."""
        dates = {}
        if self.ids:
            self.env["helpdesk_lite.mail"].flush_model(["received_on", "ticket_ids"])
            self.env["helpdesk_lite.ticket"].flush_model(["team_id"])
            relation = self.env["helpdesk_lite.mail"]._fields["ticket_ids"]
            dates = dict(
                self.env.execute_query(
                    SQL(
                        """ SELECT ticket.team_id, max(mail.received_on)
                              FROM helpdesk_lite_mail mail
                              JOIN %s place ON place.%s = mail.id
                              JOIN helpdesk_lite_ticket ticket ON ticket.id = place.%s
                             WHERE ticket.team_id = ANY(%s) GROUP BY ticket.team_id
                        """,
                        SQL.identifier(relation.relation),
                        SQL.identifier(relation.column1),
                        SQL.identifier(relation.column2),
                        self.ids,
                    )
                )
            )
        for team in self:
            team.last_mail_date = dates.get(team._origin.id, False)

    def _get_mail_state(self):
        """What the checklist says about the mail of this team.

        :return: dict with ``id``, ``name``, ``address``, ``state`` and ``last``, all texts for people but the first
        """
        self.ensure_one()
        last = self.last_mail_date and format_datetime(self.env, self.last_mail_date, dt_format="short")
        return {
            "id": self.id,
            "name": self.name,
            "address": self.alias_email or "",
            "state": self.alias_state,
            "last": last or self.env._("No e-mail yet"),
        }
