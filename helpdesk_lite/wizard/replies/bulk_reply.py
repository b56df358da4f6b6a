from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import is_html_empty

MOST_TICKETS = 500


class BulkReply(models.TransientModel):
    """One answer to several tickets: a preview for each, its own result for each, and a second try for what failed.

    Each ticket is answered by itself: one that fails takes nothing away from the others.
    """

    _name = "helpdesk_lite.bulk.reply"
    _description = "Reply to Selected Tickets"
    _inherit = ["helpdesk_lite.links.mixin"]

    line_ids = fields.One2many("helpdesk_lite.bulk.reply.line", "bulk_id", "Tickets")
    reply_id = fields.Many2one("helpdesk_lite.reply", domain="[('user_id', 'in', (False, uid))]", ondelete="cascade")
    body = fields.Html("Text", compute="_compute_body", store=True, readonly=False)
    is_edited = fields.Boolean(compute="_compute_is_edited")
    with_actions = fields.Boolean("Do What the Reply Does with Each Ticket", default=True)
    attachment_ids = fields.Many2many(
        "ir.attachment", "helpdesk_lite_bulk_reply_attachment_rel", "bulk_id", "attachment_id", "Files"
    )
    then = fields.Selection([("solve", "Solve Them"), ("wait", "Wait for the Customers")])
    sent_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")
    excluded_count = fields.Integer(compute="_compute_counts")
    ready_count = fields.Integer(compute="_compute_counts")
    result = fields.Char(compute="_compute_counts")

    @api.depends("reply_id")
    def _compute_body(self):
        for bulk in self:
            bulk.body = bulk.reply_id.body or bulk.body

    @api.depends("body", "reply_id")
    def _compute_is_edited(self):
        for bulk in self:
            bulk.is_edited = bool(bulk.reply_id) and not bulk._is_text_of_reply()

    def _is_text_of_reply(self):
        """Whether each customer gets the reply in their own language."""
        self.ensure_one()
        return bool(self.reply_id) and str(self.body or "") == str(self.reply_id.body or "")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for bulk in self:
            states = bulk.line_ids.mapped("state")
            bulk.sent_count, bulk.failed_count = states.count("sent"), states.count("failed")
            bulk.excluded_count, bulk.ready_count = states.count("excluded"), states.count("ready")
            tried = bulk.sent_count or bulk.failed_count
            bulk.result = self.env._("%(sent)s of %(all)s sent", sent=bulk.sent_count, all=len(states)) if tried else False

    @api.model
    def _open_for(self, tickets, **values):
        """Open the dialog for tickets.

        :param tickets: records of ``helpdesk_lite.ticket``
        :param values: what is chosen already
        :return: an action
        :raise UserError: when there are too many
        """
        if len(tickets) > MOST_TICKETS:
            raise UserError(self.env._("Choose at most %s tickets at a time.", MOST_TICKETS))
        tickets.check_access("read")
        bulk = self.create({"line_ids": [fields.Command.create({"ticket_id": ticket.id}) for ticket in tickets], **values})
        return bulk._show()

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reply to Selected"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_send(self):
        """Answer the tickets that can be answered, each by itself.

        :return: an action that shows what became of each
        :raise UserError: when there is no text
        """
        self.ensure_one()
        self._check_all_links()
        # a ticket that was answered may be out of sight by now, and keeps no other from a second try
        if not any(line.outcome for line in self.line_ids):
            self.line_ids._check_all_links()
        if is_html_empty(self.body):
            raise UserError(self.env._("Choose a reply, or write a text."))
        self.env["helpdesk_lite.reply"]._refuse_unknown_placeholders(self.body)
        lines = self.line_ids.filtered(lambda line: line.state in ("ready", "failed") and line.is_seen)
        recipients = lines.ticket_id._get_bulk_recipients()
        for line in lines:
            line._send(recipients.get(line.ticket_id.id))
        return self._show()

    def action_close(self):
        """:return: an action that closes the window; the view that opened it shows its tickets as they are now"""
        return {"type": "ir.actions.act_window_close"}


