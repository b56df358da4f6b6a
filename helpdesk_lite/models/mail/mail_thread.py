import codecs

from odoo import api, models

# libxml2 drops texts of 10 million bytes and more; a character takes up to four bytes
LONGEST_BODY = 2_000_000


class MailThread(models.AbstractModel):
    """Extends the mail gateway where it does not know yet that a mail is for a ticket."""

    _inherit = "mail.thread"

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Keep texts that standard Odoo loses: read unknown character sets as UTF-8, attach huge texts."""
        for part in message.walk():
            charset = part.get_content_charset()
            try:
                codecs.lookup(charset or "utf-8")
            except LookupError:
                part.set_param("charset", "utf-8")
        whole_texts = [text for part in message.walk() if (text := self._cut_huge_text(part))]
        payload = super()._message_parse_extract_payload(message, message_dict, save_original=save_original)
        payload["attachments"] += whole_texts
        return payload

    @api.model
    def _cut_huge_text(self, part):
        """Shorten a text of a mail that the sanitizer would drop.

        :param email.message.EmailMessage part: is changed
        :return: the whole text as an attachment, or None when nothing was cut
        """
        kind = part.get_content_subtype()
        if part.get_content_maintype() != "text" or part.is_attachment() or part.get_filename():
            return None
        if len(part.get_payload()) <= LONGEST_BODY or len(text := part.get_content()) <= LONGEST_BODY:
            return None
        part.set_content(text[:LONGEST_BODY] + "\n" + self.env._("The whole text is attached."), subtype=kind)
        return self._Attachment("message.html" if kind == "html" else "message.txt", text, {})
