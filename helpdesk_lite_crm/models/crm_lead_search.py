from odoo import api, fields, models


class CrmLeadSearch(models.Model):
    """Searches through a lead's messages and activities with the access rights of these.

    A lead's messages can be copies of a ticket's. The core's mixins do the same for tickets. They are
    not inherited here, because then this addon would define all fields of threads on leads.
    """

    _name = "crm.lead"
    # comes first, because it overrides methods that leads inherit
    _inherit = ["helpdesk_lite.search.mixin", "helpdesk_lite.onchange.mixin", "crm.lead"]

    message_ids = fields.One2many(bypass_search_access=False, export_string_translation=False)
    website_message_ids = fields.One2many(bypass_search_access=False, export_string_translation=False)
    activity_ids = fields.One2many(bypass_search_access=False, export_string_translation=False)
    activity_type_id = fields.Many2one(related_sudo=False, export_string_translation=False)
    activity_type_icon = fields.Char(related_sudo=False, export_string_translation=False)
    activity_summary = fields.Char(related_sudo=False, export_string_translation=False)

    @api.model
    def _search_activity_user_id(self, operator, operand):
        domain = super()._search_activity_user_id(operator, operand)
        return domain if domain is NotImplemented else self._guard_domain(domain)

    def _search_activity_date_deadline(self, operator, operand):
        domain = super()._search_activity_date_deadline(operator, operand)
        return domain if domain is NotImplemented else self._guard_domain(domain)
