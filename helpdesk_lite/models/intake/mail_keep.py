import io
import json
import struct

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.mail_identity import identify
from ..short_cursor import short_cursor
from .not_kept import NotKept

# a pooled connection may have died since it was used last
ATTEMPTS = 3
# the driver writes bytes into a statement as hexadecimal digits, several times; bigger mails are copied instead, as they are
LONGEST_IN_STATEMENT = 1_000_000


class MailKeep(models.Model):
    """Stores a mail before anything reads it, in a transaction that is committed before the mail is acknowledged."""

    _inherit = "helpdesk_lite.mail"

    @api.model
    def _keep(self, raw, options, *, transport="gateway", server_id=None, state="received", reason=None, size=None):
        """Store a mail, and commit.

        :param bytes raw: the mail, or its headers where the rest was left on the server
        :param dict options: what ``message_process`` was called with, see ``_process``
        :param str transport: how it came; that of the mail server wins
        :param int server_id: id of the ``fetchmail.server`` from which it was fetched
        :param str state: ``received`` to have it processed, ``parked`` to leave it to people
        :param str reason: why it is parked
        :param int size: in bytes, when ``raw`` is not the whole mail
        :return: tuple (record, :class:`MailIdentity`)
        :raise NotKept: when the mail could not be stored
        """
        identity = identify(raw)
        now = fields.Datetime.now()
        values = {
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
            "received_on": now,
            "email_from": identity.email_from,
            "email_to": identity.email_to,
            "subject": identity.subject,
            "size": identity.size if size is None else size,
            "message_id": identity.message_id,
            "digest": identity.digest,
            "fingerprint": identity.fingerprint,
            "recipients": " ".join(identity.recipients),
            "source": psycopg2.Binary(raw) if len(raw) <= LONGEST_IN_STATEMENT else None,
            "options": psycopg2.extras.Json(options, dumps=self._dump_options),
            "state": state,
            "reason": reason,
            # if the server is killed while it processes the mail, the job takes it up then
            "tries": 1 if state == "received" else 0,
            "next_try": now + self._get_pause(1) if state == "received" else None,
            # read here, as the fetch job's server is in no cache after each of its commits
            "server_id": SQL("(SELECT id FROM fetchmail_server WHERE id = %s)", server_id),
            "transport": SQL(
                """ COALESCE((SELECT CASE server_type WHEN 'pop' THEN 'pop' WHEN 'local' THEN 'gateway' ELSE 'imap' END
                            FROM fetchmail_server WHERE id = %s), %s)
                """,
                server_id,
                transport,
            ),
        }
        insert = SQL(
            "INSERT INTO helpdesk_lite_mail (%s) VALUES (%s) RETURNING id",
            SQL(", ").join(map(SQL.identifier, values)),
            SQL(", ").join(value if isinstance(value, SQL) else SQL("%s", value) for value in values.values()),
        )
        return self.browse(self._insert(insert, raw if len(raw) > LONGEST_IN_STATEMENT else None)), identity

    @api.model
    def _insert(self, insert, source=None):
        """Store a mail in a transaction that is committed.

        :param SQL insert: the statement
        :param bytes source: of a mail that is too big for it
        :return: int, id of the mail
        :raise NotKept: when the mail could not be stored
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                with short_cursor(self.env, alone=True) as cr:
                    cr.execute(insert, log_exceptions=False)
                    row = cr.fetchone()
                    if source is not None:
                        self._copy_source(cr, row[0], source)
            except psycopg2.Error as error:
                is_lost = isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError))
                if not is_lost or attempt == ATTEMPTS:
                    raise NotKept(str(error)) from error
            else:
                # the transaction is committed
                return row[0]

    @api.model
    def _copy_source(self, cr, mail_id, source):
        """Store the bytes of a mail without writing them into a statement, which would take six times their memory.

        :param cr: cursor of the transaction that stores the mail
        :param int mail_id: id of the mail
        :param bytes source: the mail
        """
        # PostgreSQL's binary format of COPY: signature, flags, extension; one row of one field; the end
        head = b"PGCOPY\n\xff\r\n\0" + struct.pack("!IIHI", 0, 0, 1, len(source))
        cr.execute("CREATE TEMPORARY TABLE helpdesk_lite_source (source bytea)")
        cr.copy_expert("COPY helpdesk_lite_source FROM STDIN (FORMAT binary)", _Pieces(head, source, struct.pack("!h", -1)))
        cr.execute(
            SQL("UPDATE helpdesk_lite_mail SET source = (SELECT source FROM helpdesk_lite_source) WHERE id = %s", mail_id)
        )
        cr.execute("DROP TABLE helpdesk_lite_source")

    @api.model
    def _dump_options(self, options):
        # XML-RPC does not transfer None
        return json.dumps({name: value for name, value in options.items() if value not in (None, False)}, default=str)


class _Pieces(io.RawIOBase):
    """A file of several byte strings, which are not joined."""

    def __init__(self, *pieces):
        super().__init__()
        self._files = [io.BytesIO(piece) for piece in pieces]

    def readable(self):
        return True

    def readinto(self, buffer):
        while self._files:
            if count := self._files[0].readinto(buffer):
                return count
            self._files.pop(0)
        return 0
