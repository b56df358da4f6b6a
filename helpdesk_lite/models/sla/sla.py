from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class Sla(models.Model):
    """A promise to some customers: which tickets it is about, how soon what happens, and when its clock stands.

    Every policy that matches a ticket applies to it; the earliest deadline is the one that is shown.
    """

    _name = "helpdesk_lite.sla"
    _description = "SLA Policy"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    note = fields.Html("Internal Note")

    # which tickets
    team_ids = fields.Many2many(
        "helpdesk_lite.team",
        "helpdesk_lite_sla_team_rel",
        "sla_id",
        "team_id",
        "Helpdesk Teams",
        check_company=True,
        help="Empty: all teams of the company.",
    )
    type_ids = fields.Many2many(
        "helpdesk_lite.type",
        "helpdesk_lite_sla_type_rel",
        "sla_id",
        "type_id",
        "Types",
        help="A type stands for those below it too. Empty: whatever the type.",
    )
    tag_ids = fields.Many2many(
        "helpdesk_lite.tag", "helpdesk_lite_sla_tag_rel", "sla_id", "tag_id", "Tags", help="Empty: whatever the tags."
    )
    tag_match = fields.Selection(
        [("any", "Any of these tags"), ("all", "All of these tags")], "Tags Needed", default="any", required=True
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "helpdesk_lite_sla_partner_rel",
        "sla_id",
        "partner_id",
        "Customers",
        check_company=True,
        help="A company stands for its contacts too. Empty: all customers.",
    )
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        "helpdesk_lite_sla_partner_category_rel",
        "sla_id",
        "category_id",
        "Customer Tags",
        help="Tags of the customer or of their company. Empty: whatever their tags.",
    )
    channel = fields.Selection(
        [("mail", "E-Mail"), ("form", "Public Form"), ("employee", "Created by an Employee")],
        help="How the ticket came in. Empty: whichever way.",
    )

    # when
    around_the_clock = fields.Boolean("Around the Clock", help="Every hour counts, nights and holidays too.")
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        check_company=True,
        # without them, the policy would promise other deadlines unnoticed
        ondelete="restrict",
        help="Empty: the working hours of the ticket's team.",
    )
    pause_stage_ids = fields.Many2many(
        "helpdesk_lite.stage",
        "helpdesk_lite_sla_pause_stage_rel",
        "sla_id",
        "stage_id",
        "Paused in Stages",
        help="In these stages all clocks of the policy stand.",
    )
    pause_when_waiting = fields.Boolean(
        "Paused While We Wait for the Customer",
        default=True,
        help="From an answer to the customer's next message, and in stages that wait for the customer, the clocks of "
        "resolutions and stages stand. An answer is awaited there all the same.",
    )
    target_ids = fields.One2many("helpdesk_lite.sla.target", "sla_id", "Targets", copy=True)
    show_customer = fields.Boolean(
        "Shown to Customers", help="On the portal, customers see by when they can expect an answer and a solution."
    )
    calendar_warning = fields.Char(compute="_compute_calendar_warning")

    # what earlier versions promised, to tickets that keep them
    versions = fields.Json(readonly=True, copy=False)

    @api.depends("calendar_id", "around_the_clock", "team_ids", "company_id")
    def _compute_calendar_warning(self):
        for sla in self:
            sla.calendar_warning = sla._get_calendar_warning()

    def _get_calendar_warning(self):
        """:return: a sentence about working hours with which the deadlines may surprise, or False"""
        self.ensure_one()
        if self.around_the_clock:
            return False
        # sudo: only the names and hours of calendars are read
        sla = self.sudo()
        calendars = sla.calendar_id or sla.team_ids.resource_calendar_id
        for calendar in calendars:
            if calendar.flexible_hours:
                return self.env._(
                    "The working hours “%s” are flexible: Odoo counts their hours per day around noon, from Monday on.",
                    calendar.name,
                )
            if not calendar.attendance_ids:
                return self.env._("The working hours “%s” have no hours, so there will be no deadlines.", calendar.name)
        return False

    @api.constrains("name", "target_ids", "active")
    def _check_targets(self):
        for sla in self:
            if sla.active and not sla.target_ids:
                raise ValidationError(self.env._("The policy “%s” promises nothing yet. Add a target.", sla.name))

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for sla, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", sla.name)
        return vals_list

    @api.model
    def default_get(self, fields):
        """Start with a first response and a resolution, whose times are only to be changed."""
        values = super().default_get(fields)
        if "target_ids" in fields and not values.get("target_ids"):
            values["target_ids"] = [
                Command.create(
                    {"kind": "first_response", "hours_low": 8, "hours_medium": 8, "hours_high": 4, "hours_urgent": 1}
                ),
                Command.create(
                    {"kind": "resolution", "hours_low": 40, "hours_medium": 40, "hours_high": 16, "hours_urgent": 8}
                ),
            ]
        return values
