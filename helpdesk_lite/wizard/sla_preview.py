from odoo import fields, models


class SlaPreview(models.TransientModel):
    """What changed policies would mean for the tickets that are open, before they apply to them."""

    _name = "helpdesk_lite.sla.preview"
    _description = "Apply SLA Policies to Open Tickets"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]

    sla_ids = fields.Many2many("helpdesk_lite.sla", "helpdesk_lite_sla_preview_rel", "preview_id", "sla_id", "SLA Policies")
    open_count = fields.Integer("Open Tickets", compute="_compute_counts")
    changed_count = fields.Integer("With New Deadlines", compute="_compute_counts")
    late_count = fields.Integer("Of These, Missed at Once", compute="_compute_counts")

    def _compute_counts(self):
        for preview in self:
            counts = preview.sla_ids._preview()
            preview.open_count, preview.changed_count, preview.late_count = (
                counts[name] for name in ("open", "changed", "late")
            )

    def action_apply(self):
        """Apply the policies to all open tickets; a job does it in the background.

        :return: an action that closes the pop-up
        """
        self.sla_ids._apply()
        return {"type": "ir.actions.act_window_close"}
