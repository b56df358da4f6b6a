from odoo import api, models


class TicketViews(models.Model):
    """Hides the controls of kanban columns, which are stages, from users who cannot change stages."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("helpdesk_lite.group_manager"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        # not in an inherited view, because that cannot be limited to a group
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "kanban" and not self.env.user.has_group("helpdesk_lite.group_manager"):
            for action in ("groups_draggable", "group_create", "group_edit", "group_delete"):
                arch.set(action, "0")
        return arch, view
