from typing import NamedTuple

from odoo import api, models

TICKET = "helpdesk_lite.ticket"

# stored fields that can point at a ticket, and why a merge leaves them alone
LEFT_ALONE = {
    "helpdesk_lite.ticket.merge_target_id": "it says which ticket was merged into which",
    "helpdesk_lite.merge.record.ticket_id": "the group tells which tickets were looked at",
    "helpdesk_lite.merge.journal.master_id": "the journal is what undo works from",
    "mail.message.merge_origin_id": "it says where the message came from",
    "mail.activity.merge_origin_id": "it says where the activity came from",
    "mail.scheduled.message.merge_origin_id": "it says where the message came from",
    "ir.attachment.merge_origin_id": "it says where the file came from",
    "mail.followers.res_id": "followers decide who sees the source; those who see the master anyway are copied",
    "ir.model.data.res_id": "an external identifier is the name of that very record",
    "ir.filters.embedded_parent_res_id": "a filter of somebody's page of that very record",
    "data_recycle.record.res_id": "a suggestion to archive that very record",
}
# pairs that no field type tells of: (model, field of the id, field of the model)
PAIRS = (
    ("mail.alias", "alias_force_thread_id", "alias_model_id"),
    ("mail.alias", "alias_parent_thread_id", "alias_parent_model_id"),
)


class Pointer(NamedTuple):
    """One place in the database from where a ticket can be pointed at.

    ``kind`` says how: ``id`` (the column holds the ticket's id; ``other`` is the column that
    names the model, if any), ``reference`` (the column holds ``model,id``), ``company`` (an id
    for each company, as JSON), ``relation`` (a table of pairs; ``other`` is the column of what
    points), ``own`` (such a table of a field of the ticket itself) or ``properties`` (their
    definitions say which values are tickets).
    """

    kind: str
    model: str
    field: str
    table: str
    column: str
    other: str = ""

    @property
    def path(self):
        return f"{self.model}.{self.field}"


class TicketPointers(models.Model):
    """Every place that can point at a ticket, found by looking at the registry.

    An addon that is installed later is found without being named here.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_merge_left_alone(self):
        """Fields that can point at a ticket and that a merge leaves alone.

        :return: dict of ``model.field`` to the reason
        """
        return LEFT_ALONE

    @api.model
    def _get_merge_pointers(self):
        """All places where a merge lets what points at a source point at the master.

        :return: dict of (table, column) to Pointer
        """
        left_alone = self._get_merge_left_alone()
        found = {}
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract or model._transient or not model._auto:
                continue
            for fname in sorted(model._fields):
                for pointer in self._find_pointers(model, model._fields[fname]):
                    # a relation of the ticket can be told from its other side as well
                    if pointer.path not in left_alone and (
                        pointer.kind == "own" or (pointer.table, pointer.column) not in found
                    ):
                        found[pointer.table, pointer.column] = pointer
        for name, fname, model_field in PAIRS:
            table = self.env[name]._table
            found[table, fname] = Pointer("id", name, fname, table, fname, model_field)
        return found

    @api.model
    def _find_pointers(self, model, field):
        """How a field can point at tickets.

        :param model: empty recordset
        :param field: one of its fields
        :return: list of Pointer
        """
        if not field.store or field.inherited:
            return []
        place = (model._name, field.name, model._table, field.name)
        if field.type == "many2one":
            kind = "company" if field.company_dependent else "id"
            return [Pointer(kind, *place)] if field.comodel_name == TICKET else []
        if field.type == "many2many":
            pair = (model._name, field.name, field.relation)
            found = [Pointer("own", *pair, field.column1, field.column2)] if model._name == TICKET else []
            if field.comodel_name == TICKET:
                found.append(Pointer("relation", *pair, field.column2, field.column1))
            return found
        if field.type in ("reference", "properties"):
            return [Pointer(field.type, *place)]
        model_field = self._find_model_field(model, field)
        return [Pointer("id", *place, model_field)] if model_field else []

    @api.model
    def _find_model_field(self, model, field):
        """The field that names the model to whose records an integer belongs.

        :return: str, or None where the field is just a number
        """
        if field.type == "many2one_reference":
            names = [field.model_field]
        elif field.type == "integer" and (field.name == "res_id" or field.name.endswith("_res_id")):
            prefix = field.name[:-len("res_id")]
            names = [f"{prefix}res_model", f"{prefix}model", f"{prefix}res_model_name"]
        else:
            names = []
        return next((name for name in names if name in model._fields and model._fields[name].store), None)
