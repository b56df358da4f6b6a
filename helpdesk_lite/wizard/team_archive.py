from odoo import api, fields, models
from odoo.exceptions import UserError


class TeamArchive(models.TransientModel):
    """The question what becomes of the open tickets and the e-mails of teams that are archived by hand."""

    _name = "helpdesk_lite.team.archive"
    _description = "Archive Helpdesk Teams"
    _inherit = ["helpdesk_lite.links.mixin"]

    team_ids = fields.Many2many("helpdesk_lite.team", string="Helpdesk Teams", readonly=True, context={"active_test": False})
    open_ticket_count = fields.Integer("Open Tickets", compute="_compute_open_ticket_count")
    ticket_action = fields.Selection(
        [("keep", "Leave them open"), ("close", "Close them"), ("move", "Move them to")],
        string="Their Open Tickets",
        required=True,
        default="keep",
    )
    ticket_team_id = fields.Many2one("helpdesk_lite.team", "New Team", domain="[('id', 'not in', team_ids)]")
    mail_action = fields.Selection(
        [("bounce", "Tell the senders that the address is not in use any more"), ("redirect", "Redirect to")],
        string="New E-mails",
        required=True,
        default="bounce",
    )
    mail_team_id = fields.Many2one("helpdesk_lite.team", "Team for E-mails", domain="[('id', 'not in', team_ids)]")

    @api.model
    def _ask(self, teams):
        """Create the question about teams.

        :param teams: records of ``helpdesk_lite.team``
        :return: a window action
        :raise AccessError: when the user cannot archive these teams
        """
        teams.check_access("write")
        # sudo: users cannot write the fields of a question themselves
        question = self.sudo().create({"team_ids": teams.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Archive Teams"),
            "res_model": self._name,
            "res_id": question.id,
            # as the client needs it: only buttons have Odoo complete an action
            "views": [(False, "form")],
            "target": "new",
        }

    @api.depends("team_ids")
    def _compute_open_ticket_count(self):
        for question in self:
            question.open_ticket_count = self.env["helpdesk_lite.ticket"].search_count(question._get_tickets_domain())

    def _get_tickets_domain(self):
        return [("team_id", "in", self.team_ids.ids), ("is_closed", "=", False)]

    def action_confirm(self):
        """Move or close the open tickets, redirect the e-mails, and archive the teams.

        :return: an action that closes the window
        :raise UserError: when a new team is missing, or itself being archived
        """
        self.ensure_one()
        self._check_all_links()
        tickets = self.env["helpdesk_lite.ticket"].search(self._get_tickets_domain())
        chosen = [(self.ticket_action == "move", self.ticket_team_id), (self.mail_action == "redirect", self.mail_team_id)]
        for wanted, team in chosen:
            if wanted and (not team or team in self.team_ids or not team.active):
                raise UserError(self.env._("Choose another team, which is not archived, for the tickets and the e-mails."))
        if self.ticket_action == "move":
            tickets.write({"team_id": self.ticket_team_id.id})
        elif self.ticket_action == "close":
            tickets.action_close()
        self.team_ids.write({"redirect_team_id": self.mail_team_id.id if self.mail_action == "redirect" else False})
        self.team_ids.action_archive()
        return {"type": "ir.actions.act_window_close"}
