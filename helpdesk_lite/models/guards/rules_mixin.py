from collections.abc import Set
from functools import partial

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class RulesMixin(models.AbstractModel):
    """Asks a model's record rules in a form that PostgreSQL answers fast.

    What a rule grants stands in ``security/rules.xml`` and nowhere else. Models with many
    records put conditions of their rules into an equivalent form at the time of the question,
    when it is known what else is asked, and nothing is kept for later.
    """

    _name = "helpdesk_lite.rules.mixin"
    _inherit = "helpdesk_lite.search.mixin"
    _description = "Fast Record Rules"

    def _evaluate_rule(self, rule, asked, some):
        """An equivalent of the rules among the records that are asked for.

        Called as superuser, with the user and companies of who asks.

        :param Domain rule: in the form that ``ir.rule`` gives it
        :param dict asked: sets of ids by field name, which all records asked for are among anyway
        :param bool some: the first records are wanted, and not all
        :return: Domain
        """
        return rule

    def _get_rule(self, operation, asked, some=False):
        rule = self.env["ir.rule"]._compute_domain(self._name, operation)
        # sudo: rules look at what the user need not be allowed to see, archived or not
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
        """SQL: whether the user may read the record whose id stands in a column of another table.

        :param SQL column: of ids
        :return: SQL
        """
        if not self.has_access("read"):
            return SQL("FALSE")
        # followed by its id through the primary key: this is asked with every chatter
        model, rule = self._get_rule("read", {"id": ()})
        visible = model._search(rule)
        visible.add_where(SQL("%s = %s", SQL.identifier(visible.table, "id"), column))
        return SQL("EXISTS %s", visible.subselect())

    def _get_asked_ids(self, domain):
        """The fields that an optimized domain limits to given values, whatever else it says; True is none of them.

        ``_guard_ids`` has replaced it, so that no set takes it for the id 1.
        """
        parts = domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]
        return {
            part.field_expr: set(part.value) for part in parts
            if getattr(part, "operator", None) == "in" and isinstance(part.value, Set)
        }

    def _check_access(self, operation):
        refused = super(RulesMixin, self.browse())._check_access(operation)
        if refused:
            return self, refused[1]
        if self.env.su or not any(self._ids):
            return None
        model, rule = self._get_rule(operation, {"id": set(self.ids)})
        if rule.is_true():
            return None
        seen = set(model._search(Domain("id", "in", self.ids) & rule).get_result_ids())
        forbidden = self.filtered(lambda record: record._origin.id not in seen)
        if forbidden:
            return forbidden, partial(self.env["ir.rule"]._make_access_error, operation, forbidden)
        return None
