from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.assignment.team_assignment import Request


class Reassign(models.TransientModel):
    """A proposal of new assignees for the open tickets of people who are away, by the team's method."""

    _name = "helpdesk_lite.reassign"
    _description = "Reassign Tickets of People Who Are Away"
    _inherit = ["helpdesk_lite.links.mixin"]

    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("helpdesk_lite.reassign.line", "reassign_id", "Tickets")

    @api.model
    def _propose(self, team):
        """Create the proposal for a team.

        :param team: record of ``helpdesk_lite.team``
        :return: record of this model
        :raise AccessError: when the user cannot create proposals
        """
        self.check_access("create")
        tickets = self.env["helpdesk_lite.ticket"].search(
            [("team_id", "=", team.id), ("is_closed", "=", False), ("user_id", "!=", False)]
        )
        now = fields.Datetime.now()
        users = team._get_assignable_users()
        away = team._get_away(users | tickets.user_id.sudo(), team.company_id, now)  # sudo: assignees may be archived
        tickets = tickets.filtered(lambda ticket: ticket.user_id.id in away)
        there = users.filtered(lambda user: user.id not in away)
        choices = team._assign_in_turn(
            [Request(team._get_candidates(there, ticket.tag_ids), users.browse()) for ticket in tickets], keep=False
        )
        until = {str(user): fields.Datetime.to_string(end) for user, end in away.items()}
        # sudo: users cannot write the fields of a proposal themselves
        return (
            self.sudo()
            .create(
                {
                    "team_id": team.id,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "ticket_id": ticket.id,
                                "former_user_id": ticket.user_id.id,
                                "user_id": choice and choice.user,
                                "proposed_user_id": choice and choice.user,
                                "reason": choice and {**choice.reason, "away": until},
                            }
                        )
                        for ticket, choice in zip(tickets, choices, strict=True)
                    ],
                }
            )
            .with_env(self.env)
        )

    def action_confirm(self):
        """Assign the tickets to the users in the lines; tickets in lines without a user keep their assignee.

        :raise UserError: when a ticket was reassigned or closed in the meantime
        :return: an action that closes the window
        """
        self.ensure_one()
        self.line_ids._check_all_links()
        lines = self.line_ids.filtered("user_id")
        changed = lines.filtered(lambda line: line.ticket_id.user_id != line.former_user_id or line.ticket_id.is_closed)
        if changed:
            raise UserError(
                self.env._(
                    "These tickets were reassigned or closed in the meantime: %s. Please start again.",
                    ", ".join(changed.ticket_id.mapped("number")),
                )
            )
        for user, theirs in lines.grouped("user_id").items():
            theirs.ticket_id.write({"user_id": user.id})
        followed = lines.filtered(lambda line: line.user_id == line.proposed_user_id and line.reason)
        followed.ticket_id._log_choices(self.team_id._enter_choices([(line.user_id.id, line.reason) for line in followed]))
        return {"type": "ir.actions.act_window_close"}


class ReassignLine(models.TransientModel):
    """A line of the proposal: one ticket with its former and its new assignee."""

    _name = "helpdesk_lite.reassign.line"
    _description = "Ticket to Reassign"
    _inherit = ["helpdesk_lite.links.mixin"]

    reassign_id = fields.Many2one("helpdesk_lite.reassign", required=True, ondelete="cascade")
    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade")
    former_user_id = fields.Many2one("res.users", "Is Away", required=True, readonly=True, ondelete="cascade")
    time_off = fields.Char(related="ticket_id.assignee_time_off")
    user_id = fields.Many2one(
        "res.users",
        "Assign to",
        domain=[("share", "=", False)],
        ondelete="cascade",
        help="The next member by the team's method. You can choose another person, or leave the field empty to change nothing.",
    )
    proposed_user_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    reason = fields.Json(readonly=True)

    @api.constrains("user_id")
    def _check_user_id(self):
        self._refuse_outsiders(self.user_id)
