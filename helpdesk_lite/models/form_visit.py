import logging

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from .short_cursor import short_cursor

_logger = logging.getLogger(__name__)

HOUR = 3600  # in seconds
# the config parameter with the number of messages per hour, and what counts without it
LIMIT, USUAL = "helpdesk_lite.form_limit", 20


class FormVisit(models.TransientModel):
    """Counts messages through the public form in the last hour, to stop floods.

    The rows are in the database because several server processes share them, on several machines, whose clocks
    may differ: the clock of the database counts. They contain a keyed hash instead of the address, and Odoo
    deletes them after an hour.
    """

    _name = "helpdesk_lite.form.visit"
    _description = "Helpdesk Form Visit"
    _order = "id"
    _transient_max_hours = 1.0

    address_hash = fields.Char(required=True, index=True)

    @api.model
    def _count(self, addresses, peer=None):
        """Count a message for each of these addresses, unless one of them has reached the limit per hour.

        A lock makes the limit hold for simultaneous messages. A counted message stays counted even if
        its ticket cannot be created.

        :param list addresses: str, the network and e-mail addresses of a visitor
        :param str peer: where the request came from, if that is a proxy and the visitor's network address is not
            known; an administrator is told of it in the log, once an hour whatever process is asked
        :return: int, 0 when the message was counted, or else the seconds until one is accepted again
        """
        limit = self._get_limit()
        hashes = {self._hash(address) for address in addresses}
        note = {self._hash(f"proxy {peer}")} if peer else set()
        # sorted, so that two requests never wait for each other's locks
        locks = sorted(hashes | note)
        self.flush_model()
        with short_cursor(self.env, alone=True) as cr:
            for address_hash in locks:
                cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", address_hash))
            # when so many messages were sent that the limit is reached, the oldest of them makes room for the next one
            cr.execute(
                SQL(
                    """ SELECT address_hash, %(hour)s - floor(extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC'
                               - (array_agg(create_date ORDER BY create_date DESC))[%(limit)s]))::int
                      FROM helpdesk_lite_form_visit
                     WHERE address_hash = ANY(%(hashes)s)
                       AND create_date > clock_timestamp() AT TIME ZONE 'UTC' - %(hour)s * interval '1 second'
                  GROUP BY address_hash
                """,
                    hour=HOUR,
                    limit=limit,
                    hashes=locks,
                )
            )
            waits = dict(cr.fetchall())
            wait = max((waits[one] for one in hashes if waits.get(one) is not None), default=0) if limit else HOUR
            news = note - waits.keys()
            if entered := news if wait else hashes | news:
                self._enter(cr, entered)
        if news:
            _logger.warning(
                "Messages through the public form come from %s without the address of their visitor: only their e-mail"
                " addresses are limited. Set proxy_mode = True, and let the proxy set X-Forwarded-Host and one address"
                " in X-Forwarded-For.",
                peer,
            )
        return wait

    @api.model
    def _enter(self, cr, hashes):
        """Store a row for each hash.

        :param cr: cursor of the transaction that holds the locks
        :param set hashes: str, at least one
        """
        cr.execute(
            SQL(
                """ INSERT INTO helpdesk_lite_form_visit (address_hash, create_uid, create_date, write_uid, write_date)
                SELECT unnest(%(hashes)s), %(uid)s, moment.date, %(uid)s, moment.date
                  FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS date) moment
            """,
                hashes=sorted(hashes),
                uid=self.env.uid,
            )
        )

    @api.model
    def _get_limit(self):
        """:return: int, how many messages an address may send in an hour; 0 closes the forms"""
        # sudo: only administrators of Odoo can read parameters
        limit = self.env["ir.config_parameter"].sudo().get_param(LIMIT, "")
        return int(limit) if limit.strip().isdecimal() else USUAL

    @api.model
    def _hash(self, address):
        return hmac(self.env, "helpdesk_lite.form", address)
