from odoo import fields, models


class MailSelection(models.AbstractModel):
    """A pop-up about one or several incoming mails, which its user can read until the end."""

    _name = "helpdesk_lite.mail.selection"
    _description = "Selected Incoming Mails"
    _inherit = ["helpdesk_lite.links.mixin"]

    mail_ids = fields.Many2many("helpdesk_lite.mail", string="Mails", required=True)
    mail_count = fields.Integer("Selected Mails", compute="_compute_mail_count")

    def _compute_mail_count(self):
        for wizard in self:
            wizard.mail_count = len(wizard.mail_ids)

    def _get_mails(self):
        """The mails and whatever else was chosen, checked again with the rights that the user has now.

        :return: records of ``helpdesk_lite.mail``
        :raise AccessError: when the user cannot see one of them
        """
        self.ensure_one()
        self._check_all_links()
        return self.mail_ids
