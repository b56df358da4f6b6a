from odoo import fields, models


class StageEvents(models.Model):
    """Folding a stage closes its tickets, and unfolding it reopens them."""

    _inherit = "helpdesk_lite.stage"

    def write(self, vals):
        if "fold" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda stage: stage.fold != bool(vals["fold"]))
        result = super().write(vals)
        if not changed:
            return result
        # sudo: the stage may hold tickets that the user cannot see
        Ticket = self.env["helpdesk_lite.ticket"].sudo().with_context(active_test=False)
        tickets = Ticket.search([("stage_id", "in", changed.ids)], order="id")
        tickets._log_event("closed" if vals["fold"] else "reopened", fields.Datetime.now())
        return result
