from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class StageRules(models.Model):
    """Evaluates the record rules of stages fast, also for teams with a million tickets.

    Each reason to see a ticket becomes an EXISTS of its own, so that the search in a team ends with
    the first ticket found.
    """

    _name = "helpdesk_lite.stage"
    _inherit = ["helpdesk_lite.stage", "helpdesk_lite.rules.mixin"]

    def _evaluate_rule(self, rule, asked, some):
        return super()._evaluate_rule(rule, asked, some).map_conditions(self._evaluate_teams)

    def _evaluate_teams(self, condition):
        if condition.field_expr != "team_ids" or condition.operator != "any":
            return condition
        return Domain("team_ids", "any", condition.value.map_conditions(self._evaluate_tickets))

    def _evaluate_tickets(self, condition):
        if condition.field_expr != "ticket_ids" or condition.operator != "any":
            return condition
        reasons = condition.value.children if getattr(condition.value, "OPERATOR", None) == "|" else [condition.value]
        return Domain.OR(self._has_ticket(reason) for reason in reasons)

    def _has_ticket(self, reason):
        def to_sql(model, alias, query):
            tickets = self.env["helpdesk_lite.ticket"]._search(reason)
            tickets.add_where(SQL("%s = %s", SQL.identifier(tickets.table, "team_id"), SQL.identifier(alias, "id")))
            return SQL("EXISTS (%s)", tickets.select("1"))

        return Domain.custom(to_sql=to_sql)
