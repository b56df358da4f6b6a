from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from .short_cursor import short_cursor


class FormVisit(models.TransientModel):
    """Counts messages through the public form in the last hour, to stop floods.

    The rows are in the database because several server processes share them. They contain a keyed
    hash instead of the address, and Odoo deletes them after an hour.
    """

    _name = "helpdesk_lite.form.visit"
    _description = "Helpdesk Form Visit"
    _order = "id"
    _transient_max_hours = 1.0

    address_hash = fields.Char(required=True, index=True)

    @api.model
    def _accept(self, addresses):
        """Count a message for each of these addresses, unless one of them has reached the limit per hour.

        A lock makes the limit hold for simultaneous messages. A counted message stays counted even if
        its ticket cannot be created.

        :param list addresses: str, the network and e-mail addresses of a visitor
        :return: bool, False when one of the addresses has reached the limit
        """
        limit = self.env["ir.config_parameter"].get_param("helpdesk_lite.form_limit", "")
        limit = int(limit) if limit.strip().isdecimal() else 20
        # sorted, so that two requests never wait for each other's locks
        hashes = sorted(self._hash(address) for address in addresses)
        self.flush_model()
        with short_cursor(self.env) as cr:
            for address_hash in hashes:
                cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", address_hash))
            cr.execute(
                SQL(
                    """ SELECT 1 FROM helpdesk_lite_form_visit
                     WHERE address_hash = ANY(%s) AND create_date > %s
                  GROUP BY address_hash HAVING count(*) >= %s
                """,
                    hashes,
                    fields.Datetime.now() - timedelta(hours=1),
                    limit,
                )
            )
            if cr.fetchone() or not limit:
                return False
            cr.execute(
                SQL(
                    """ INSERT INTO helpdesk_lite_form_visit (address_hash, create_uid, create_date, write_uid, write_date)
                    SELECT unnest(%s), %s, %s, %s, %s
                """,
                    hashes,
                    self.env.uid,
                    fields.Datetime.now(),
                    self.env.uid,
                    fields.Datetime.now(),
                )
            )
        return True

    @api.model
    def _hash(self, address):
        return hmac(self.env, "helpdesk_lite.form", address)
