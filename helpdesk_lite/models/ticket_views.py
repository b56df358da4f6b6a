from odoo import api, models


class TicketViews(models.Model):
    """Columns of the pipeline are stages, which only administrators may change."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("helpdesk_lite.group_manager"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        # here and not in an inherited view, which cannot be limited to a group
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "kanban" and not self.env.user.has_group("helpdesk_lite.group_manager"):
            for action in ("groups_draggable", "group_create", "group_edit", "group_delete"):
                arch.set(action, "0")
        return arch, view
