from odoo import api, fields, models


class MailBlockSender(models.TransientModel):
    """Asks whether to block the addresses of some senders or their whole domains."""

    _name = "helpdesk_lite.mail.block.sender"
    _description = "Block Senders of Incoming Mails"
    _inherit = ["helpdesk_lite.mail.selection"]

    kind = fields.Selection(
        [("address", "The address"), ("domain", "All addresses of the domain")],
        "What to Block",
        required=True,
        default="address",
    )
    names = fields.Text("Will Be Blocked", compute="_compute_names")

    @api.depends("mail_ids", "kind")
    def _compute_names(self):
        for wizard in self:
            wizard.names = ", ".join(sorted({name for mail in wizard.mail_ids if (name := mail._get_block_name(wizard.kind))}))

    def action_block(self):
        """Block the senders.

        :return: an action that shows for each mail whether its sender was blocked
        """
        return self._get_mails()._block_senders(self.kind)
