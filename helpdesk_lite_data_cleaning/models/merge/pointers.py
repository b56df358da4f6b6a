from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

TICKET = "helpdesk_lite.ticket"

# stored fields that can point at a ticket, and why a merge leaves them alone
LEFT_ALONE = {
    "helpdesk_lite.ticket.merge_target_id": "it says which ticket was merged into which",
    "helpdesk_lite.merge.record.ticket_id": "the group says which tickets were compared",
    "helpdesk_lite.merge.journal.master_id": "undoing the merge needs it",
    "mail.followers.res_id": "followers decide who sees the source; those who can see the master anyway are copied to it",
    "helpdesk_lite.event.ticket_id": "events of messages follow these, see events.py; the others happened to that very ticket",
    "helpdesk_lite.sla.status.ticket_id": "what was promised on that very ticket, and what became of it there",
    "helpdesk_lite.look.ticket_id": "whoever has looked at the source has not looked at the master",
    "helpdesk_lite.presence.ticket_id": "whoever has the source open does not have the master open",
    "helpdesk_lite.draft.ticket_id": "what somebody has begun to write is for the customer of the source",
    "ir.model.data.res_id": "an external identifier is the name of that very record",
    "ir.filters.embedded_parent_res_id": "a filter on a page of that very record",
    "data_recycle.record.res_id": "a suggestion to archive that very record",
}
# pairs that no type of field gives away: (model, field of the id, field of the model)
PAIRS = (
    ("mail.alias", "alias_force_thread_id", "alias_model_id"),
    ("mail.alias", "alias_parent_thread_id", "alias_parent_model_id"),
)


class Pointer(NamedTuple):
    """One place in the database that can point at a ticket.

    ``kind`` says how:

    * ``id``: the column holds the ticket's id; ``other`` is the column that names the model, if any
    * ``reference``: the column holds ``model,id``
    * ``company``: the column holds an id for each company, as JSON
    * ``relation``: a table of pairs; ``other`` is the column of the record that points
    * ``own``: such a table, of a field of the ticket itself
    * ``properties``: the definition of the properties says which values are tickets
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


class MergePointers(models.AbstractModel):
    """Every place that can point at a ticket, found once in the registry.

    The fields of an addon that is installed later are found without being named here.
    """

    _name = "helpdesk_lite.merge.pointers"
    _description = "Places That Can Point at a Ticket"

    @api.model
    def _get_left_alone(self):
        """Fields that can point at a ticket and that a merge leaves alone.

        :return: dict of ``model.field`` to the reason
        """
        return {**LEFT_ALONE, **self.env[TICKET]._get_fixed_links()}

    @api.model
    @ormcache(cache="stable")
    def _get_all(self):
        """All places in which a merge replaces a source by the master.

        :return: dict of (table, column) to Pointer
        """
        left_alone = self._get_left_alone()
        found = {}
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract or model._transient or not model._auto:
                continue
            for fname in sorted(model._fields):
                for pointer in self._find_pointers(model, model._fields[fname]):
                    # a relation of the ticket can be found from its other side as well
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
        """The field that names the model of the record that an integer points at.

        :return: str, or None when the field is just a number
        """
        if field.type == "many2one_reference":
            names = [field.model_field]
        elif field.type == "integer" and (field.name == "res_id" or field.name.endswith("_res_id")):
            prefix = field.name[: -len("res_id")]
            names = [f"{prefix}res_model", f"{prefix}model", f"{prefix}res_model_name"]
        else:
            names = []
        return next((name for name in names if name in model._fields and model._fields[name].store), None)
