from base64 import b64decode

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, ValidationError

from .mail_routes import NO_ROUTE


class MailGateway(models.Model):
    """The door of the script ``static/scripts/helpdesk-mailgate.py``."""

    _inherit = "helpdesk_lite.mail"

    @api.model
    def deliver(self, source):
        """Receive a mail, for calls by ``/json/2``: JSON has no bytes, and ``mail.thread.message_process`` no base64.

        Mails are processed by the superuser, as those that Odoo fetches. So the user of the script needs no rights but
        this one, with which one can write in the name of anybody, as a mail server can.

        :param str source: the mail in base64
        :return: True, or False when nothing here has an address of the mail, which its mail server may tell the sender;
            the mail is parked then
        :raise AccessError: without the group *Mail Gateway*, or the administrator's rights
        :raise ValidationError: when it is no base64
        """
        if not self.env.user.has_groups("helpdesk_lite.group_gateway,base.group_system"):
            raise AccessError(self.env._("Only users in the group Mail Gateway can deliver mails."))
        try:
            mail = b64decode(source, validate=True)
        except (TypeError, ValueError):
            raise ValidationError(self.env._("The mail is not encoded in base64.")) from None
        try:
            self.env["mail.thread"].with_user(SUPERUSER_ID).message_process(None, mail)
        except ValueError as error:
            if not str(error).startswith(NO_ROUTE):
                raise
            return False
        return True
