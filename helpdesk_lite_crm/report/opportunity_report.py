from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL


class OpportunityReport(models.Model):
    """Opportunities and leads from tickets, with the data that helpdesk has about them.

    Each row is a lead. Users who can see both the lead and its ticket can see the row: the rules of
    CRM and of helpdesk decide, so the report needs no rules of its own.
    """

    _name = "helpdesk_lite_crm.opportunity_report"
    _description = "Opportunities from Tickets"
    _auto = False
    _rec_name = "lead_id"
    _order = "create_date desc, id desc"

    lead_id = fields.Many2one("crm.lead", "Opportunity", readonly=True)
    ticket_id = fields.Many2one("helpdesk_lite.ticket", readonly=True)
    create_date = fields.Datetime("Converted on", readonly=True)
    ticket_team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", readonly=True)
    ticket_user_id = fields.Many2one("res.users", "Agent", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    won_status = fields.Selection([("won", "Won"), ("lost", "Lost"), ("pending", "Pending")], string="Won/Lost", readonly=True)
    lead_count = fields.Integer("Opportunities", readonly=True)
    expected_revenue = fields.Monetary(currency_field="currency_id", readonly=True)
    won_revenue = fields.Monetary(currency_field="currency_id", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """ SELECT lead.id, lead.id AS lead_id, ticket.id AS ticket_id, lead.create_date,
                       ticket.team_id AS ticket_team_id, ticket.user_id AS ticket_user_id,
                       lead.team_id, lead.user_id, COALESCE(lead.company_id, ticket.company_id) AS company_id,
                       company.currency_id, lead.won_status, 1 AS lead_count, lead.expected_revenue,
                       CASE WHEN lead.won_status = 'won' THEN lead.expected_revenue ELSE 0 END AS won_revenue
                  FROM crm_lead lead
                  JOIN helpdesk_lite_ticket ticket ON ticket.id = lead.ticket_id
                  JOIN res_company company ON company.id = COALESCE(lead.company_id, ticket.company_id)
            """
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access):
            for column, name in (("lead_id", "crm.lead"), ("ticket_id", "helpdesk_lite.ticket")):
                visible = self.env[name].with_context(active_test=False)._search([])
                query.add_where(SQL("%s IN %s", SQL.identifier(query.table, column), visible.subselect()))
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self or result:
            return result
        # by SQL, because reading the rows would check access again
        forbidden = self - self.browse(self._search([("id", "in", self.ids)]))
        if forbidden:
            return forbidden, partial(self.env["ir.rule"]._make_access_error, operation, forbidden)
        return None
