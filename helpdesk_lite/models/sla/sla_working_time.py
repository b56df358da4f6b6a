from odoo import api, models
from odoo.exceptions import UserError


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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_promised(self):
        """Working hours by which a policy counts stay, also where only older tickets keep what it promised."""
        # sudo: whoever deletes working hours need not know the helpdesk
        policies = self.env["helpdesk_lite.sla"].sudo().search([("active", "in", (True, False))])
        for calendar in self:
            if present := policies.filtered(lambda sla, calendar=calendar: sla.calendar_id == calendar)[:1]:
                raise UserError(
                    self.env._(
                        "The SLA policy “%(policy)s” counts by the working hours “%(calendar)s”. Choose others there first.",
                        policy=present.name,
                        calendar=calendar.name,
                    )
                )
            if former := policies.filtered(lambda sla, calendar=calendar: calendar.id in sla._get_former_hours())[:1]:
                raise UserError(
                    self.env._(
                        "Tickets that were opened before the SLA policy “%(policy)s” was changed still count by the working "
                        "hours “%(calendar)s”. Archive these hours, or apply the policy to open tickets first.",
                        policy=former.name,
                        calendar=calendar.name,
                    )
                )

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
