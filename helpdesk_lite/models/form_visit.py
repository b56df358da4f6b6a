from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import hmac


class FormVisit(models.TransientModel):
    """What was sent through the public form in the last hour, to stop floods.

    It lives in the database because several server processes share it, keeps a keyed hash in
    place of addresses, and is cleaned up by Odoo after an hour.
    """

    _name = "helpdesk_lite.form.visit"
    _description = "Helpdesk Form Visit"
    _order = "id"
    _transient_max_hours = 1.0

    address_hash = fields.Char(required=True, index=True)

    @api.model
    def _is_over_limit(self, addresses):
        """Whether one of these addresses has sent as much as it may within an hour.

        :param list addresses: network and e-mail addresses of a visitor
        :return: bool
        """
        limit = self.env["ir.config_parameter"].get_param("helpdesk_lite.form_limit", "")
        limit = int(limit) if limit.strip().isdecimal() else 20
        since = fields.Datetime.now() - timedelta(hours=1)
        return any(
            self.search_count([("address_hash", "=", self._hash(address)), ("create_date", ">", since)]) >= limit
            for address in addresses
        )

    @api.model
    def _remember(self, addresses):
        """Count one sending for each of these addresses.

        :param list addresses: network and e-mail addresses of a visitor
        """
        self.create([{"address_hash": self._hash(address)} for address in addresses])

    @api.model
    def _hash(self, address):
        return hmac(self.env, "helpdesk_lite.form", address)
