from datetime import timedelta

from odoo import fields, models

KEPT_FOR = timedelta(days=5)


class MailMail(models.Model):
    """Sends mails by one process each, and those of tickets again when the mail server could not be reached.

    Standard Odoo tries once, and leaves it to people to find the red envelopes. They are still shown meanwhile. And when its
    job that sends mails meets one that a request is just sending, it waits for it and then fails, for all its mails.
    """

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        env = self.env
        if auto_commit:
            # else the lock is refused if a mail was sent since the job looked for mails; it commits after each mail anyway
            env.cr.commit()
        # without those that another process is sending, or has sent and deleted
        mails = self.try_lock_for_update(allow_referencing=True)
        result = super(MailMail, mails).send(auto_commit, raise_exception, post_send_callback)
        if post_send_callback and mails != self:
            # the job counts the others as done
            post_send_callback((self - mails).ids)
        return result

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        result = super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        if failure_type == "mail_smtp":
            self._queue_unreached()
        return result

    def _queue_unreached(self):
        """Queue the mails of tickets that could not be handed over, for five days."""
        since = fields.Datetime.now() - KEPT_FOR
        # sudo: only what the mails belong to is read, and their state is changed as sending does
        self.sudo().filtered(
            lambda mail: mail.create_date > since and (mail.model or "").startswith("helpdesk_lite.")
        ).state = "outgoing"
