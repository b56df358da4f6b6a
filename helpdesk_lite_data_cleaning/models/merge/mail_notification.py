from odoo import models
from odoo.tools import SQL


class MailNotification(models.Model):
    """The notifications of a message that a merge moved are as visible as the message."""

    _inherit = "mail.notification"

    def _get_message_guard(self, alias):
        Message = self.env["mail.message"]
        Message.flush_model(["merge_origin_id"])
        return SQL("%s AND %s", super()._get_message_guard(alias), Message._get_origin_domain()._to_sql(Message, alias, None))
