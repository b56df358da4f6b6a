from odoo import api, models


class TeamFollowers(models.Model):
    """Who is invited to a team.

    Members of a private team are invited by following it on a subtype that notifies of
    nothing. Whoever follows it on other subtypes follows its tickets as well.
    """

    _inherit = "helpdesk_lite.team"

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._invite_members()
        return teams

    def write(self, vals):
        former_members = {team: team.member_ids for team in self} if "member_ids" in vals else {}
        result = super().write(vals)
        if "member_ids" in vals or "privacy_visibility" in vals:
            for team, members in former_members.items():
                team._uninvite_members(members - team.member_ids)
            self._invite_members()
        return result

    def _invite_members(self):
        subtype = self.env.ref("helpdesk_lite.mt_team_member")
        for team in self.filtered(lambda team: team.privacy_visibility == "private" and team.member_ids):
            partners = team.member_ids.partner_id - team.message_partner_ids
            team._message_subscribe(partners.ids, subtype.ids) if partners else None

    def _uninvite_members(self, users):
        """End the invitations that came with membership, not those made by hand."""
        subtype = self.env.ref("helpdesk_lite.mt_team_member")
        # sudo: an administrator of the team manages its invitations
        self.sudo().message_follower_ids.filtered(
            lambda follower: follower.partner_id in users.partner_id and follower.subtype_ids == subtype,
        ).unlink()
