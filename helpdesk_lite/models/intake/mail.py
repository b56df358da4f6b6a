from odoo import fields, models

from .raw_binary import RawBinary


class Mail(models.Model):
    """A mail as it came in, and what became of it.

    Rows are written by the gateway only. They hold mails of private teams, so administrators of the helpdesk read them and
    nobody else.
    """

    _name = "helpdesk_lite.mail"
    _description = "Incoming Mail"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "received_on desc, id desc"
    _rec_name = "subject"

    # what came
    received_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    email_from = fields.Char("From", readonly=True)
    email_to = fields.Char("To", readonly=True)
    subject = fields.Char(readonly=True)
    size = fields.Integer(readonly=True)
    source = RawBinary(readonly=True)
    # which mail it is
    message_id = fields.Char("Message-ID", required=True, readonly=True)
    digest = fields.Char("SHA-256", required=True, readonly=True, help="SHA-256 of the mail.")
    fingerprint = fields.Char(readonly=True)
    recipients = fields.Text(readonly=True)
    # how it came
    transport = fields.Selection(
        [("gateway", "Mail Gateway"), ("imap", "IMAP"), ("pop", "POP"), ("upload", "Upload")], required=True, readonly=True
    )
    server_id = fields.Many2one("fetchmail.server", "Mail Server", readonly=True, ondelete="set null")
    options = fields.Json(readonly=True)
    # what became of it
    state = fields.Selection(
        [
            ("received", "Received"),
            ("done", "Done"),
            ("duplicate", "Duplicate"),
            ("parked", "Parked"),
            ("failed", "Failed"),
            ("discarded", "Discarded"),
        ],
        required=True,
        readonly=True,
        default="received",
    )
    reason = fields.Selection(
        [
            ("archived", "The team is archived and takes no mails"),
            ("blocked", "The sender is blocked"),
            ("bounce", "A delivery report about a mail that is not known here"),
            ("known_id", "Another mail with this Message-ID was received before"),
            ("loop", "Too many mails of this sender, or an answer to an automatic notice"),
            ("no_route", "No team has this address"),
            ("refused", "The team does not accept mails of this sender"),
            ("too_big", "The mail is too big"),
        ],
        readonly=True,
    )
    error = fields.Text(readonly=True)
    tries = fields.Integer(readonly=True, default=0)
    next_try = fields.Datetime(readonly=True)
    served = fields.Json(readonly=True)
    # also archived ones: a mail whose ticket was merged or converted would look as if it had made none
    ticket_ids = fields.Many2many("helpdesk_lite.ticket", string="Tickets", readonly=True, context={"active_test": False})
    company_id = fields.Many2one("res.company", readonly=True, ondelete="set null")

    _by_message_id = models.Index("(message_id)")
    # the last guard of "exactly once", should the lock have been lost with its connection
    _once = models.UniqueIndex("(message_id, md5(recipients)) WHERE state = 'done'")
    _to_try = models.Index("(next_try) WHERE state IN ('received', 'failed')")
    _by_age = models.Index("(received_on, id)")

    def _get_source(self):
        """The mail as it came, read by SQL because the field gives it in base64.

        :return: bytes
        """
        self.ensure_one()
        self.check_access("read")
        self.env.cr.execute("SELECT source FROM helpdesk_lite_mail WHERE id = %s", [self.id])
        row = self.env.cr.fetchone()
        return bytes(row[0] or b"") if row else b""
