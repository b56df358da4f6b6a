from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

TEXT_TYPES = ("char", "text")
COMPARABLE_TYPES = (*TEXT_TYPES, "many2one", "selection", "integer", "boolean", "date", "datetime")
COMBINING_MARKS = "[\u0300-\u036f]"
# technical fields, and those that differ in every ticket
NOT_OFFERED = {
    "id",
    "number",
    "opened_on",
    "create_date",
    "write_date",
    "create_uid",
    "write_uid",
    "access_token",
    "active",
    "merge_words",
}


class MergeRuleLine(models.Model):
    """A field that must be equal in two duplicates."""

    _name = "helpdesk_lite.merge.rule.line"
    _description = "Field That Must Match"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "id"

    rule_id = fields.Many2one("helpdesk_lite.merge.rule", required=True, index=True, ondelete="cascade")
    field_name = fields.Selection(selection="_selection_field_name", string="Field", required=True)
    match = fields.Selection(
        [("exact", "Exact Match"), ("insensitive", "Case/Accent Insensitive Match")],
        string="Match If",
        default="exact",
        required=True,
    )

    _field_once = models.Constraint("UNIQUE(rule_id, field_name)", "A field can be in a rule only once.")

    @api.model
    def _selection_field_name(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        return sorted(
            (
                (name, field._description_string(self.env))
                for name, field in Ticket._fields.items()
                if field.store
                and field.column_type
                and not field.company_dependent
                and field.type in COMPARABLE_TYPES
                and name not in NOT_OFFERED
            ),
            key=lambda item: item[1],
        )

    def _get_key(self, alias):
        """The value that must be equal in both tickets.

        :param str alias: of the table of tickets
        :return: ``SQL``, NULL when there is nothing to compare
        :raise UserError: when tickets no longer have the field
        """
        self.ensure_one()
        field = self.env["helpdesk_lite.ticket"]._fields.get(self.field_name)
        if not field or not field.store:
            raise UserError(
                self.env._(
                    "The rule “%(rule)s” compares the field “%(field)s”, which tickets no longer have.",
                    rule=self.rule_id.name,
                    field=self.field_name,
                )
            )
        column = SQL.identifier(alias, field.name)
        if field.type not in TEXT_TYPES:
            return column
        if self.match == "insensitive":
            # like unaccent, which is not installed everywhere
            column = SQL("lower(regexp_replace(normalize(%s, NFKD), %s, '', 'g'))", column, COMBINING_MARKS)
        return SQL("nullif(btrim(%s), '')", column)
