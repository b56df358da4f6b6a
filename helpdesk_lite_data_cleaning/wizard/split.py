from odoo import api, fields, models


class SplitDialog(models.TransientModel):
    """Which messages go to a new ticket, what that is about, and who gets it."""

    _name = "helpdesk_lite.split.dialog"
    _description = "Split to New Ticket"
    _inherit = ["helpdesk_lite.links.mixin"]

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="ticket_id.company_id")
    name = fields.Char("Subject", compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Leave it empty to assign the new ticket like any other.",
    )
    line_ids = fields.One2many("helpdesk_lite.split.line", "dialog_id", "Messages")

    @api.depends("ticket_id")
    def _compute_name(self):
        for dialog in self:
            dialog.name = dialog.ticket_id.name

    @api.depends("ticket_id")
    def _compute_user_id(self):
        for dialog in self:
            dialog.user_id = dialog.ticket_id.user_id

    @api.constrains("user_id")
    def _check_user_id(self):
        self._refuse_outsiders(self.user_id)

    def action_split(self):
        """Split the chosen messages off, as the user.

        :return: an action that shows the new ticket
        :raise UserError: when they cannot be split off, with the reason
        :raise AccessError: when the user cannot change the ticket, or read one of the messages
        """
        self.ensure_one()
        self._check_all_links()
        self.line_ids._check_all_links()
        values = {"name": self.name, **({"user_id": self.user_id.id} if self.user_id else {})}
        chosen = self.line_ids.filtered("chosen").message_id
        made = self.env["helpdesk_lite.split"]._split(self.ticket_id, chosen, values)
        return made.get_formview_action()


class SplitLine(models.TransientModel):
    """A message that can be split off."""

    _name = "helpdesk_lite.split.line"
    _description = "Message to Split Off"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    dialog_id = fields.Many2one("helpdesk_lite.split.dialog", "Splitting", required=True, ondelete="cascade")
    message_id = fields.Many2one("mail.message", required=True, ondelete="cascade")
    chosen = fields.Boolean("Split Off")
    # not related fields: these are read as superuser, also when the user can no longer read the message
    date = fields.Datetime(compute="_compute_message")
    author = fields.Char(compute="_compute_message")
    preview = fields.Char("Text", compute="_compute_message")

    @api.depends("message_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message(self):
        readable = self.message_id._filtered_access("read")
        for line in self:
            message = line.message_id & readable
            line.date = message.date
            line.author = message.author_id.name or message.email_from
            line.preview = message.preview
