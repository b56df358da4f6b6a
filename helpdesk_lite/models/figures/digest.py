from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .overview_satisfaction import HAPPY

# key figure to the field that is its value
FIGURES = ("new", "closed", "open", "first_response", "sla", "happy")


class Digest(models.Model):
    """Key figures of the helpdesk in Odoo's digest mails, with the rights of each recipient."""

    _inherit = "digest.digest"

    kpi_helpdesk_lite_new = fields.Boolean("New Tickets")
    kpi_helpdesk_lite_new_value = fields.Integer("New Tickets in the Period", compute="_compute_kpi_helpdesk_lite_new_value")
    kpi_helpdesk_lite_closed = fields.Boolean("Closed Tickets")
    kpi_helpdesk_lite_closed_value = fields.Integer(
        "Closed Tickets in the Period", compute="_compute_kpi_helpdesk_lite_closed_value"
    )
    kpi_helpdesk_lite_open = fields.Boolean("Open Tickets")
    kpi_helpdesk_lite_open_value = fields.Integer(
        "Open Tickets at the End of the Period", compute="_compute_kpi_helpdesk_lite_open_value"
    )
    kpi_helpdesk_lite_first_response = fields.Boolean("Hours to First Answer, Median")
    kpi_helpdesk_lite_first_response_value = fields.Float(
        "Hours to First Answer in the Period, Median", compute="_compute_kpi_helpdesk_lite_first_response_value"
    )
    kpi_helpdesk_lite_sla = fields.Boolean("SLA Met (%)")
    kpi_helpdesk_lite_sla_value = fields.Integer("SLA Met in the Period (%)", compute="_compute_kpi_helpdesk_lite_sla_value")
    kpi_helpdesk_lite_happy = fields.Boolean("Happy Customers (%)")
    kpi_helpdesk_lite_happy_value = fields.Integer(
        "Happy Customers in the Period (%)", compute="_compute_kpi_helpdesk_lite_happy_value"
    )

    def _get_helpdesk_lite_query(self, domain):
        """The counted tickets of the companies that fulfil a domain.

        :return: tuple (records of ``helpdesk_lite.ticket`` to ask, ``Query``)
        :raise AccessError: when the recipient is not an agent; Odoo leaves the figure out of their mail then
        """
        self.env["helpdesk_lite.overview"]._check_agent()
        _start, _end, companies = self._get_kpi_compute_parameters()
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        return Ticket, Ticket._search(Domain("company_id", "in", companies.ids) & Ticket._get_counted_domain() & domain)

    def _within_helpdesk_lite(self, field):
        start, end, _companies = self._get_kpi_compute_parameters()
        return Domain(field, ">=", start) & Domain(field, "<", end)

    def _write_helpdesk_lite_counts(self, name, domain):
        """Count tickets by company, in one statement for all digests.

        :param str name: field of the value
        :param Domain domain: which tickets
        """
        Ticket, query = self._get_helpdesk_lite_query(domain)
        company = Ticket._field_to_sql(query.table, "company_id", query)
        query.groupby = SQL("1")
        counts = {} if query.is_empty() else dict(self.env.execute_query(query.select(company, SQL("count(*)"))))
        for digest in self:
            digest[name] = counts.get((digest.company_id or self.env.company).id, 0)

    def _compute_kpi_helpdesk_lite_new_value(self):
        self._write_helpdesk_lite_counts("kpi_helpdesk_lite_new_value", self._within_helpdesk_lite("opened_on"))

    def _compute_kpi_helpdesk_lite_closed_value(self):
        closed = Domain("is_closed", "=", True) & self._within_helpdesk_lite("close_date")
        self._write_helpdesk_lite_counts("kpi_helpdesk_lite_closed_value", closed)

    def _compute_kpi_helpdesk_lite_open_value(self):
        """Those that were open at the end, as the backlog of the overview."""
        _start, end, _companies = self._get_kpi_compute_parameters()
        moment = fields.Datetime.to_datetime(end) or fields.Datetime.now()
        backlog = self.env["helpdesk_lite.overview"]._get_backlog_domain(Domain.TRUE, moment)
        self._write_helpdesk_lite_counts("kpi_helpdesk_lite_open_value", backlog)

    def _compute_kpi_helpdesk_lite_first_response_value(self):
        Ticket, query = self._get_helpdesk_lite_query(self._within_helpdesk_lite("first_response_date"))
        company = Ticket._field_to_sql(query.table, "company_id", query)
        hours = Ticket._field_to_sql(query.table, "first_response_hours", query)
        query.groupby = SQL("1")
        median = SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", hours)
        medians = {} if query.is_empty() else dict(self.env.execute_query(query.select(company, median)))
        for digest in self:
            digest.kpi_helpdesk_lite_first_response_value = medians.get((digest.company_id or self.env.company).id) or 0

    def _compute_kpi_helpdesk_lite_sla_value(self):
        self.env["helpdesk_lite.overview"]._check_agent()
        Status = self.env["helpdesk_lite.sla.status"].with_context(active_test=False)
        judged = Domain("state", "in", ("met", "failed")) & self._within_helpdesk_lite("start_date")
        for digest in self:
            company = digest.company_id or self.env.company
            rates = Status._read_group(judged & Domain("ticket_id.company_id", "=", company.id), [], ["success_rate:avg"])
            # nothing is kept by rounding
            digest.kpi_helpdesk_lite_sla_value = int(rates[0][0] or 0)

    def _compute_kpi_helpdesk_lite_happy_value(self):
        overview = self.env["helpdesk_lite.overview"]
        given = Domain("consumed", "=", True) & self._within_helpdesk_lite("rated_on")
        Ticket, query = self._get_helpdesk_lite_query(overview._get_rated_domain(given))
        company = Ticket._field_to_sql(query.table, "company_id", query)
        happy = overview._get_rated_domain(given & Domain("rating", "=", HAPPY)).optimize_full(Ticket)
        share = SQL("100 * count(*) FILTER (WHERE %s) / count(*)", happy._to_sql(Ticket, query.table, query))
        query.groupby = SQL("1")
        shares = {} if query.is_empty() else dict(self.env.execute_query(query.select(company, share)))
        for digest in self:
            digest.kpi_helpdesk_lite_happy_value = shares.get((digest.company_id or self.env.company).id, 0)

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("helpdesk_lite.menu_root").id
        return actions | {f"kpi_helpdesk_lite_{name}": f"helpdesk_lite.overview_action?menu_id={menu}" for name in FIGURES}
