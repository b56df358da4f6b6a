from markupsafe import Markup
from odoo import api, models
from odoo.tools import html_sanitize

from ...tools import mail_reader


class MailThread(models.AbstractModel):
    """Reads incoming mails with ``tools/mail_reader``, whatever they are for: the gateway does not know yet.

    Odoo's parser gets a well-formed mail with the header only, and the text and the files come in here.
    """

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None):
        """Give the gateway a mail in which its parser finds what people wrote."""
        if isinstance(message, str):
            message = message.encode()
        # a binary value of XML-RPC has its bytes in ``data``
        message = getattr(message, "data", message)
        # what is no mail, such as a number, is refused by standard Odoo
        if isinstance(message, bytes):
            message = mail_reader.prepare(message)
        return super().message_process(model, message, custom_values, save_original, strip_attachments, thread_id)

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Take text and files from the reader.

        A file that is the original because something may be missing has ``doubts`` in its information, for the note
        that tickets get.
        """
        reading = mail_reader.find(message)
        if reading is None:
            # parsed by somebody else, not received
            return super()._message_parse_extract_payload(message, message_dict, save_original=save_original)
        # plain texts are escaped by the reader
        body = Markup(reading.html)
        if reading.has_pages:
            # the quotations are recognised by their classes, which go
            body = Markup(html_sanitize(body, sanitize_tags=False, strip_classes=True))
        if reading.is_cut:
            body += Markup("<p>%s</p>") % self.env._("The whole text is attached.")
        attachments = [
            self._Attachment(file.name, file.content, {"cid": file.cid} if file.cid else {}) for file in reading.files
        ]
        if reading.doubts:
            attachments[-1].info["doubts"] = sorted(reading.doubts)
        if save_original:
            attachments.insert(0, self._Attachment("original_email.eml", reading.source, {}))
        return self._message_parse_extract_payload_postprocess(message, {"body": body, "attachments": attachments})
