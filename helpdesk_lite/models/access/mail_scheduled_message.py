from odoo import models
from odoo.tools import SQL

from ..guards.attached_mixin import OURS


class MailScheduledMessage(models.Model):
    """Shows what waits to be sent on a ticket or team only to people who can see it.

    Standard Odoo looks at the record in searches and changes, but every employee can read such a message by its id.
    """

    _name = "mail.scheduled.message"
    _inherit = ["helpdesk_lite.attached.mixin", "mail.scheduled.message"]

    def _get_guard(self):
        return SQL(
            "(%s)",
            SQL(" AND ").join(
                SQL(
                    "(mail_scheduled_message.model != %s OR %s)",
                    name,
                    self.env[name]._is_visible(SQL.identifier("mail_scheduled_message", "res_id")),
                )
                for name in OURS
            ),
        )
