from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Team(models.Model):
    """A group of agents with a pipeline of their own, and the visibility of their tickets.

    ``privacy_visibility`` alone decides who can see a team's tickets: the record rules in
    ``security/rules.xml`` read it.
    """

    _name = "helpdesk_lite.team"
    _description = "Helpdesk Team"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.thread.mixin", "mail.alias.mixin", "helpdesk_lite.rules.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    description = fields.Html(
        "About Team", translate=True, help="Published on the team's public form. Do not put internal text here."
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Only people with access to this company see the team and its tickets.",
    )

    # people
    privacy_visibility = fields.Selection(
        [
            ("private", "Invited internal users (private)"),
            ("company", "All internal users (company)"),
            ("public", "Invited portal users and all internal users (public)"),
        ],
        string="Visibility",
        required=True,
        default="public",
        tracking=True,
        help="Who can see the team and its tickets. Invited people are followers of the ticket or of the team.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "helpdesk_lite_team_member_rel",
        "team_id",
        "user_id",
        string="Team Members",
        domain=[("share", "=", False)],
        check_company=True,
        help="The agents of this team. Members of a private team see all its tickets.",
    )
    auto_assignment = fields.Boolean("Automatic Assignment", help="New tickets are assigned to a team member when they arrive.")
    assign_method = fields.Selection(
        [
            ("equal_total", "Each user is assigned an equal number of tickets"),
            ("equal_open", "Each user has an equal number of open tickets"),
            ("tags", "Dispatch tickets based on tags"),
        ],
        string="Assignment Method",
        required=True,
        default="equal_total",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        check_company=True,
        compute="_compute_resource_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The hours to assign and to close tickets are counted in these working hours.",
    )

    # pipeline
    stage_ids = fields.Many2many(
        "helpdesk_lite.stage",
        "helpdesk_lite_stage_team_rel",
        "team_id",
        "stage_id",
        string="Stages",
        default=lambda self: self.env["helpdesk_lite.stage"].search([("is_default", "=", True)]),
    )
    ticket_ids = fields.One2many("helpdesk_lite.ticket", "team_id")
    ticket_properties_definition = fields.PropertiesDefinition("Ticket Properties")

    # channels and self-service
    use_website_form = fields.Boolean(
        "Website Form", help="Anybody can write to this team on a public page, without logging in."
    )
    form_url = fields.Char("Form Address", compute="_compute_form_url")
    allow_portal_close = fields.Boolean(
        "Closure by Customers", help="Customers who see their ticket on the portal can close it there."
    )

    @api.depends("company_id")
    def _compute_resource_calendar_id(self):
        for team in self:
            team.resource_calendar_id = team.company_id.resource_calendar_id

    def _compute_form_url(self):
        for team in self:
            team.form_url = team.get_base_url() + team._get_form_path()

    def _get_form_path(self):
        """Find the address of the team's page with the public form, or of the list of teams for a team that is not saved.

        :return: str, without the server
        """
        IrHttp = self.env["ir.http"]
        form = IrHttp._get_helpdesk_lite_form()
        return f"{form}/{IrHttp._slug(self._origin)}" if self._origin else form

    @api.constrains("stage_ids", "active")
    def _check_stages(self):
        """A pipeline needs an open stage for new tickets, and keeps the stages that hold tickets."""
        self._check_pipeline()
        # sudo: stages may hold tickets that the user cannot see
        held = (
            self.env["helpdesk_lite.ticket"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([("team_id", "in", self.ids)], ["team_id", "stage_id"], ["__count"])
        )
        for team, stage, count in held:
            if stage and stage not in team.with_context(active_test=False).stage_ids:
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” still holds tickets of the team “%(team)s” (%(count)s). "
                        "Move them to another stage first.",
                        stage=stage.name,
                        count=count,
                        team=team.name,
                    )
                )

    def _check_pipeline(self):
        """Check that new tickets find an open stage, whichever way the stages of these teams were changed.

        Without one, a new ticket would be closed from the start, and nobody would see it.

        :raise ValidationError: when a team that is not archived has no open stage
        """
        # sudo: teams that share a stage may be hidden from the user who changes it
        for team in self.sudo().with_context(active_test=True):
            if team.active and all(stage.fold for stage in team.stage_ids):
                raise ValidationError(
                    self.env._(
                        "The team “%s” needs at least one stage that is neither folded nor archived, for its new tickets. "
                        "Add such a stage to the team first, or archive the team.",
                        team.name,
                    )
                )

    @api.constrains("member_ids")
    def _check_member_ids(self):
        self._refuse_outsiders(self.member_ids)

    @api.onchange("name")
    def _onchange_name(self):
        if self.name and not self._origin and not self.alias_name:
            self.alias_name = self._propose_alias_name(self.name)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        given = {self.env["mail.alias"]._sanitize_alias_name(vals.get("alias_name") or "") for vals in vals_list}
        for vals in vals_list:
            if "alias_name" not in vals and "alias_id" not in vals:
                vals["alias_name"] = self._propose_alias_name(vals.get("name"), given)
                given.add(vals["alias_name"])
        # the creator of a team would otherwise follow it and get a mail about each of its tickets
        return super(Team, self.with_context(mail_create_nosubscribe=True)).create(vals_list)

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for team, vals in zip(self, vals_list, strict=True):
            if "name" not in default:
                vals["name"] = self.env._("%s (copy)", team.name)
            if "alias_name" not in default:
                vals.pop("alias_name", None)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tickets(self):
        # sudo: the team may have tickets that the user cannot see
        held = (
            self.env["helpdesk_lite.ticket"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([("team_id", "in", self.ids)], ["team_id"], ["__count"])
        )
        if held:
            team, count = held[0]
            raise UserError(
                self.env._(
                    "The team “%(team)s” still has tickets (%(count)s) and cannot be deleted. Archive it instead.",
                    team=team.name,
                    count=count,
                )
            )

    @api.model
    def _find_existing(self, team_id):
        """The team with an id that may be of none; one that this transaction has read is not asked for again.

        :param team_id: int or a false value
        :return: a record, or an empty recordset
        """
        team = self.browse(team_id or [])
        return team if team.id in self._fields["active"]._get_cache(self.env) else team.exists()

    def _get_first_stage(self):
        """The stage of new tickets in this team.

        :return: the first open stage of the pipeline, else its first stage, else an empty record
        """
        self.ensure_one()
        # sudo: customers and the mail gateway, which create tickets as well, cannot read stages
        stages = self.sudo().with_context(active_test=True).stage_ids
        return stages.filtered(lambda stage: not stage.fold)[:1] or stages[:1]

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _propose_alias_name(self, name, given=()):
        """Propose an unused alias from the name of a team.

        :param str name: name of the team
        :param given: aliases that other teams are about to get, str
        :return: the local part of an address, or False when none can be made
        """
        Alias = self.env["mail.alias"]
        wanted = Alias._sanitize_alias_name(name or "", is_email=False)
        if not wanted:
            return False
        # sudo: the aliases are only compared with the name, not shown
        taken = {*Alias.sudo().search([("alias_name", "=like", f"{wanted}%")]).mapped("alias_name"), *given}
        return next(
            (free for free in [wanted, *(f"{wanted}-{number}" for number in range(2, 100))] if free not in taken), False
        )

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("helpdesk_lite.ticket")
        if self.id:
            values["alias_defaults"] = repr({**literal_eval(self.alias_defaults or "{}"), "team_id": self.id})
        return values

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_tickets(self):
        """Open the pipeline of this team.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("helpdesk_lite.ticket_action_team")
        return {
            **action,
            "display_name": self.name,
            "context": {"default_team_id": self.id},
            "domain": [("team_id", "=", self.id)],
        }

    def action_open_form(self):
        """Open the team's public form in a new tab.

        :return: an URL action
        """
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.form_url, "target": "new"}