class BulkReplyLine(models.TransientModel):
    """A ticket that is answered together with others: what its customer gets, and what became of it."""

    _name = "helpdesk_lite.bulk.reply.line"
    _description = "Reply to a Selected Ticket"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    bulk_id = fields.Many2one("helpdesk_lite.bulk.reply", required=True, ondelete="cascade")
    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, ondelete="cascade")
    # after it was answered, the ticket may be out of sight: by that, or by a colleague
    is_seen = fields.Boolean(compute="_compute_is_seen")
    customer = fields.Char(compute="_compute_customer")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    # what the server found out, and nobody else
    outcome = fields.Selection([("sent", "Sent"), ("failed", "Not Sent")], readonly=True)
    failure = fields.Char(readonly=True)
    state = fields.Selection(
        [("ready", "Ready"), ("excluded", "Left Out"), ("sent", "Sent"), ("failed", "Not Sent")], compute="_compute_state"
    )
    reason = fields.Char(compute="_compute_state")

    @api.depends("ticket_id")
    def _compute_is_seen(self):
        seen = self.ticket_id._origin._filtered_access("read")
        for line in self:
            line.is_seen = line.ticket_id._origin in seen

    @api.depends("ticket_id", "is_seen")
    def _compute_customer(self):
        for line in self:
            ticket = line.ticket_id if line.is_seen else line.ticket_id.browse()
            line.customer = ticket.partner_name or ticket.partner_email

    @api.depends("is_seen", "bulk_id.body", "bulk_id.reply_id", "bulk_id.with_actions", "bulk_id.then", "outcome", "failure")
    def _compute_state(self):
        for line in self:
            obstacle = "" if line.outcome else line._get_obstacle()
            line.state = line.outcome or ("excluded" if obstacle else "ready")
            line.reason = line.failure or obstacle

    @api.depends("is_seen", "bulk_id.body", "bulk_id.reply_id")
    def _compute_preview(self):
        for line in self:
            line.preview = Markup(line._render().body) if line.is_seen else False

    def _render(self):
        bulk, ticket = self.bulk_id, self.ticket_id._origin
        Reply = self.env["helpdesk_lite.reply"]
        if bulk._is_text_of_reply():
            return bulk.reply_id._origin._render_for(ticket)
        return Reply._render_text_for(ticket, bulk.body)

    def _get_obstacle(self):
        """Why this ticket is left out.

        :return: str, a sentence; empty when it can be answered
        """
        bulk, ticket = self.bulk_id, self.ticket_id._origin
        if not self.is_seen:
            return self.env._("You cannot see this ticket any more.")
        if not ticket.active:
            return self.env._("The ticket is archived.")
        # any other text has no recipients, so the answer would count as sent
        if not (ticket.partner_id or email_normalize(ticket.partner_email)):
            return self.env._("The ticket has no customer to write to.")
        reply = bulk.reply_id._origin
        # sudo: only whether the team is one of the reply's
        if reply and (teams := reply.sudo().team_ids) and ticket.sudo().team_id not in teams:
            return self.env._("The reply is not for the team “%s”.", ticket.sudo().team_id.name)  # sudo: see above
        team = ticket.team_id
        if reply and bulk.with_actions:
            for part in reply._get_parts():
                if obstacle := reply._explain_obstacle(part, ticket):
                    return obstacle
            team = reply._get_target_team(ticket)
        if bulk.then:
            obstacle = ticket._get_change_obstacle()
            return obstacle or ticket._get_stage_obstacle(ticket._get_stage_for(bulk.then, team), bulk.then, team)
        return ""

    def _send(self, recipients):
        """Answer this ticket in a savepoint of its own, and keep what became of it.

        :param dict recipients: arguments of ``message_post``
        """
        bulk, ticket = self.bulk_id, self.ticket_id
        try:
            with self.env.cr.savepoint():
                if obstacle := self._get_obstacle():
                    raise UserError(obstacle)
                ticket.message_post(
                    body=Markup(self._render().body),
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    attachment_ids=[
                        file.copy({"res_model": "mail.compose.message", "res_id": 0}).id for file in bulk.attachment_ids
                    ],
                    staged_replies=[[bulk.reply_id.id, self._get_kept_parts()]] if bulk.reply_id else None,
                    then=bulk.then or None,
                    **(recipients or {}),
                )
            outcome, failure = "sent", False
        except RedirectWarning as error:
            outcome, failure = "failed", error.args[0]
        except UserError as error:
            outcome, failure = "failed", str(error)
        # sudo: users cannot write what became of a ticket themselves
        self.sudo().write({"outcome": outcome, "failure": failure})

    def _get_kept_parts(self):
        parts = self.bulk_id.reply_id._get_parts()
        return parts if self.bulk_id.with_actions else [part for part in parts if part == "files"]
