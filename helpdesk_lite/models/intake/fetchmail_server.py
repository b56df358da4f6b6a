from imaplib import IMAP4
from poplib import POP3

import psycopg2
from odoo import api, fields, models
from odoo.sql_db import PoolError

from .delivery import fetching, get_fetching_server
from .mail_uid import Ledger
from .mailbox import FetchedMail
from .mailbox_imap import ImapMailbox
from .mailbox_pop import PopMailbox
from .not_kept import NotKept

SCRIPT = "/helpdesk_lite/static/scripts/helpdesk-mailgate.py"
MAILBOX_FIELDS = {"server", "port", "user", "server_type"}
DATABASE_ERRORS = (psycopg2.OperationalError, psycopg2.InterfaceError, PoolError)


class FetchmailServer(models.Model):
    """Fetches each mail without marking it as read or deleting it before it is ours."""

    _inherit = "fetchmail.server"

    size_limit = fields.Integer(
        "Largest Mail (MB)",
        default=50,
        help="A larger mail stays on its server, and only its header is in Incoming Mail. 0 fetches mails of any size.",
    )
    script = fields.Char(default=SCRIPT)

    @api.onchange("server_type", "is_ssl", "object_id")
    def onchange_server_type(self):
        """Tell how to use our script, which takes any bytes, instead of Odoo's."""
        result = super().onchange_server_type()
        if self.server_type == "local":
            self.configuration = self.env._(
                "Download the script below, and create an API key of a user in the group Mail Gateway. Then let your mail "
                "server hand mails to the script, for example in /etc/aliases of Postfix:\n\n%(example)s\n\n"
                "The option --help explains the script.",
                example=f'helpdesk: "|/usr/local/bin/helpdesk-mailgate.py --url {self.get_base_url()} '
                f'--database {self.env.cr.dbname} --key-file /etc/helpdesk-mailgate.key"',
            )
        return result

    def write(self, vals):
        """Forget the UIDs of a mailbox that was exchanged for another one: they may mean other mails there."""
        if MAILBOX_FIELDS & vals.keys():
            # sudo: nobody has access to these technical rows
            self.env["helpdesk_lite.mail.uid"].sudo().search([("server_id", "in", self.ids)]).unlink()
        return super().write(vals)

    def _fetch_mail(self, batch_limit=50):
        """Let the mails that are fetched be known for such."""
        with fetching():
            return super()._fetch_mail(batch_limit=batch_limit)

    def _connect__(self, allow_archived=False):
        """Put a safe mailbox around the connection; what logs in, OAuth for example, stays as it is."""
        connection = super()._connect__(allow_archived=allow_archived)
        for protocol, mailbox in ((IMAP4, ImapMailbox), (POP3, PopMailbox)):
            if isinstance(connection, protocol):
                return mailbox(connection, Ledger(self))
        return connection


class MailThread(models.AbstractModel):
    """Tells the mailbox what became of a mail."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None):
        """Let the mailbox acknowledge a fetched mail, also one that failed, unless it could not be kept."""
        options = {
            "custom_values": custom_values,
            "save_original": save_original,
            "strip_attachments": strip_attachments,
            "thread_id": thread_id,
        }
        if not isinstance(message, FetchedMail):
            return super().message_process(model, message, **options)
        try:
            found = super().message_process(model, message, **options)
        except (NotKept, *DATABASE_ERRORS) as error:
            # also when it was stored: nothing is sure then. After an error of another model, standard Odoo goes on.
            message.kept, message.refusal = False, error
            raise
        if message.uid:
            # the fetch job commits it before it lets the server delete the mail
            server_id = get_fetching_server(self.env.context)
            self.env["helpdesk_lite.mail.uid"]._remember(server_id, message.uid, message.listed_size)
        return found
