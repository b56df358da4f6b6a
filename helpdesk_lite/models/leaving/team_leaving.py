from odoo import api, models
from odoo.tools import SQL

from .notes import log_notes


class TeamLeaving(models.Model):
    """Takes people who left off their teams: memberships, tags of the members, and following."""

    _inherit = "helpdesk_lite.team"

    @api.model
    def _remove_members(self, losses):
        """Take users off the members and the tags of the teams that they no longer work for.

        A team without members assigns its tickets to every agent of the company. So that a departure does not
        open a team to all of them, its automatic assignment is turned off when its last member leaves.

        :param list losses: of ``Loss`` of users
        """
        self.flush_model(["member_ids", "company_id"])
        self.env["helpdesk_lite.tag.member"].flush_model(["user_ids", "team_id"])
        removed = self.env.execute_query(
            SQL(
                """ WITH left_tags AS (
                    DELETE FROM helpdesk_lite_tag_member_user_rel chosen
                     USING helpdesk_lite_tag_member line, helpdesk_lite_team team, %(losses)s
                     WHERE line.id = chosen.line_id AND team.id = line.team_id AND chosen.user_id = loss.who
                       AND team.company_id = COALESCE(loss.company_id, team.company_id)
                )
                DELETE FROM helpdesk_lite_team_member_rel member USING helpdesk_lite_team team, %(losses)s
                 WHERE team.id = member.team_id AND member.user_id = loss.who
                   AND team.company_id = COALESCE(loss.company_id, team.company_id)
             RETURNING member.team_id, member.user_id
            """,
                losses=self._get_losses_table(losses),
            )
        )
        self.invalidate_model(["member_ids"], flush=False)
        self.env["helpdesk_lite.tag.member"].invalidate_model(["user_ids"], flush=False)
        if not removed:
            return
        teams = self.with_context(active_test=False).browse({team for team, _user in removed})
        empty = teams.filtered(lambda team: team.auto_assignment and not team.member_ids.filtered("active"))
        empty.auto_assignment = False
        names = {user.id: user.name for user in self.env["res.users"].browse({user for _team, user in removed})}
        bodies = {}
        for team in teams:
            who = ", ".join(sorted(names[user] for of, user in removed if of == team.id))
            bodies[team.id] = self.env._(
                "No longer members, because they do not work on tickets of this team any more: %s.", who
            )
            if team in empty:
                bodies[team.id] += " " + self.env._(
                    "The team has no members left, so automatic assignment was turned off. Add members, then turn it on again."
                )
        log_notes(self, [(team, team) for team in bodies], bodies)

    @api.model
    def _end_following(self, losses):
        """End the following of teams by people who may no longer follow them.

        Former employees follow no team, also where they invited themselves. Employees without the role follow
        public teams only.

        :param list losses: of ``Loss`` of contacts
        """
        self.env["mail.followers"].flush_model()
        self.flush_model(["privacy_visibility", "company_id"])
        self.env.execute_query(
            SQL(
                """ DELETE FROM mail_followers follower USING helpdesk_lite_team team, %s
                 WHERE follower.res_model = %s AND follower.res_id = team.id AND follower.partner_id = loss.who
                   AND team.company_id = COALESCE(loss.company_id, team.company_id)
                   AND (loss.outside OR team.privacy_visibility != 'public')
             RETURNING follower.id
            """,
                self._get_losses_table(losses),
                self._name,
            )
        )
        self.env["mail.followers"].invalidate_model(flush=False)
        self.invalidate_model(["message_follower_ids", "message_partner_ids", "message_is_follower"], flush=False)

    @api.model
    def _get_losses_table(self, losses):
        """:return: SQL of a table ``loss`` with the columns ``who``, ``company_id`` and ``outside``"""
        return SQL(
            "unnest(%s::int[], %s::int[], %s::boolean[]) loss (who, company_id, outside)",
            [loss.who for loss in losses],
            [loss.company for loss in losses],
            [loss.outside for loss in losses],
        )
