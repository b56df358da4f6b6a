from odoo import api, fields, models
from odoo.fields import Domain


class TicketMerged(models.Model):
    """A ticket that was merged into another one, and how each of the two leads to the other.

    The numbers of all tickets in a chain find its last master.
    """

    _inherit = "helpdesk_lite.ticket"
    _rec_names_search = ["number", "name", "partner_name", "partner_email", "merged_numbers"]

    merged_into_id = fields.Many2one(
        "helpdesk_lite.ticket",
        "Merged into",
        compute="_compute_merged_into_id",
        search="_search_merged_into_id",
        help="The ticket that takes the place of this one. Empty if you cannot see it.",
    )
    is_merged = fields.Boolean(compute="_compute_is_merged")
    merged_ticket_ids = fields.Many2many(
        "helpdesk_lite.ticket",
        string="Merged Tickets",
        compute="_compute_merged_ticket_ids",
        context={"active_test": False},
        help="Tickets that were merged into this one and that you can see.",
    )
    merged_numbers = fields.Char(
        "Numbers of Merged Tickets",
        compute="_compute_merged_numbers",
        search="_search_merged_numbers",
        help="Numbers of the tickets that were merged into this one.",
    )

    @api.depends("merge_target_id")
    def _compute_is_merged(self):
        # sudo: the fact of the merge is no secret; which ticket it was merged into can be one
        for ticket, ticket_sudo in zip(self, self.sudo(), strict=True):
            ticket.is_merged = bool(ticket_sudo.merge_target_id)

    @api.depends("merge_target_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_into_id(self):
        # sudo: no user reads the stored field; the next line keeps what the user can see
        targets = self.sudo().merge_target_id.with_env(self.env)
        seen = targets if self.env.su else targets.with_context(active_test=False)._filtered_access("read")
        # sudo: see above
        for ticket, ticket_sudo in zip(self, self.sudo(), strict=True):
            target = ticket_sudo.merge_target_id.with_env(self.env)
            ticket.merged_into_id = target if target.id in seen.ids else False

    def _search_merged_into_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        seen = Domain("merge_target_id", "=", False) if False in value else Domain.FALSE
        targets = self.with_context(active_test=False).search([("id", "in", [item for item in value if item])])
        # sudo: no user reads the stored field; only masters that the user can see are searched for
        return Domain(
            "id", "in", self.sudo().with_context(active_test=False)._search(seen | Domain("merge_target_id", "in", targets.ids))
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_ticket_ids(self):
        # sudo: no user reads the stored field; the next line keeps what the user can see, for most tickets nothing
        sources = self.sudo().with_context(active_test=False).search([("merge_target_id", "in", self.ids)]).with_env(self.env)
        merged = sources._filtered_access("read") if sources and not self.env.su else sources
        for ticket in self:
            ticket.merged_ticket_ids = merged.filtered(lambda source, target=ticket: source.merged_into_id == target)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_numbers(self):
        for ticket in self:
            ticket.merged_numbers = ", ".join(filter(None, ticket.merged_ticket_ids.mapped("number")))

    @api.model
    def _get_number_domain(self, number):
        """The number of a merged ticket finds its master."""
        return super()._get_number_domain(number) | Domain("merged_numbers", "ilike", number)

    def _search_merged_numbers(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        # the sources are searched with the user's rights: a number of a ticket that they cannot see finds nothing
        number = self._match_number(value) if operator == "ilike" and value else Domain("number", operator, value)
        numbered = self.with_context(active_test=False)._search(number)
        # sudo: the user need not see the steps between a source and its last master
        sources = self.sudo().with_context(active_test=False).search([("id", "in", numbered), ("merge_target_id", "!=", False)])
        return Domain("id", "in", [source._merge_get_root().id for source in sources])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_merged_tickets(self):
        """Show the tickets that were merged into this one.

        :return: an action: a form for one ticket, a list for several
        """
        self.ensure_one()
        tickets = self.merged_ticket_ids
        if len(tickets) == 1:
            return tickets.get_formview_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merged Tickets"),
            "res_model": self._name,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", tickets.ids)],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    @api.model
    def _get_portal_domain(self):
        """Joined tickets stay in the lists of their customers, although they are archived."""
        return super()._get_portal_domain() & (Domain("active", "=", True) | self._get_joined_domain())

    @api.model
    def _get_joined_domain(self):
        # sudo: customers may not read the field; whose tickets they are shown is decided by the rest of the domain
        joined = (
            self.sudo()
            .with_context(active_test=False)
            ._search([("merge_target_id", "!=", False), ("merge_kind", "=", "joined")])
        )
        return Domain("active", "=", False) & Domain("id", "in", joined)
