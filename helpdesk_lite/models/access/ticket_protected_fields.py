from odoo import api, models

# an administrator brings them from another system
IMPORTED = ("number", "assign_date", "close_date")


class TicketProtectedFields(models.Model):
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

    @api.model
    def _filter_alias_defaults(self, defaults):
        """What the alias of a team may enter into tickets that mails make, which is done as superuser.

        :param dict defaults: of the alias
        :return: dict, without what only the server writes and without links, but for the team and an assignee
        """
        kept = {}
        for name, value in defaults.items():
            field = self._fields.get(name)
            linked = field and (field.relational or field.type in ("many2one_reference", "reference", "properties", "json"))
            if field and field.store and not self._is_protected(field) and (not linked or name in ("team_id", "user_id")) and (
                value is None or isinstance(value, (str, int, float))
            ):
                kept[name] = value
        return kept
