from odoo import api, fields, models


class TeamFollowAll(models.Model):
    """The section *Follow All Team's Tickets*: followers of a team follow all its tickets.

    Members of a private team, whose following is only an invitation, are not among them.
    """

    _inherit = "helpdesk_lite.team"

    follower_ids = fields.Many2many(
        "res.partner",
        string="Followers of All Tickets",
        compute="_compute_follower_ids",
        inverse="_inverse_follower_ids",
        help="These people get the updates of all open and future tickets of this team. "
        "In a private team, this also invites them: internal users among them see all its tickets.",
    )
    follower_warning = fields.Char(compute="_compute_follower_warning")

    @api.depends("message_follower_ids.subtype_ids")
    def _compute_follower_ids(self):
        silent = self.env.ref("helpdesk_lite.mt_team_member")
        for team in self:
            team.follower_ids = team.message_follower_ids.filtered(lambda follower: follower.subtype_ids != silent).partner_id

    def _inverse_follower_ids(self):
        default, _internal, external = self.env["mail.message.subtype"].default_subtypes(self._name)
        silent = self.env.ref("helpdesk_lite.mt_team_member")
        for team in self:
            wanted = team.follower_ids
            former = team.message_follower_ids.filtered(lambda follower: follower.subtype_ids != silent).partner_id
            outside = (wanted - former).filtered("partner_share")
            for partners, subtypes in ((outside, external), (wanted - former - outside, default)):
                if partners:
                    team.message_subscribe(partners.ids, subtypes.ids)
            if former - wanted:
                team.message_unsubscribe((former - wanted).ids)
                team._invite_members()

    @api.depends("follower_ids", "privacy_visibility")
    def _compute_follower_warning(self):
        """Warn of external followers of a team that is not public: they get mails but cannot open the tickets."""
        for team in self:
            outside = team.follower_ids.filtered("partner_share") if team.privacy_visibility != "public" else False
            team.follower_warning = bool(outside) and self.env._(
                "These followers will get the e-mails about this team's tickets but cannot open the tickets, "
                "because the team is not public: %(names)s.",
                names=", ".join(partner._get_person_name() for partner in outside),
            )
