from datetime import timedelta

from odoo import fields, models

KEPT_FOR = timedelta(days=5)


class MailMail(models.Model):
    """Sends mails of tickets again by itself when the mail server could not be reached.

    Standard Odoo tries once, and leaves it to people to find the red envelopes. They are still shown meanwhile.
    """

    _inherit = "mail.mail"

    def send(self, *args, **kwargs):
        result = super().send(*args, **kwargs)
        self._queue_unreached()
        return result

    def _queue_unreached(self):
        """Queue the mails of tickets that could not be handed over, for five days."""
        # sudo: only what happened to the mails is read
        failed = (
            self.sudo()
            .exists()
            .filtered(lambda mail: mail.state == "exception" and (mail.model or "").startswith("helpdesk_lite."))
        )
        since = fields.Datetime.now() - KEPT_FOR
        failed.filtered(
            lambda mail: (
                mail.create_date > since and "mail_smtp" in mail.mail_message_id.notification_ids.mapped("failure_type")
            )
        ).write({"state": "outgoing"})
