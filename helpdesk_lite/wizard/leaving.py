from odoo import api, fields, models
from odoo.fields import Domain


class Leaving(models.TransientModel):
    """The question what becomes of the open tickets of users who are archived by hand."""

    _name = "helpdesk_lite.leaving"
    _description = "Archive Users Who Have Open Tickets"
    _inherit = ["helpdesk_lite.links.mixin"]

    user_ids = fields.Many2many("res.users", string="Users", readonly=True, context={"active_test": False})
    # views cannot count
    user_count = fields.Integer("Number of Users", compute="_compute_user_count")
    ticket_ids = fields.Many2many("helpdesk_lite.ticket", string="Open Tickets", compute="_compute_tickets")
    hidden_count = fields.Integer("Tickets That You Cannot See", compute="_compute_tickets")
    ticket_action = fields.Selection(
        [("method", "Assign them by the method of each team"), ("nobody", "Unassign them"), ("person", "Assign them to")],
        string="Open Tickets of These Users",
        required=True,
        default="method",
    )
    user_id = fields.Many2one("res.users", "New Assignee", domain="[('share', '=', False), ('id', 'not in', user_ids)]")

    @api.model
    def _ask(self, users):
        """Create the question about users, if they have open tickets.

        :param users: records of ``res.users``
        :return: a window action, or None when there is nothing to ask
        :raise AccessError: when the user cannot archive users
        """
        users.check_access("write")
        # sudo: only whether there are such tickets is used
        if not self.env["helpdesk_lite.ticket"].sudo().search_count(self._get_tickets_domain(users), limit=1):
            return None
        # sudo: users cannot write the fields of a question themselves
        question = self.sudo().create({"user_ids": users.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Archive Users"),
            "res_model": self._name,
            "res_id": question.id,
            # as the client needs it: only buttons have Odoo complete an action
            "views": [(False, "form")],
            "target": "new",
        }

    @api.model
    def _get_tickets_domain(self, users):
        return Domain("user_id", "in", users.ids) & Domain("is_closed", "=", False)

    @api.depends("user_ids")
    def _compute_user_count(self):
        for question in self:
            question.user_count = len(question.user_ids)

    @api.depends("user_ids")
    def _compute_tickets(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        for question in self:
            domain = self._get_tickets_domain(question.user_ids)
            question.ticket_ids = Ticket.search(domain)
            # sudo: only the number of tickets is shown
            question.hidden_count = Ticket.sudo().search_count(domain) - len(question.ticket_ids)

    def action_confirm(self):
        """Archive the users, and unassign or reassign their open tickets.

        A person is assigned only the tickets that the user can change. The other ones go by the methods of their
        teams, as if nobody had been asked.

        :return: an action that closes the window
        """
        self.ensure_one()
        users = self.user_ids
        users.check_access("write")
        if self.ticket_action == "person" and self.user_id:
            self._check_all_links()
            self.ticket_ids._filtered_access("write").write({"user_id": self.user_id.id})
        elif self.ticket_action == "nobody":
            # sudo: what the default would do as well
            Ticket = self.env["helpdesk_lite.ticket"].sudo()
            Ticket.search(self._get_tickets_domain(users))._release_to_nobody()
        users.action_archive()
        return {"type": "ir.actions.act_window_close"}
