from markupsafe import Markup
from odoo import models


class TicketReadingNote(models.Model):
    """Tells agents when a mail may say more than its text and files, and keeps the original for them."""

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        """Post a message. The original of a mail that was read with doubts goes into an internal note beside it.

        Customers get no original: it may be that of a colleague's answer, and has every header.
        """
        attachments, originals = [], []
        for attachment in kwargs.get("attachments") or []:
            # only the gateway says so, see ``_message_parse_extract_payload``
            is_original = self.env.su and len(attachment) > 2 and bool((attachment[2] or {}).get("doubts"))
            (originals if is_original else attachments).append(attachment)
        if originals:
            kwargs["attachments"] = attachments
        message = super().message_post(**kwargs)
        for name, content, info in originals:
            self._log_reading_doubts(name, content, info["doubts"])
        return message

    def _log_reading_doubts(self, name, content, doubts):
        """Log an internal note with a mail's original.

        :param str name: of the file
        :param bytes content: the mail as it came
        :param list doubts: words of ``tools/mail_reader/parts.py``
        """
        reasons = {
            "broken": self.env._("Its parts are not separated as they should be."),
            "cut": self.env._("Its end is missing."),
            "limit": self.env._("It has too many parts."),
            "people": self.env._("It is from or to more people, or people with longer names, than are read."),
            "characters": self.env._("Its characters are not those that it declares."),
            "encoding": self.env._("A text or a file in it is damaged or empty."),
            "empty": self.env._("No text and no file was found in it."),
        }
        original = self.env["ir.attachment"].create({"name": name, "raw": content, "res_model": self._name, "res_id": self.id})
        lines = Markup().join(Markup("<li>%s</li>") % reasons[doubt] for doubt in doubts if doubt in reasons)
        text = self.env._("This e-mail may say more than is shown here. The original is attached.")
        self._message_log(
            body=Markup("<p>%s</p><ul>%s</ul>") % (text, lines),
            author_id=self.env.ref("base.partner_root").id,
            attachment_ids=[(4, original.id)],
        )
