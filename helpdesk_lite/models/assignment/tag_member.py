from odoo import api, fields, models


class TagMember(models.Model):
    """The members of a team who are assigned the tickets with a tag."""

    _name = "helpdesk_lite.tag.member"
    _description = "Team Members of a Tag"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "team_id, tag_id, id"
    _rec_name = "tag_id"

    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", required=True, index=True, ondelete="cascade")
    tag_id = fields.Many2one("helpdesk_lite.tag", "Ticket Tag", required=True, ondelete="cascade")
    user_ids = fields.Many2many(
        "res.users",
        "helpdesk_lite_tag_member_user_rel",
        "line_id",
        "user_id",
        string="Team Members",
        required=True,
        domain=[("share", "=", False)],
    )

    _tag_once = models.UniqueIndex("(team_id, tag_id)", "This tag already has a line in the team: add the members there.")

    @api.constrains("user_ids")
    def _check_user_ids(self):
        self._refuse_outsiders(self.user_ids)
