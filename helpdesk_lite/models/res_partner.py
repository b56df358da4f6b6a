from odoo import api, fields, models


class ResPartner(models.Model):
    """Counts the tickets of a customer, including those of its contacts, and says when the last one was opened."""

    _inherit = "res.partner"

    ticket_count = fields.Integer("Helpdesk Tickets", compute="_compute_ticket_count", groups="helpdesk_lite.group_user")
    last_ticket_date = fields.Datetime(
        "Last Ticket",
        compute="_compute_ticket_count",
        groups="helpdesk_lite.group_user",
        help="When this customer or one of its contacts last asked something, among the tickets that you can see.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_ticket_count(self):
        family = self.with_context(active_test=False).search_fetch([("id", "child_of", self.ids)], ["parent_id"])
        parents = {partner.id: partner.parent_id.id for partner in family}
        totals, last = dict.fromkeys(parents, 0), {}
        for partner, count, opened_on in self.env["helpdesk_lite.ticket"]._read_group(
            [("partner_id", "in", family.ids)], ["partner_id"], ["__count", "opened_on:max"]
        ):
            partner_id = partner.id
            while partner_id in totals:
                totals[partner_id] += count
                last[partner_id] = max(last.get(partner_id, opened_on), opened_on)
                partner_id = parents[partner_id]
        for partner in self:
            partner.ticket_count = totals.get(partner._origin.id, 0)
            partner.last_ticket_date = last.get(partner._origin.id, False)

    def _get_person_name(self):
        """The name of this contact for a list of people: "Ann Hill (Azure)", as Odoo's "Azure, Ann Hill" reads like two.

        :return: str
        """
        self.ensure_one()
        company = self.commercial_partner_id
        name = self.name or self.display_name
        return f"{name} ({company.name})" if company != self and company.name and self.name else name

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_tickets(self):
        """Open all tickets of this customer and its contacts, open and closed.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("helpdesk_lite.ticket_action")
        return {
            **action,
            "display_name": self.env._("Tickets of %s", self.display_name),
            "domain": [("partner_id", "child_of", self.id)],
            "context": {"default_partner_id": self.id},
        }
