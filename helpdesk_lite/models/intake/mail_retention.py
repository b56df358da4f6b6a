from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000
# of the setting: days that mails are kept, if nothing else is set
DAYS = {"helpdesk_lite.mail_days_done": 30, "helpdesk_lite.mail_days_other": 180}


class MailRetention(models.Model):
    """Deletes mails when their time is over."""

    _inherit = "helpdesk_lite.mail"

    @api.model
    def _get_days(self, name):
        """How long mails are kept.

        :param str name: of the setting, a key of ``DAYS``
        :return: int, days
        """
        # sudo: the settings are read by every job
        value = (self.env["ir.config_parameter"].sudo().get_param(name) or "").strip()
        return int(value) if value.isdecimal() else DAYS[name]

    @api.autovacuum
    def _gc_old(self):
        """Delete a batch of old mails; what was not processed yet stays.

        :return: tuple (number of deleted mails, whether there are more)
        """
        now = fields.Datetime.now()
        done, other = (now - timedelta(days=self._get_days(name)) for name in DAYS)
        self.env.cr.execute(
            SQL(
                """ DELETE FROM helpdesk_lite_mail WHERE id IN (
                    SELECT id FROM helpdesk_lite_mail
                     WHERE received_on < %(latest)s
                       AND (state = 'done' AND received_on < %(done)s
                            OR state NOT IN ('done', 'received') AND received_on < %(other)s)
                  ORDER BY received_on, id LIMIT %(batch)s
                       FOR UPDATE SKIP LOCKED)
                """,
                latest=max(done, other),
                done=done,
                other=other,
                batch=BATCH,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount, self.env.cr.rowcount == BATCH
