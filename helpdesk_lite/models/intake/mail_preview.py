import email
import email.policy
import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import is_html_empty

from ...tools.file_names import clean_file_name
from ...tools.mail_preview import get_data_uris, get_safe_html, get_safe_text
from ...tools.mail_reader import prepare

_logger = logging.getLogger(__name__)

LONGEST_HEADERS = 20_000  # bytes
MOST_FILES = 50


class MailPreview(models.Model):
    """The headers and the text of a mail as administrators read them, before it is a ticket or when it never became one.

    The mail comes from a stranger and may be the very one that no program could read, so nothing in it is fetched, run
    or trusted, and whatever fails here is shown as plain text.
    """

    _inherit = "helpdesk_lite.mail"

    # the name only, because administrators of the helpdesk cannot read mail servers
    server_name = fields.Char(
        "Mail Server Name", compute="_compute_server_name", search="_search_server_name", compute_sudo=True
    )
    error_summary = fields.Char(compute="_compute_error_summary")
    headers = fields.Text(compute="_compute_headers")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("server_id")
    def _compute_server_name(self):
        for mail in self:
            mail.server_name = mail.server_id.name

    @api.model
    def _search_server_name(self, operator, value):
        # sudo: the names of mail servers stand on the mails that the user can read
        servers = self.env["fetchmail.server"].sudo().with_context(active_test=False).search([("name", operator, value)])
        return Domain("server_id", "in", servers.ids)

    @api.depends("error")
    def _compute_error_summary(self):
        for mail in self:
            lines = (mail.error or "").strip().splitlines()
            mail.error_summary = lines[-1] if lines else False

    @api.depends("source")
    def _compute_headers(self):
        for mail in self:
            head = mail._get_source().replace(b"\r\n", b"\n").partition(b"\n\n")[0]
            text = head[:LONGEST_HEADERS].decode("utf-8", "replace")
            mail.headers = "".join(char for char in text if char.isprintable() or char in "\n\t") or False

    @api.depends("source")
    @api.depends_context("lang")
    def _compute_preview(self):
        for mail in self:
            source = mail._get_source()
            mail.preview = Markup(mail._get_preview(source)) if source else False

    def _get_preview(self, source):
        """Show a mail as safe HTML, read by the same code that makes messages of mails.

        :param bytes source: of the mail
        :return: str
        """
        text = source.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        try:
            # named, because it is asked for the text as long as it lives
            prepared = prepare(source)
            message = email.message_from_bytes(prepared, policy=email.policy.SMTP)
            payload = self.env["mail.thread"]._message_parse_extract_payload(message, {})
            body, attachments = payload["body"], payload["attachments"]
            if body or attachments or not text.strip():
                return self._show_payload(body, attachments)
        except Exception:
            # whatever made the mail fail may happen here as well
            _logger.info("Incoming mail %s is shown as plain text.", self.id, exc_info=True)
        return get_safe_text(text.decode("utf-8", "replace"))

    @api.model
    def _show_payload(self, body, attachments):
        """Show what was read from a mail.

        :param str body: HTML from anybody
        :param list attachments: tuples of file name, content (bytes or str) and a dict which may hold ``cid``
        :return: str
        """
        _ = self.env._
        images = {
            info["cid"]: content for _name, content, info in attachments if isinstance(content, bytes) and info.get("cid")
        }
        shown = [
            get_safe_html(body, get_data_uris(images), _("[image]"))
            if "<img" in body or not is_html_empty(body)
            else Markup("<p class='text-muted'>%s</p>") % _("This mail has no text.")
        ]
        if attachments:
            names = ", ".join(clean_file_name(name) for name, _content, _info in attachments[:MOST_FILES])
            shown.append(Markup("<hr/><p>%s</p>") % _("Files: %s", names))
        return "".join(shown)
