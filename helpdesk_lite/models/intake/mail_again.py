from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.mail_identity import identify
from ..short_cursor import short_cursor
from .delivery import ForOthers
from .mail_process import lock_key, processing_cursor

# after the first error, the second, …; then it stays failed
PAUSES = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), *[timedelta(days=1)] * 5]


class MailAgain(models.Model):
    """Processes mails again: by itself after an error and after a kill, or because somebody asks."""

    _inherit = "helpdesk_lite.mail"

    @api.model
    def _get_pause(self, tries):
        """How long to wait after an error.

        :param int tries: number of attempts so far, from 1
        :return: timedelta, or None when it is not tried again
        """
        return PAUSES[tries - 1] if tries <= len(PAUSES) else None

    def _process(self, destination=None):
        """Process these mails again, each in a transaction of its own, as whoever delivered them.

        What the caller wrote before is not seen, and must not lock what the mails reach; what is stored afterwards is not
        seen by the caller's transaction, which is why it is returned.

        :param tuple destination: (model, id or False, values for a new record) to which the mails go whoever they are
            addressed to, though their sender is blocked and though their Message-ID belongs to another mail; None to route
            them anew
        :return: dict of id to tuple (state, list of ticket ids); without mails that are for other models
        """
        results = {}
        for mail in self:
            mail._process_again(destination)
            with short_cursor(self.env) as cr:
                cr.execute(
                    SQL(
                        """ SELECT state, ARRAY(SELECT helpdesk_lite_ticket_id FROM helpdesk_lite_mail_helpdesk_lite_ticket_rel
                                             WHERE helpdesk_lite_mail_id = id ORDER BY 1)
                          FROM helpdesk_lite_mail WHERE id = %s
                        """,
                        mail.id,
                    )
                )
                row = cr.fetchone()
            if row:
                results[mail.id] = row
        self.invalidate_model()
        return results

    def _process_again(self, destination=None):
        """Process one mail with the arguments, the user and the mail server with which it came."""
        options = {"model": None, **(self.options or {})}
        uid = options.pop("uid", None)
        # sudo: the job and administrators process mails of others
        user = self.env["res.users"].sudo().browse(uid or []).exists()
        context = {"default_fetchmail_server_id": self.server_id.id} if self.server_id else {}
        if not user.active:
            # nobody's arguments are used with other rights than theirs
            user, options = self.env.ref("base.user_root"), {"model": None}
        raw = self._get_source()
        thread = self.env["mail.thread"].with_user(user).with_context(**context)
        identity = identify(raw)
        try:
            self._deliver(thread, raw, identity, options, destination)
        except ForOthers:
            self._process_for_others(thread, raw, identity, options)

    def _process_for_others(self, thread, raw, identity, options):
        """Let Odoo process a mail for its own models, which failed before that was known."""
        try:
            with processing_cursor(self.env) as cr:
                thread.with_env(thread.env(cr=cr))._message_process_kept(raw, options)
        except Exception as error:
            # whatever another model raises, the mail stays
            self._fail(error, identity, None)
        else:
            self._forget()

    @api.model
    def _try_again(self, limit=1000):
        """Process the mails whose time has come; the job.

        :param int limit: mails at most
        """
        due = [("state", "in", ("received", "failed")), ("next_try", "<=", fields.Datetime.now())]
        mails = self.search(due, order="next_try, id", limit=limit)
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(mails))
        for mail in mails:
            if mail._begin_try():
                mail._process_again()
            if not Cron._commit_progress(1):
                break

    def _begin_try(self):
        """Count an attempt before it is made, so that a mail that kills the server does not do so each minute.

        :return: bool, False when somebody else works on the mail, or it is done
        """
        tries = self.tries + 1
        pause = self._get_pause(tries)
        with short_cursor(self.env) as cr:
            cr.execute(
                SQL(
                    """ UPDATE helpdesk_lite_mail
                       SET state = 'failed', tries = %s, next_try = %s, error = COALESCE(error, %s)
                     WHERE id = %s AND state IN ('received', 'failed') AND tries < %s
                       AND pg_try_advisory_xact_lock(%s)
                    """,
                    tries,
                    pause and fields.Datetime.now() + pause,
                    "The server was stopped while it processed the mail.",
                    self.id,
                    tries,
                    lock_key(self.message_id),
                )
            )
            return bool(cr.rowcount)
