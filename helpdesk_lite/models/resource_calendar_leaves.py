from odoo import api, models
from odoo.tools import SQL


class ResourceCalendarLeaves(models.Model):
    """Public holidays change the working hours of teams."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._change_hours()
        return leaves

    def write(self, vals):
        self._change_hours()
        result = super().write(vals)
        self._change_hours()
        return result

    def unlink(self):
        self._change_hours()
        return super().unlink()

    def _change_hours(self):
        """Have the hours counted again in the teams for which these are public holidays."""
        # sudo: everybody may ask for time off, which is no public holiday
        for leave in self.sudo().filtered(lambda leave: not leave.resource_id):
            self.env["helpdesk_lite.team"].sudo()._make_hours_due(
                SQL(
                    "resource_calendar_id IS NOT NULL AND %s AND %s",
                    SQL("resource_calendar_id = %s", leave.calendar_id.id) if leave.calendar_id else SQL("TRUE"),
                    SQL("company_id = %s", leave.company_id.id) if leave.company_id else SQL("TRUE"),
                )
            )
