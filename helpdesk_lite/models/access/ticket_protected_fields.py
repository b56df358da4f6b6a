from odoo import api, models

# administrators import these from another system
IMPORTED = ("number", "opened_on", "assign_date", "close_date")


class TicketProtectedFields(models.Model):
    """The fields of a ticket that only the server writes.

    Administrators can import dates and the number. The client itself says that it imports; that is
    safe, because only administrators are believed.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _is_protected(self, field):
        if field.name in IMPORTED:
            return not (self._is_import() and self.env.user.has_group("helpdesk_lite.group_manager"))
        return field.name == "access_token" or super()._is_protected(field)

    @api.model
    def _filter_alias_defaults(self, defaults):
        """Limit the defaults of a team's alias, because incoming mails create tickets as superuser.

        :param dict defaults: of the alias
        :return: dict without protected fields, and without links other than the team and the assignee
        """
        kept = {}
        for name, value in defaults.items():
            field = self._fields.get(name)
            linked = field and (field.relational or field.type in ("many2one_reference", "reference", "properties", "json"))
            if (
                field
                and field.store
                and not self._is_protected(field)
                and (not linked or name in ("team_id", "user_id"))
                and (value is None or isinstance(value, (str, int, float)))
            ):
                kept[name] = value
        return kept
