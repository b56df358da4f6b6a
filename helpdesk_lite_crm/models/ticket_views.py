from odoo import api, models


class TicketViews(models.Model):
    """The list offers conversion to those who may convert."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("helpdesk_lite.group_user"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        # here and not in the view: buttons there can ask for one group, and these ask for leads already
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self.env.user.has_group("helpdesk_lite.group_user"):
            for button in arch.xpath("//header/button[@name='action_open_convert']"):
                button.getparent().remove(button)
        return arch, view
