from odoo import api, models


class ResourceCalendar(models.Model):
    """Other hours are other deadlines for tickets that are open; what is closed stays as it was."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"tz", "attendance_ids", "flexible_hours", "hours_per_day", "full_time_required_hours"}:
            self._recompute_sla()
        return result

    def _recompute_sla(self):
        """Judge the open tickets of the companies that may use these calendars again; of all for an empty record."""
        companies = self.company_id
        if not self or not all(calendar.company_id for calendar in self):
            companies = self.env["res.company"]
        Sla = self.env["helpdesk_lite.sla"]
        concerned = [company_id for company_id in Sla._get_rules() if not companies or company_id in companies.ids]
        if concerned:
            Sla._recompute_later(companies.browse(concerned))


class ResourceCalendarAttendance(models.Model):
    """See the calendars."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._recompute_sla()
        return attendances

    def write(self, vals):
        result = super().write(vals)
        self.calendar_id._recompute_sla()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        if calendars:
            calendars._recompute_sla()
        return result


class ResourceCalendarLeaves(models.Model):
    """A public holiday moves the deadlines, also when it is entered late."""

    _inherit = "resource.calendar.leaves"

    def _forget_clocks(self):
        result = super()._forget_clocks()
        public = self.filtered(lambda leave: not leave.resource_id)
        if public:
            # sudo: whose holiday it is, not who enters it
            public.sudo().calendar_id._recompute_sla()
        return result


class Team(models.Model):
    """A team with other working hours, or with another company, keeps other promises."""

    _inherit = "helpdesk_lite.team"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            Sla = self.env["helpdesk_lite.sla"]
            concerned = self.company_id.filtered(lambda company: company.id in Sla._get_rules())
            if concerned:
                Sla._recompute_later(concerned)
        return result
