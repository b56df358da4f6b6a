from odoo import api, fields, models
from odoo.exceptions import UserError


class ConvertLead(models.TransientModel):
    """The pop-up that converts a lead to a ticket."""

    _name = "helpdesk_lite_crm.convert_lead"
    _description = "Convert a Lead to a Ticket"
    _inherit = ["helpdesk_lite.links.mixin"]

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    name = fields.Char(
        "Subject",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        help="In a public team the customer sees it on the portal.",
    )
    team_id = fields.Many2one(
        "helpdesk_lite.team",
        "Helpdesk Team",
        required=True,
        default=lambda self: self.env["helpdesk_lite.ticket"]._default_team_id(),
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_partner_id", store=True, readonly=False, precompute=True
    )
    copy_conversation = fields.Boolean(
        "Copy the Conversation", help="Notes, messages, files and tags. Everybody who can see the ticket can read them."
    )

    is_open_to_employees = fields.Boolean(compute="_compute_is_open_to_employees")

    @api.depends("lead_id")
    def _compute_name(self):
        for convert in self:
            convert.name = convert.lead_id.name

    @api.depends("lead_id")
    def _compute_partner_id(self):
        for convert in self:
            convert.partner_id = convert.lead_id.partner_id

    @api.depends("team_id")
    def _compute_is_open_to_employees(self):
        for convert in self:
            convert.is_open_to_employees = convert.team_id.privacy_visibility in ("company", "public")

    @api.model
    def _get_link_operations(self):
        return {**super()._get_link_operations(), "lead_id": "write"}

    def action_convert(self):
        """Create the ticket, and archive the lead.

        :raise AccessError: when the user has no access to a chosen record
        :raise UserError: when the lead was already converted or is closed
        :return: the action that opens the ticket
        """
        self.ensure_one()
        self._check_all_links()
        # sudo: only whether the contact is archived is read; access to it was checked
        if self.partner_id and not self.partner_id.sudo().active:
            raise UserError(self.env._("The contact “%s” is archived. Choose another one, or none.", self.partner_id.name))
        ticket = self.lead_id._convert_to_ticket(self.team_id, self.partner_id, self.name, self.copy_conversation)
        return ticket._get_records_action()
