from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.pipeline.ticket_needs import NEEDS

# switch of the stage: field in which it is filled in; properties are filled in on the ticket
ASKED = {
    "require_user": "user_id",
    "require_customer": "partner_id",
    "require_type": "type_id",
    "require_tags": "tag_ids",
    "require_close_reason": "close_reason_id",
}


class StageMove(models.TransientModel):
    """Moves tickets to a stage with what it needs. What a ticket has already stays as it is."""

    _name = "helpdesk_lite.stage.move"
    _description = "Fill In What a Stage Needs"
    _inherit = ["helpdesk_lite.links.mixin"]

    ticket_ids = fields.Many2many(
        "helpdesk_lite.ticket", "helpdesk_lite_stage_move_ticket_rel", "move_id", "ticket_id", string="Tickets", required=True
    )
    stage_id = fields.Many2one("helpdesk_lite.stage", required=True, ondelete="cascade")
    is_message_waiting = fields.Boolean(readonly=True, help="The move was asked for together with a message.")
    team_id = fields.Many2one("helpdesk_lite.team", compute="_compute_team_id")
    company_id = fields.Many2one("res.company", compute="_compute_team_id")
    # what is missing on one of the tickets
    needs_user = fields.Boolean(compute="_compute_needs")
    needs_customer = fields.Boolean(compute="_compute_needs")
    needs_type = fields.Boolean(compute="_compute_needs")
    needs_tags = fields.Boolean(compute="_compute_needs")
    needs_properties = fields.Boolean(compute="_compute_needs")
    needs_close_reason = fields.Boolean(compute="_compute_needs")
    # the answers
    user_id = fields.Many2one("res.users", "Assigned to", domain="[('share', '=', False), ('company_ids', 'in', company_id)]")
    partner_id = fields.Many2one("res.partner", "Customer")
    type_id = fields.Many2one("helpdesk_lite.type", domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]")
    tag_ids = fields.Many2many("helpdesk_lite.tag", "helpdesk_lite_stage_move_tag_rel", "move_id", "tag_id", string="Tags")
    close_reason_id = fields.Many2one(
        "helpdesk_lite.close.reason", domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]"
    )
    asks_note = fields.Boolean(related="close_reason_id.require_note")
    note = fields.Text("Internal Note")

    @api.depends("ticket_ids")
    def _compute_team_id(self):
        for move in self:
            teams = move.ticket_ids.team_id
            move.team_id = teams if len(teams) == 1 else False
            move.company_id = move.ticket_ids.company_id[:1]

    @api.depends("ticket_ids", "stage_id")
    def _compute_needs(self):
        for move in self:
            missing = {flag for ticket in move.ticket_ids for flag in ticket._origin._get_missing_needs(move.stage_id)}
            for flag in NEEDS:
                move[flag.replace("require_", "needs_")] = flag in missing

    @api.constrains("user_id")
    def _check_user_id(self):
        self._refuse_outsiders(self.user_id)

    def action_move(self):
        """Move the tickets, as the user.

        :raise UserError: when something is still missing
        """
        self.ensure_one()
        self._check_all_links()
        if self.needs_close_reason and self.asks_note and not (self.note or "").strip():
            raise UserError(self.env._("Explain the reason “%s” in the note.", self.close_reason_id.name))
        for missing, tickets in self.ticket_ids.grouped(lambda ticket: tuple(ticket._get_missing_needs(self.stage_id))).items():
            values = {ASKED[flag]: self[ASKED[flag]] for flag in missing if flag in ASKED}
            tickets.write(
                {
                    "stage_id": self.stage_id.id,
                    **{name: [(6, 0, value.ids)] if name == "tag_ids" else value.id for name, value in values.items()},
                }
            )
        if (self.note or "").strip():
            for ticket in self.ticket_ids:
                ticket.message_post(body=self.note, subtype_xmlid="mail.mt_note", message_type="comment")
        return {"type": "ir.actions.client", "tag": "soft_reload"}
