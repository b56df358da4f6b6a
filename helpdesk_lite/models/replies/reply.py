from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..ticket import PRIORITIES


class Reply(models.Model):
    """A text for customers, with files, and what happens to the ticket when it is sent.

    It is one person's own, or shared: by all teams or by some. Who cannot see what it leads to does not see it,
    see ``security/rules.xml``.
    """

    _name = "helpdesk_lite.reply"
    _description = "Helpdesk Reply"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.rules.mixin"]
    _order = "sequence, name, id"
    _rec_names_search = ["name", "shortcut"]

    def _default_user_id(self):
        """Agents write for themselves; administrators for everybody."""
        return False if self.env.user.has_group("helpdesk_lite.group_manager") else self.env.user

    name = fields.Char(required=True, translate=True)
    shortcut = fields.Char(help="What you type after :: in the composer to find this reply.", copy=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    body = fields.Html("Text", help="What customers get for whose language there is no other text.")
    text_ids = fields.One2many("helpdesk_lite.reply.text", "reply_id", "Other Languages", copy=True)
    attachment_ids = fields.Many2many(
        "ir.attachment", "helpdesk_lite_reply_attachment_rel", "reply_id", "attachment_id", "Files", copy=False
    )

    # who uses it
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        default=lambda self: self.env.company,
        help="Without a company, all of them use it.",
    )
    team_ids = fields.Many2many(
        "helpdesk_lite.team",
        "helpdesk_lite_reply_team_rel",
        "reply_id",
        "team_id",
        "Helpdesk Teams",
        help="The teams that use this reply. Without a team, all teams use it.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Only for",
        index="btree_not_null",
        domain="[('share', '=', False)]",
        default=lambda self: self._default_user_id(),
        ondelete="cascade",
        help="The person whose own reply this is. Empty when it is shared.",
    )
    use_count = fields.Integer("Times Used", readonly=True, copy=False)
    last_used = fields.Datetime(readonly=True, copy=False)

    # what happens to the ticket
    stage_action = fields.Selection(
        [("solve", "Solve the Ticket"), ("wait", "Wait for the Customer"), ("stage", "Move It to a Stage")]
    )
    stage_id = fields.Many2one("helpdesk_lite.stage", "Move to", ondelete="set null", index="btree_not_null")
    priority = fields.Selection(PRIORITIES, "Set Priority")
    add_tag_ids = fields.Many2many(
        "helpdesk_lite.tag", "helpdesk_lite_reply_add_tag_rel", "reply_id", "tag_id", "Add Tags", ondelete="cascade"
    )
    remove_tag_ids = fields.Many2many(
        "helpdesk_lite.tag", "helpdesk_lite_reply_remove_tag_rel", "reply_id", "tag_id", "Remove Tags", ondelete="cascade"
    )
    assign_action = fields.Selection(
        [
            ("me", "To Whoever Sends It"),
            ("user", "To a Person"),
            ("team", "By the Method of the Team"),
            ("nobody", "To Nobody"),
        ],
        "Assign",
    )
    assign_user_id = fields.Many2one("res.users", "Assign to", domain="[('share', '=', False)]", ondelete="set null")
    move_team_id = fields.Many2one("helpdesk_lite.team", "Move to Team", ondelete="set null", index="btree_not_null")
    note = fields.Html("Internal Note", help="Logged on the ticket together with the message. The customer does not see it.")
    activity_type_id = fields.Many2one("mail.activity.type", "Plan Activity", ondelete="set null")
    activity_days = fields.Integer("Due in Days", default=1)
    activity_summary = fields.Char()

    # The shortcuts of other people are not told by refusing theirs: each person has their own, and all have the shared ones
    _shortcut_unique = models.UniqueIndex(
        "(coalesce(company_id, 0), coalesce(user_id, 0), lower(shortcut)) WHERE shortcut IS NOT NULL",
        "There is already a reply with this shortcut.",
    )
    _days_not_negative = models.Constraint("CHECK(activity_days >= 0)", "An activity cannot be due before it is planned.")

    @api.constrains("shortcut")
    def _check_shortcut(self):
        for reply in self:
            if reply.shortcut and (len(reply.shortcut) > 32 or not all(c.isalnum() or c in "-_." for c in reply.shortcut)):
                raise ValidationError(
                    self.env._(
                        "A shortcut has up to 32 letters, digits, dots and hyphens, and no spaces: “%s”.", reply.shortcut
                    )
                )

    @api.constrains("user_id", "assign_user_id")
    def _check_users(self):
        self._refuse_outsiders(self.user_id | self.assign_user_id)

    @api.constrains("stage_action", "stage_id", "assign_action", "assign_user_id", "team_ids", "move_team_id")
    def _check_actions(self):
        # sudo: what a team has must not depend on who shares a reply with it
        for reply in self.sudo():
            if (reply.stage_action == "stage") != bool(reply.stage_id):
                raise ValidationError(self.env._("Choose the stage to which the reply “%s” moves tickets.", reply.name))
            if (reply.assign_action == "user") != bool(reply.assign_user_id):
                raise ValidationError(self.env._("Choose the person to whom the reply “%s” assigns tickets.", reply.name))
            teams = reply.move_team_id or reply.team_ids
            if missing := reply.stage_id and teams.filtered(lambda team, reply=reply: reply.stage_id not in team.stage_ids):
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” does not belong to the team “%(team)s”.",
                        stage=reply.stage_id.name,
                        team=missing[0].name,
                    )
                )

    @api.onchange("stage_action")
    def _onchange_stage_action(self):
        if self.stage_action != "stage":
            self.stage_id = False

    @api.onchange("assign_action")
    def _onchange_assign_action(self):
        if self.assign_action != "user":
            self.assign_user_id = False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create replies; their files become theirs.

        :raise ValidationError: when a text contains script, or a placeholder that there is not
        """
        vals_list = [self._clean_values(vals) for vals in vals_list]
        replies = super().create(vals_list)
        replies._own_files()
        return replies

    def write(self, vals):
        result = super().write(self._clean_values(vals))
        # what it has become must be allowed too: agents do not share their replies, or give them to others
        self.check_access("write")
        if "attachment_ids" in vals:
            self._own_files()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for reply, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", reply.name)
        return vals_list

    def _clean_values(self, vals):
        """Refuse script, which the field would only drop without a word, and tidy a shortcut.

        :param dict vals: as given
        :return: dict
        """
        for name in ("body", "note"):
            self._refuse_script(vals.get(name))
        if not vals.get("shortcut"):
            return {**vals, "shortcut": False} if "shortcut" in vals else vals
        return {**vals, "shortcut": vals["shortcut"].strip().lstrip(":").lower() or False}

    def _own_files(self):
        """Let everybody who reads a reply read its files, which the web client uploads without a record."""
        for reply in self:
            # sudo: only files that the user uploaded for a reply, and that belong to no record yet
            files = reply.sudo().attachment_ids.filtered(
                lambda file: file.res_model in (False, self._name) and not file.res_id and file.create_uid == self.env.user
            )
            files.write({"res_model": reply._name, "res_id": reply.id})

    @api.constrains("attachment_ids")
    def _check_files(self):
        """Files of other records stay with these: whoever reads the reply would read them."""
        for reply in self:
            # sudo: only where the files belong is read
            for file in reply.sudo().attachment_ids:
                if file.res_id and (file.res_model, file.res_id) != (reply._name, reply.id):
                    raise ValidationError(self.env._("The file “%s” belongs to something else. Upload it here.", file.name))

    def _get_user_domain(self):
        """The replies that are meant for the user, among those that they can read.

        :return: Domain
        """
        return Domain("user_id", "in", (False, self.env.uid))
