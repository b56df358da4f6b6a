from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from .customer_text import CustomerText, index_of_customer

_lt = LazyTranslate(__name__)
UNASSIGNED = _lt("👤 Unassigned")
PRIORITIES = [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Urgent")]


class Ticket(models.Model):
    """A customer's request, which one team handles in its pipeline.

    The team's visibility and the ticket's followers decide who can see it, see ``security/rules.xml``.
    Its number, followers, mail and portal have files of their own.
    """

    _name = "helpdesk_lite.ticket"
    _description = "Helpdesk Ticket"
    _inherit = [
        "helpdesk_lite.links.mixin",
        "helpdesk_lite.thread.mixin",
        "helpdesk_lite.activity.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
        "mail.tracking.duration.mixin",
    ]
    _order = "priority desc, opened_on desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _primary_email = "partner_email"
    _track_duration_field = "stage_id"
    _rec_names_search = ["number", "name", "partner_name", "partner_email"]

    def _default_team_id(self):
        """The first team that the user is a member of, else the first team that they can see."""
        Team = self.env["helpdesk_lite.team"]
        domain = Domain("company_id", "=", self.env.company.id)
        return Team.search(domain & Domain("member_ids", "=", self.env.uid), limit=1) or Team.search(domain, limit=1)

    name = fields.Char("Subject", required=True, tracking=True, index="trigram")
    number = fields.Char(copy=False, help="The number that customers know.")
    description = fields.Html()
    active = fields.Boolean(default=True)
    team_id = fields.Many2one(
        "helpdesk_lite.team",
        "Helpdesk Team",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._default_team_id(),
        help="The team's visibility decides who can see the ticket.",
    )
    # without an index: those who see a ticket are found by its team
    company_id = fields.Many2one(related="team_id.company_id", store=True, precompute=True)
    priority = fields.Selection(PRIORITIES, default="0", required=True, tracking=True)
    tag_ids = fields.Many2many("helpdesk_lite.tag", "helpdesk_lite_ticket_tag_rel", "ticket_id", "tag_id", "Tags")
    properties = fields.Properties(definition="team_id.ticket_properties_definition", groups="base.group_user")

    # people
    user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        index=True,
        tracking=True,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        falsy_value_label=UNASSIGNED,
        help="The assignee can see the ticket whatever the visibility of the team, and is notified by e-mail.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index=True,
        tracking=True,
        check_company=True,
        help="The customer gets the automatic mails. In a public team, the customer also follows the ticket, "
        "can see it on the portal and gets the answers.",
    )
    partner_name = CustomerText("Customer Name", compute="_compute_partner_name", store=True, readonly=False, precompute=True)
    partner_email = CustomerText(
        "Customer Email",
        compute="_compute_partner_email",
        store=True,
        readonly=False,
        precompute=True,
        help="Stored on the ticket only. The contact is never changed.",
    )
    partner_phone = fields.Char("Customer Phone", compute="_compute_partner_phone", store=True, readonly=False, precompute=True)
    email_cc = fields.Char(groups="base.group_user")

    # progress
    opened_on = fields.Datetime(
        "Opened on",
        required=True,
        default=fields.Datetime.now,
        index=True,
        copy=False,
        help="When the customer asked. An imported ticket was opened before it was created here.",
    )
    stage_id = fields.Many2one(
        "helpdesk_lite.stage",
        compute="_compute_stage_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        ondelete="restrict",
        group_expand="_read_group_stage_ids",
        copy=False,
        domain="[('team_ids', '=', team_id)]",
    )
    is_closed = fields.Boolean("Closed", related="stage_id.fold", store=True, precompute=True)
    date_last_stage_update = fields.Datetime(
        "Last Stage Update", compute="_compute_date_last_stage_update", store=True, precompute=True, copy=False
    )
    assign_date = fields.Datetime(
        "Assigned on",
        compute="_compute_assign_date",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="When the ticket was first assigned.",
    )
    close_date = fields.Datetime(
        "Closed on",
        compute="_compute_close_date",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="When the ticket arrived in a folded stage. Reopening the ticket clears this date.",
    )

    _number_unique = models.Constraint("UNIQUE(number)", "There is already a ticket with this number.")
    # Read backwards: a new ticket, which comes first in lists, is the last of its priority. Pages of an index are filled only
    # where new rows come last; in the other order these two take twice the space.
    _list_index = models.Index("(priority, opened_on, id)")
    # for a column of the kanban, even if the user can see few of its tickets
    _stage_index = models.Index("(stage_id, priority, opened_on, id)")
    _customer_index = models.Index(index_of_customer)
    # what boards and the dashboard count, and what the record rules ask, without a look into the table
    _open_index = models.Index(
        "(team_id, user_id, stage_id) INCLUDE (id, company_id, priority, waiting_since, snooze_until) "
        # as the ORM writes its conditions, else the index would not be used
        "WHERE is_closed IS NOT TRUE AND active IS TRUE"
    )

    @api.depends("partner_id")
    def _compute_partner_name(self):
        for ticket in self:
            ticket.partner_name = ticket.partner_id.name or ticket.partner_name

    @api.depends("partner_id")
    def _compute_partner_email(self):
        for ticket in self:
            ticket.partner_email = ticket.partner_id.email or ticket.partner_email

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for ticket in self:
            ticket.partner_phone = ticket.partner_id.phone or ticket.partner_phone

    @api.depends("team_id")
    def _compute_stage_id(self):
        for team, tickets in self.grouped("team_id").items():
            # sudo: customers and the mail gateway, which create tickets as well, cannot read stages
            stages = team.sudo().stage_ids
            first = team._get_first_stage() if team else stages
            for ticket in tickets:
                if ticket.stage_id.id not in stages.ids:
                    ticket.stage_id = first.id

    @api.depends("stage_id")
    def _compute_date_last_stage_update(self):
        self.date_last_stage_update = fields.Datetime.now()

    @api.depends("user_id")
    def _compute_assign_date(self):
        for ticket in self:
            # unassigning a ticket does not undo that somebody was assigned: the first assignment counts
            ticket.assign_date = ticket.assign_date or (ticket.user_id and fields.Datetime.now())

    @api.depends("is_closed")
    def _compute_close_date(self):
        for ticket in self:
            ticket.close_date = ticket.is_closed and (ticket.close_date or fields.Datetime.now())

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Show all stages in the pipeline of a team, empty ones included."""
        team_id = self.env.context.get("default_team_id")
        shown = Domain("id", "in", stages.ids)
        if team_id:
            shown |= Domain("team_ids", "=", team_id)
        return stages.search(shown)

    @api.depends("name", "number")
    def _compute_display_name(self):
        for ticket in self:
            ticket.display_name = f"{ticket.name} (#{ticket.number})" if ticket.number else ticket.name

    def _compute_rotting(self):
        # sudo: an employee who is invited to one ticket need not have access to the team's stages
        return super(Ticket, self.sudo())._compute_rotting()

    def _get_rotting_depends_fields(self):
        return [*super()._get_rotting_depends_fields(), "is_closed"]

    def _get_rotting_domain(self):
        return super()._get_rotting_domain() & Domain("is_closed", "=", False)

    @api.constrains("stage_id", "team_id")
    def _check_stage(self):
        # sudo: the check must not depend on the stages that the user can see
        for ticket in self.sudo().with_context(active_test=False):
            if not ticket.stage_id and ticket.team_id.stage_ids:
                raise ValidationError(self.env._("A ticket needs a stage of its team."))
            if not ticket.stage_id:
                raise ValidationError(self.env._("The team “%s” has no stages yet. Add one first.", ticket.team_id.name))
            if ticket.stage_id not in ticket.team_id.stage_ids:
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” does not belong to the team “%(team)s”.",
                        stage=ticket.stage_id.name,
                        team=ticket.team_id.name,
                    )
                )

    @api.constrains("user_id")
    def _check_user_id(self):
        self._refuse_outsiders(self.user_id)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create tickets from every channel, with their teams, stages, assignees and followers, and notify people.

        Every step handles the whole batch in a constant number of statements.
        """
        # copies, because callers may pass one dict several times
        vals_list = [dict(vals) for vals in vals_list]
        self._fill_teams(vals_list)
        self._fill_stages(vals_list)
        imported = self._is_import()
        # imported tickets were somebody's before, or nobody's
        choices, waiting = ([None] * len(vals_list), []) if imported else self._choose_for_new(vals_list)
        # Odoo would subscribe, log and mail for each ticket separately; the steps below do it for all
        quiet = {
            "helpdesk_lite_subscribe_later": True,
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
        }
        tickets = super(Ticket, self.with_context(**quiet)).create(vals_list).with_env(self.env)
        tickets._subscribe_at_creation()
        tickets._log_creation()
        tickets._notify_assignees()
        tickets._announce_creation()
        tickets._log_choices(choices, waiting)
        tickets._acknowledge()
        return tickets

    def _fill_teams(self, vals_list):
        """Fill in the default team where none is given.

        :param list vals_list: dicts of values; are changed
        :raise UserError: when there is no team
        """
        default_team_id = None
        for vals in vals_list:
            if not vals.get("team_id"):
                if default_team_id is None:
                    default_team_id = self.default_get(["team_id"]).get("team_id")
                vals["team_id"] = default_team_id
            if not vals["team_id"]:
                raise UserError(self.env._("There is no helpdesk team for this ticket yet. Create a team first."))

    def _fill_stages(self, vals_list):
        """Fill in the stage of the kanban column in which the user adds a card.

        :param list vals_list: dicts of values; are changed
        """
        if stage_id := self.default_get(["stage_id"]).get("stage_id"):
            for vals in vals_list:
                vals.setdefault("stage_id", stage_id)

    def _is_unseen(self):
        """Whether nobody else can know of these tickets before the commit, so that they need not be locked; for extension.

        :return: bool
        """
        return False

    def _is_batch(self):
        """Whether these new tickets are a batch or an import, in which nobody is notified of each ticket.

        :return: bool
        """
        return len(self) != 1 or self._is_import()

    @api.model
    def _is_import(self):
        """Whether tickets come from Odoo's import screen. The client says so itself: nothing is allowed because of it.

        :return: bool
        """
        return bool(self.env.context.get("import_file"))

    def _announce_creation(self):
        """Log the creation on new tickets, and notify those whom the team has chosen, except of batches."""
        if self.env.context.get("mail_create_nolog") or self.env.context.get("tracking_disable"):
            return
        if self._is_batch():
            self._message_log_batch({ticket.id: ticket._creation_message() for ticket in self})
            return
        # sudo: users who can create tickets need not be able to post on them
        ticket = self.sudo()
        subtype, partner_ids = ticket._get_announced()
        if partner_ids or ticket._is_followed(subtype):
            ticket.message_post(
                author_id=self.env.user.partner_id.id,
                body=self._creation_message(),
                subtype_id=subtype.id,
                partner_ids=partner_ids,
            )
        else:
            ticket._log_quietly(self._creation_message(), subtype)

    def _get_announced(self):
        """Who is notified of a new ticket, apart from its assignee.

        :return: tuple (record of ``mail.message.subtype`` that followers choose, list of ids of other partners)
        """
        team = self.team_id
        if team.new_ticket_notice == "followers":
            return self._creation_subtype(), []
        members = team.member_ids - self.user_id if team.new_ticket_notice == "members" else team.member_ids.browse()
        return self._get_own_subtype("mail.mt_note"), members.filtered("active").partner_id.ids

    def _creation_subtype(self):
        return self._get_own_subtype("helpdesk_lite.mt_ticket_new")

    def _get_own_subtype(self, xmlid):
        # without asking whether it exists, as ``ref`` does for each ticket: its identifier goes with it
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(xmlid, raise_if_not_found=True)
        return self.env["mail.message.subtype"].browse(subtype_id)

    def _creation_message(self):
        self.ensure_one()
        # sudo: users who can see a ticket may know the name of its team
        return self.env._("Ticket created in the team “%s”.", self.team_id.sudo().name)

    def _track_subtype(self, initial_values):
        if "stage_id" in initial_values:
            return self._get_own_subtype("helpdesk_lite.mt_ticket_stage")
        return super()._track_subtype(initial_values)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for ticket, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", ticket.name)
        return vals_list

    def copy(self, default=None):
        """Duplicate without an acknowledgement, because a duplicate is not a new request."""
        return super(Ticket, self.with_context(mail_notrack=True)).copy(default).with_env(self.env)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_assign_to_me(self):
        """Make the current user the assignee of these tickets.

        :return: True, because XML-RPC has no None
        """
        return self.write({"user_id": self.env.uid})

    def action_close(self):
        """Move these tickets to the first closed stage of their team.

        :raise UserError: when a team has no folded stage
        :return: True, because XML-RPC has no None
        """
        for team, tickets in self.filtered(lambda ticket: not ticket.is_closed).grouped("team_id").items():
            closed = team.stage_ids.filtered("fold")[:1]
            if not closed:
                raise UserError(self.env._("The team “%s” has no folded stage to close tickets in.", team.name))
            tickets.stage_id = closed
        return True
