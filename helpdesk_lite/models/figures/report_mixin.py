from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# fields that say how single people work
PEOPLE = ("user_id", "closer_id")
NOTHING = SQL()


class ReportMixin(models.AbstractModel):
    """Rows that are made of tickets when they are read: those of hidden tickets are not there.

    The rows are selected from the tickets that the user can see, in the form of the rules that is fast for a million tickets.
    So there is no rule of a report that could differ from that of tickets.
    """

    _name = "helpdesk_lite.report.mixin"
    _description = "Helpdesk Report"
    _auto = False

    @api.model
    def _select_tickets(self, columns, joins=NOTHING):
        """Select rows from the tickets that the user can see, each request once.

        :param dict columns: name to SQL, on the table ``helpdesk_lite_ticket`` and the joined ones
        :param SQL joins: clauses after FROM
        :return: SQL
        """
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        query = Ticket._search(Ticket._get_counted_domain() if Ticket.has_access("read") else Domain.FALSE)
        seen = SQL("FALSE") if query.is_empty() else query.where_clause or SQL("TRUE")
        selected = [SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items()]
        return SQL("SELECT %s FROM %s %s WHERE %s", SQL(", ").join(selected), query.from_clause, joins, seen)

    @api.model
    def _get_choices(self, model, name):
        """The choices of a selection of another model, in the language of the user.

        :return: list of pairs
        """
        return self.env[model]._fields[name]._description_selection(self.env)

    @api.model
    def _shows_people(self):
        """Whether the user may compare people: administrators, where all their companies show it, as on the overview."""
        shown = all(self.env.companies.mapped("helpdesk_lite_people_figures"))
        return shown and self.env.user.has_group("helpdesk_lite.group_manager")

    @api.model
    def _has_field_access(self, field, operation):
        if field.name in PEOPLE and not (self.env.su or self._shows_people()):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        return (*super()._get_view_cache_key(view_id, view_type, **options), self._shows_people())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Leave out of views what the user may not read."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._shows_people():
            for name in PEOPLE:
                for node in arch.xpath("//field[@name=$name] | //filter[contains(@context, $name)]", name=name):
                    node.getparent().remove(node)
        return arch, view
