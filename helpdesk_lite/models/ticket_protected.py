from odoo import api, models

# an administrator brings them from another system
IMPORTED = ("number", "assign_date", "close_date")


class TicketProtected(models.Model):
    """What of a ticket is worked out by the server, and by nobody else.

    Dates and the number can be imported by administrators. That somebody imports is said by the
    client; it takes nothing but rights away, so it may be.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _is_protected(self, field):
        if field.name in IMPORTED:
            imports = bool(self.env.context.get("import_file"))
            return not (imports and self.env.user.has_group("helpdesk_lite.group_manager"))
        return field.name == "access_token" or super()._is_protected(field)
