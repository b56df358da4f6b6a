from odoo import api, models


class TicketViews(models.Model):
    """Shows the buttons for conversion in the list only to agents."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("helpdesk_lite.group_user"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        # not in the view, because a button can depend on one group only, and these depend on the use of leads
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self.env.user.has_group("helpdesk_lite.group_user"):
            for button in arch.xpath("//header/button[@name='action_open_convert']"):
                button.getparent().remove(button)
        return arch, view
