from collections.abc import Set
from functools import partial

from odoo import api, models
from odoo.tools import SQL, Query

from .held_answers import answer_of, held_answers


class RulesMixin(models.AbstractModel):
    """Evaluates a model's record rules in a form that PostgreSQL executes fast.

    ``security/rules.xml`` alone decides what a rule grants. Models with many records rewrite
    conditions of their rules into equivalent ones for each query, when the rest of the query is
    known. Nothing is cached.
    """

    _name = "helpdesk_lite.rules.mixin"
    _inherit = "helpdesk_lite.search.mixin"
    _description = "Fast Record Rules"

    def _evaluate_rule(self, rule, asked, some):
        """Rewrite the rules into an equivalent domain for the requested records.

        Called as superuser, with the requesting user and companies in the environment.

        :param Domain rule: as computed by ``ir.rule``
        :param dict asked: field name to set of ids; all requested records have one of these values anyway
        :param bool some: whether only the first records are wanted
        :return: Domain
        """
        return rule

    @api.model
    @api.readonly
    def web_search_read(self, *args, **kwargs):
        """A page of a list, or the dashboard with its figures: what the user sees is asked once for all of it."""
        with held_answers(self.env):
            return super().web_search_read(*args, **kwargs)

    def _get_rule(self, operation, asked, some=False):
        rule = self.env["ir.rule"]._compute_domain(self._name, operation)
        # sudo: rules may use records that the user cannot see, archived ones included
        model = self.sudo().with_context(active_test=False)
        return model, model._evaluate_rule(rule, asked, some).optimize_full(model)

    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if self.env.su or bypass_access:
            return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)
        self.browse().check_access("read")
        domain = self._guard_domain(domain).optimize(self)
        query = super()._search(domain, offset, limit, order, bypass_access=True, **kwargs)
        if query.is_empty():
            return query
        model, rule = self._get_rule("read", self._get_asked_ids(domain), bool(limit and order))
        if rule.is_false():
            return self.browse()._as_query()
        if not rule.is_true():
            query.add_where(rule._to_sql(model, self._table, query))
        return query

    def _is_visible(self, column):
        """Build the condition that the user can read the record whose id is in a column of another table.

        :param SQL column: a column of ids
        :return: SQL condition
        """
        if not self.has_access("read"):
            return SQL("FALSE")
        return answer_of(self.env, ("visible", self._name, column), lambda: self._get_visible(column))

    def _get_visible(self, column):
        # looked up by primary key, because this runs each time a chatter is loaded
        model, rule = self._get_rule("read", {"id": ()})
        visible = model._search(rule)
        visible.add_where(SQL("%s = %s", SQL.identifier(visible.table, "id"), column))
        return SQL("EXISTS %s", visible.subselect())

    def _get_asked_ids(self, domain):
        """The fields that an optimized domain limits to given values, apart from its other conditions.

        ``_guard_ids`` has replaced ``True``, which equals 1 in a set.

        :param Domain domain: optimized
        :return: dict of field name to set of ids
        """
        parts = domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]
        return {
            part.field_expr: set(part.value)
            for part in parts
            if getattr(part, "operator", None) == "in" and isinstance(part.value, Set)
        }

    def _check_access(self, operation):
        refused = super(RulesMixin, self.browse())._check_access(operation)
        if refused:
            return self, refused[1]
        if self.env.su or not any(self._ids):
            return None
        granted = answer_of(self.env, ("granted", self._name, operation, self.ids), lambda: self._get_granted(operation))
        forbidden = self.filtered(lambda record: record._origin.id not in granted)
        if forbidden:
            return forbidden, partial(self.env["ir.rule"]._make_access_error, operation, forbidden)
        return None

    def _get_granted(self, operation):
        """The records for which the rules permit an operation.

        :return: set of ids
        """
        model, rule = self._get_rule(operation, {"id": set(self.ids)})
        if rule.is_true():
            return set(self.ids)
        # not a search, which would optimize the rule a second time: that takes longer than PostgreSQL needs for the answer
        query = Query(self.env, self._table, self._table_sql)
        query.add_where(SQL("%s = ANY(%s)", SQL.identifier(self._table, "id"), self.ids))
        query.add_where(rule._to_sql(model, self._table, query))
        return set(query.get_result_ids())
