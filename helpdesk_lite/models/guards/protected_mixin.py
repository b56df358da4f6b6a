from odoo import api, models
from odoo.models import MAGIC_COLUMNS


class ProtectedMixin(models.AbstractModel):
    """Makes read-only fields read-only for every request, not only in forms.

    Superuser code may still write values that it computed itself, after the client's values were checked.
    """

    _name = "helpdesk_lite.protected.mixin"
    _description = "Protected Fields"

    @api.model
    def _is_protected(self, field):
        """Whether only superuser code may write a field.

        :param field: a ``Field`` of this model
        :return: bool
        """
        # the ORM ignores the magic columns in values from clients, and imports contain them
        return bool(field.store and field.readonly) and field.name not in MAGIC_COLUMNS

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_protected(field):
            return False
        return super()._has_field_access(field, operation)
