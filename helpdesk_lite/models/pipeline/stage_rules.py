from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StageNeeds(models.Model):
    """What a stage means for those who wait, where tickets go from it when somebody writes, and what it needs."""

    _inherit = "helpdesk_lite.stage"

    is_waiting = fields.Boolean(
        "Waiting for the Customer", help="In this stage the team waits for the customer. Its cards are muted."
    )
    on_customer_reply_stage_id = fields.Many2one(
        "helpdesk_lite.stage",
        "When the Customer Writes",
        domain="[('id', '!=', id)]",
        ondelete="set null",
        help="The stage to which a ticket moves when its customer writes, in the teams that have both stages.",
    )
    on_agent_reply_stage_id = fields.Many2one(
        "helpdesk_lite.stage",
        "When an Agent Writes",
        domain="[('id', '!=', id)]",
        ondelete="set null",
        help="The stage to which a ticket moves when an agent writes to its customer, in the teams that have both stages.",
    )
    # what is needed on tickets that people move here
    require_user = fields.Boolean("An Assignee")
    require_customer = fields.Boolean("A Customer")
    require_type = fields.Boolean("A Type")
    require_tags = fields.Boolean("Tags")
    require_properties = fields.Boolean("All Properties")
    require_close_reason = fields.Boolean("A Close Reason")

    @api.constrains("on_customer_reply_stage_id", "on_agent_reply_stage_id")
    def _check_reply_stages(self):
        for stage in self:
            if stage in (stage.on_customer_reply_stage_id, stage.on_agent_reply_stage_id):
                raise ValidationError(self.env._("Choose another stage than “%s” itself.", stage.name))
            if stage.on_customer_reply_stage_id.fold:
                raise ValidationError(
                    self.env._(
                        "“%s” is folded: a ticket cannot be closed because its customer writes.",
                        stage.on_customer_reply_stage_id.name,
                    )
                )
