import logging

from odoo import fields, models

from ...tools.mail_identity import identify

_logger = logging.getLogger(__name__)


class MailUid(models.Model):
    """A mail on its server that the fetch job need not fetch.

    Either it is ours, and was not deleted because the POP session ended too early: the next session deletes it.
    Or it was too big, and is fetched once the limit has been raised.
    """

    _name = "helpdesk_lite.mail.uid"
    _description = "Mail Left on Its Server"
    _order = "id"

    server_id = fields.Many2one("fetchmail.server", required=True, ondelete="cascade")
    uid = fields.Char("Unique ID", required=True)
    size = fields.Integer("Size (bytes)")
    is_parked = fields.Boolean("Too Big")
    mail_id = fields.Many2one("helpdesk_lite.mail", "Header", ondelete="set null")

    _uid_uniq = models.UniqueIndex("(server_id, uid)")

    def _remember(self, server_id, uid, size, parked=None):
        """Remember a mail in the current transaction.

        :param int server_id: of ``fetchmail.server``
        :param str uid: as the server calls the mail
        :param int size: in bytes, as the server lists it
        :param int parked: id of the ``helpdesk_lite.mail`` with the header of a mail that was too big
        """
        self.env.cr.execute(
            """ INSERT INTO helpdesk_lite_mail_uid (server_id, uid, size, is_parked, mail_id) VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (server_id, uid) DO UPDATE
                SET size = EXCLUDED.size, is_parked = EXCLUDED.is_parked, mail_id = EXCLUDED.mail_id
            """,
            [server_id, uid, size, bool(parked), parked],
        )


class Ledger:
    """What is known of the mails of one server, in transactions of its own: that of the fetch job holds a lock.

    :param server: record of ``fetchmail.server``
    """

    def __init__(self, server):
        self.server_id = server.id
        self.env = server.env
        self.limit = server.size_limit * 2**20

    def is_too_big(self, size):
        """:param int size: in bytes"""
        return bool(self.limit) and size > self.limit

    def taken(self):
        """:return: dict of UID to size in bytes, of the mails that are ours"""
        return self._sizes(is_parked=False)

    def parked(self):
        """:return: dict of UID to size in bytes, of the mails that were too big"""
        return self._sizes(is_parked=True)

    def forget(self, uids):
        """Forget mails that the server has deleted."""
        self._delete("uid = ANY(%s)", list(uids))

    def forget_all_but(self, uids):
        """Forget mails that the server does not list."""
        self._delete("NOT uid = ANY(%s)", list(uids))

    def park(self, uid, header, size):
        """Keep the header of a mail that is too big, and remember not to ask for it again."""
        # sudo: whoever lets Odoo fetch need not have access to incoming mails
        Mail = self.env["helpdesk_lite.mail"].sudo()
        # of a run that was killed between the two transactions, or of a server without UIDs
        known = [
            ("message_id", "=", identify(header).message_id),
            ("reason", "=", "too_big"),
            ("server_id", "=", self.server_id),
            ("size", "=", size),
        ]
        with self.env.registry.cursor() as cr:
            mail = Mail.with_env(Mail.env(cr=cr)).search(known, limit=1)
        if not mail:
            mail, identity = Mail._keep(header, {}, server_id=self.server_id, state="parked", reason="too_big", size=size)
            _logger.info("Mail %s is not processed (too_big)", identity.message_id)
        if uid:
            with self.env.registry.cursor() as cr:
                self.env(cr=cr)["helpdesk_lite.mail.uid"]._remember(self.server_id, uid, size, mail.id)

    def unpark(self, uid):
        """Forget a mail that was too big: it is fetched now, and its header would pass for the whole mail."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                """ WITH forgotten AS (
                        DELETE FROM helpdesk_lite_mail_uid WHERE server_id = %s AND uid = %s AND is_parked RETURNING mail_id)
                    DELETE FROM helpdesk_lite_mail USING forgotten
                     WHERE helpdesk_lite_mail.id = mail_id AND reason = 'too_big' AND state = 'parked'
                """,
                [self.server_id, uid],
            )

    def _sizes(self, is_parked):
        with self.env.registry.cursor() as cr:
            cr.execute(
                "SELECT uid, size FROM helpdesk_lite_mail_uid WHERE server_id = %s AND is_parked = %s",
                [self.server_id, is_parked],
            )
            return dict(cr.fetchall())

    def _delete(self, condition, uids):
        with self.env.registry.cursor() as cr:
            cr.execute(f"DELETE FROM helpdesk_lite_mail_uid WHERE server_id = %s AND {condition}", [self.server_id, uids])
