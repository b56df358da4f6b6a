from odoo import api, models


class Sla(models.Model):
    """Companies without policies have no deadlines."""

    _inherit = "helpdesk_lite.sla"

    @api.model
    def _change_hours(self, companies):
        """Judge the open tickets again whose working hours may have changed.

        :param companies: records of ``res.company``; empty for all
        """
        concerned = companies.browse(self._get_rules())
        concerned = companies & concerned if companies else concerned
        if concerned:
            self._recompute_later(concerned)


class ResourceCalendar(models.Model):
    """Other hours are other deadlines for tickets that are open; what is closed stays as it was."""

    _inherit = "resource.calendar"

    def _change_hours(self, company):
        result = super()._change_hours(company)
        if not company and self and all(calendar.company_id for calendar in self):
            # nobody else can use them
            company = self.company_id
        self.env["helpdesk_lite.sla"]._change_hours(company)
        return result


class Team(models.Model):
    """A team with other working hours, or in another company, keeps other promises."""

    _inherit = "helpdesk_lite.team"

    def _change_hours(self):
        result = super()._change_hours()
        if self:
            # sudo: who moves a team need not be in all its companies
            self.env["helpdesk_lite.sla"]._change_hours(self.sudo().company_id)
        return result
