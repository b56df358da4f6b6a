from odoo import fields, models


class MailMessage(models.Model):
    """What the dialog shows of a message that arrived while an answer was written."""

    _inherit = "mail.message"

    def _describe_arrived(self):
        """:return: dict, see ``get_arrived`` of the ticket"""
        self.ensure_one()
        # sudo: who can read a message may know who wrote it, and what its files are called
        message = self.sudo()
        return {
            "id": message.id,
            "author": message.author_id.name or message.email_from or "",
            "date": fields.Datetime.to_string(message.date),
            "body": str(message.body or ""),
            "files": message.attachment_ids.mapped("name"),
            "is_note": bool(message.is_internal or message.subtype_id.internal),
        }
