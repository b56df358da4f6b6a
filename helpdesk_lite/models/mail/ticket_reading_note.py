from markupsafe import Markup
from odoo import models


class TicketReadingNote(models.Model):
    """Tells agents when a mail may say more than its text and files, and that the original is attached."""

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        # only the gateway says so, see ``_message_parse_extract_payload``
        for _name, _content, *info in kwargs.get("attachments") or () if self.env.su else ():
            if info and info[0] and info[0].get("doubts"):
                self._log_reading_doubts(info[0]["doubts"])
        return message

    def _log_reading_doubts(self, doubts):
        """Log an internal note.

        :param list doubts: words of ``tools/mail_reader/parts.py``
        """
        reasons = {
            "broken": self.env._("Its parts are not separated as they should be."),
            "cut": self.env._("Its end is missing."),
            "limit": self.env._("It has too many parts."),
            "characters": self.env._("Its characters are not those that it declares."),
            "encoding": self.env._("A text or a file in it is damaged or empty."),
            "empty": self.env._("No text and no file was found in it."),
        }
        lines = Markup().join(Markup("<li>%s</li>") % reasons[doubt] for doubt in doubts if doubt in reasons)
        text = self.env._("This e-mail may say more than is shown here. The original is attached.")
        self._message_log(body=Markup("<p>%s</p><ul>%s</ul>") % (text, lines), author_id=self.env.ref("base.partner_root").id)
