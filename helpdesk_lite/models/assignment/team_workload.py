from odoo import api, fields, models


class TeamWorkload(models.Model):
    """The workload of a team's members, and the tickets of people who are away."""

    _inherit = "helpdesk_lite.team"

    away_ticket_count = fields.Integer("Assigned to People Who Are Away", compute="_compute_away_ticket_count")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("ticket_ids.is_closed", "ticket_ids.user_id", "ticket_ids.active")
    def _compute_away_ticket_count(self):
        now = fields.Datetime.now()
        counts = {team: {} for team in self._origin}
        for team, user, count in self.env["helpdesk_lite.ticket"]._read_group(
            [("team_id", "in", self.ids), ("is_closed", "=", False), ("user_id", "!=", False)],
            ["team_id", "user_id"],
            ["__count"],
        ):
            counts[team][user] = count
        for team in self:
            held = counts.get(team._origin, {})
            away = self._get_away(self.env["res.users"].union(*held), team.company_id, now) if held else {}
            team.away_ticket_count = sum(count for user, count in held.items() if user.id in away)

    @api.readonly
    def get_workload_members(self):
        """The people in the workload chart: users who can be assigned tickets of this team or have some.

        :raise AccessError: when the user cannot read the team
        :return: list of dicts with ``id`` of the user, ``label`` (the name, or a sentence about the time off) and
            ``is_assignable`` (whether the user has a bar even without tickets)
        """
        self.ensure_one()
        self.check_access("read")
        held = self.env["helpdesk_lite.ticket"]._read_group([("team_id", "=", self.id)], ["user_id"])
        assignable = self._get_assignable_users()
        # sudo: users who can see the team may know its people and until when these are off; the reason is not read
        team, users = self.sudo(), assignable | self.env["res.users"].union(*(user for (user,) in held)).sudo()
        now, tz = fields.Datetime.now(), team._get_time_zone()
        away = team._get_away(users, team.company_id, now)
        return [
            {
                "id": user.id,
                "label": team._tell_time_off(user.name, away[user.id], now, tz) if user.id in away else user.name,
                "is_assignable": user in assignable,
            }
            for user in users
        ]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_workload(self):
        """Open the chart of open tickets and all tickets per member.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("helpdesk_lite.ticket_action_workload")
        return {
            **action,
            "display_name": self.env._("Workload of %s", self.name),
            "domain": [("team_id", "=", self.id)],
            # for the chart, see static/src/assignment/workload_graph.js
            "context": {"workload_team_id": self.id},
        }

    def action_reassign(self):
        """Propose new assignees for the open tickets of people who are away.

        :return: a window action
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reassign"),
            "res_model": "helpdesk_lite.reassign",
            "res_id": self.env["helpdesk_lite.reassign"]._propose(self).id,
            "view_mode": "form",
            "target": "new",
        }
