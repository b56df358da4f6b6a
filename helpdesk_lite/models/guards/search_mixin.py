from collections.abc import Set

from odoo import api, models
from odoo.fields import Domain


class SearchMixin(models.AbstractModel):
    """Refuses domains, orders and groups on fields that the user cannot read.

    Standard Odoo checks stored fields only: not fields with a search method, nor related fields
    that are not stored.
    """

    _name = "helpdesk_lite.search.mixin"
    _description = "Guarded Searches"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not bypass_access:
            domain = self._guard_domain(domain)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _field_to_sql(self, alias, field_expr, query=None):
        field = self._fields.get(field_expr.split(".")[0])
        if field and field.related and not field.store:
            self._check_field_access(field, "read")
        return super()._field_to_sql(alias, field_expr, query)

    def _guard_domain(self, domain):
        """Check the fields of a domain, before search methods replace them by others.

        The ORM follows paths itself and searches each further model with that model's rules.

        :param domain: as sent by a client
        :return: Domain
        :raise AccessError: when the user cannot read one of the fields
        """
        return Domain(domain).map_conditions(self._guard_condition)

    def _guard_condition(self, condition):
        field = self._fields.get(condition.field_expr.split(".")[0])
        # the ORM's own error about an unknown field is clearer
        if not field:
            return condition
        self._check_field_access(field, "read")
        if condition.field_expr == field.name and (field.relational or field.name == "id"):
            return self._guard_ids(field, condition)
        return condition

    def _guard_ids(self, field, condition):
        """Rewrite a condition on ids: True means "any record", and lines are searched with the user's rights.

        PostgreSQL cannot compare True with an id.

        :param field: the ``Field`` of the condition
        :param condition: a condition of a domain
        :return: Domain
        """
        positive = condition.operator in ("=", "in")
        value = condition.value
        values = value if isinstance(value, list | tuple | Set) else [value]
        if not (positive or condition.operator in ("!=", "not in")) or not all(
            item is None or isinstance(item, int) for item in values
        ):
            return condition
        is_any = any(item is True for item in values)
        # given the ids of lines, the ORM ignores the user's rights on them
        lines = field.type == "one2many" and not self.env.su
        if not (is_any or lines) or not values:
            return condition
        ids = [item for item in values if item and item is not True]
        some = Domain(field.name, "any", Domain.TRUE) if lines else Domain(field.name, "!=", False)
        given = Domain(field.name, "any", Domain("id", "in", ids)) if lines else Domain(field.name, "in", ids)
        found = (some if is_any else given) | (Domain.FALSE if all(values) else ~some)
        return found if positive else ~found
