from odoo import fields
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL

NAMES = ("partner_name", "partner_email")


def text_of_customer(registry, alias=""):
    """The name and the address of a ticket's customer, a line each, as the index has them.

    :param registry: of the database
    :param str alias: of the table of tickets, with quotes and a full stop
    :return: str, an expression of type ``text``
    """
    text = " || chr(10) || ".join(f"COALESCE({alias}{name}, '')" for name in NAMES)
    return registry.unaccent(f"({text})") if registry.has_unaccent else f"({text})"


def index_of_customer(registry):
    """The index of all parts of that text; none where the database has no trigrams.

    :param registry: of the database
    :return: str, the definition of the index, or an empty one
    """
    if not registry.has_trigram or registry.has_unaccent == FunctionStatus.PRESENT:
        return ""
    return f"USING gin (({text_of_customer(registry)}) gin_trgm_ops)"


class CustomerText(fields.Char):
    """The name or the address of a ticket's customer: one index finds the parts of both.

    Names are parts of most addresses, so it takes about half of what two indexes take.
    """

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        condition = super()._condition_to_sql(field_expr, operator, value, model, alias, query)
        if operator not in ("ilike", "=ilike") or self.name not in NAMES:
            return condition
        # what is in one of both is in their text
        text = SQL(text_of_customer(model.env.registry, f'"{alias}".'))
        pattern = SQL("%s", f"%{value}%")
        if model.env.registry.has_unaccent:
            pattern = model.env.registry.unaccent(pattern)
        # PostgreSQL takes half of the rows for what CASE returns: it would multiply how rare the same text is in both
        return SQL("(%s ILIKE %s AND CASE WHEN %s THEN TRUE END)", text, pattern, condition)
