from odoo import api, models
from odoo.models import MAGIC_COLUMNS


class ProtectedMixin(models.AbstractModel):
    """Read-only is enforced by the server: what a form does not let one enter, no request enters either.

    Superuser code writes what it works out itself; it does so after the check of what came from the client.
    """

    _name = "helpdesk_lite.protected.mixin"
    _description = "Protected Fields"

    @api.model
    def _is_protected(self, field):
        """Whether only superuser code writes a field.

        :param field: a ``Field`` of this model
        :return: bool
        """
        # the magic columns are dropped from what clients send, and imports send them
        return bool(field.store and field.readonly) and field.name not in MAGIC_COLUMNS

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_protected(field):
            return False
        return super()._has_field_access(field, operation)
