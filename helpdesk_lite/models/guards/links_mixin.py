from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL

LINKS = ("many2one", "many2many", "one2many")


def parse(value):
    """Split a value that a client sent for a relational field.

    :param value: an id, a recordset, a dict or a list of commands
    :return: tuple (set of linked ids, list of (id or False, values) of lines that are created or changed)
    """
    if isinstance(value, models.BaseModel):
        return set(value.ids), []
    if isinstance(value, dict):
        return ids_of(value.get("id")), [(False, value)]
    if not isinstance(value, (list, tuple)):
        return ids_of(value), []
    ids, lines = set(), []
    for command in value:
        if not isinstance(command, (list, tuple)):
            more, nested = parse(command)
            ids |= more
            lines += nested
        elif command and command[0] in (Command.CREATE, Command.UPDATE):
            line_id = command[1] if command[0] == Command.UPDATE else False
            ids |= ids_of(line_id)
            lines.append((line_id if ids_of(line_id) else False, command[2] if len(command) > 2 else {}))
        elif command and command[0] == Command.LINK:
            ids |= ids_of(command[1])
        elif command and command[0] == Command.SET:
            ids.update(*map(ids_of, command[2] or ()))
    return ids, lines


def ids_of(value):
    # True would count as 1
    return {value} if type(value) is int and value else set()


def get_operations(model):
    return {name: "read" for name, field in model._fields.items() if field.type in LINKS and name not in MAGIC_COLUMNS}


def get_pairs(records, name):
    """:return: set of pairs (id of a record, id that it is linked to by this field)"""
    field = records._fields[name]
    if field.type == "many2many" and field.store:
        # by SQL: the ORM would filter by the user's rights, or leave hidden records in the user's cache
        return set(
            records.env.execute_query(
                SQL(
                    "SELECT %(own)s, %(other)s FROM %(table)s WHERE %(own)s = ANY(%(ids)s)",
                    own=SQL.identifier(field.column1),
                    other=SQL.identifier(field.column2),
                    table=SQL.identifier(field.relation),
                    ids=records.ids,
                )
            )
        )
    # sudo: the linked records are only compared, not shown
    records = records.sudo() if field.store else records
    return {(record.id, linked) for record in records for linked in record[name].ids}


def get_common(records, name):
    """:return: set of ids that all these records are linked to by this field"""
    pairs = get_pairs(records, name)
    if not records.ids:
        return set()
    return set.intersection(*({linked for own, linked in pairs if own == record_id} for record_id in records.ids))


def get_defaulted(model, names):
    """Select the fields whose values come from the context or from a user-defined default.

    :param model: empty recordset with the context in question
    :param names: of fields
    :return: list of str
    """
    set_by_users = model.env["ir.default"]._get_model_defaults(model._name)
    return [name for name in names if f"default_{name}" in model.env.context or name in set_by_users]


class LinksMixin(models.AbstractModel):
    """Refuses links to records that the user cannot see, because a link reveals the record's name.

    The stored links are checked, because they can come from values, defaults in the context, an
    import, an inverse or a compute. The given values are checked as well, before anything is
    computed from them: a later error message or an unsaved form could reveal a name. Existing links
    are not checked again: an employee who is invited to one ticket can save it without seeing its
    team. Superuser code can link to everything.
    """

    _name = "helpdesk_lite.links.mixin"
    _inherit = ["helpdesk_lite.protected.mixin"]
    _description = "Links to Visible Records"

    @api.model
    def _get_link_operations(self):
        """The access right that a user needs on the records they link to.

        :return: dict of field name to operation
        """
        return get_operations(self)

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        missing = [name for name in self._get_link_operations() if any(name not in vals for vals in vals_list)]
        known = self._refuse_given_links([*vals_list, self._get_given_defaults(missing)])
        records = super().create(vals_list)
        records._check_links(records._get_own_links(), {}, known)
        return records

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        known = self._refuse_given_links([vals])
        names = self._get_changing_links(vals)
        before = self._get_stored_links(names)
        result = super().write(vals)
        self._check_links(names, before, known)
        return result

    def onchange(self, values, field_names, fields_spec):
        """Compute a form as standard Odoo does, if the user may link to every record in it.

        :raise AccessError: when there is another record in it
        """
        if not self.env.su:
            contexts = [self.env.context, *self._get_contexts(fields_spec)]
            self._refuse_links(self._get_form_links(self, values, contexts))
        return super().onchange(values, field_names, fields_spec)

    # ------------------------------------------------------------
    # STORED LINKS
    # ------------------------------------------------------------

    @api.model
    def _get_own_links(self):
        """The names of the links that are stored with the record itself, not with the linked records.

        :return: list of str
        """
        return [
            name for name in self._get_link_operations() if self._fields[name].store and self._fields[name].type != "one2many"
        ]

    @api.model
    def _get_changing_links(self, vals):
        """The names of the links that a write may change, directly or through computed and inverse fields.

        :param dict vals: of the write
        :return: list of str
        """
        if any(self._fields[name].inverse for name in vals if name in self._fields):
            return self._get_own_links()
        return [name for name in self._get_own_links() if name in vals or self._fields[name].compute]

    def _get_stored_links(self, names):
        """:return: dict of field name to set of pairs (id of a record, id that it is linked to)"""
        # sudo: the linked records are only compared, not shown
        stored = self.sudo()
        return {name: get_pairs(stored if self._fields[name].store else self, name) for name in names}

    def _check_links(self, names, before, known):
        """Refuse new links to records that the user cannot see.

        :param list names: names of the fields to check
        :param dict before: the links before the write, from ``_get_stored_links``
        :param dict known: the links that were checked already, from ``_refuse_given_links``
        :raise AccessError: when there is such a link
        """
        operations = self._get_link_operations()
        links = defaultdict(set)
        known = self._add_implied_links(known)
        for name, pairs in self._get_stored_links(names).items():
            key = (self._fields[name].comodel_name, operations[name])
            links[key] |= {linked for _own, linked in pairs - before.get(name, set())} - known.get(key, set())
        self._refuse_links(links)

    def _add_implied_links(self, known):
        """Add what everybody can see who can see the records that were checked; for extension.

        :param dict known: of (name of a model, operation) to ids
        :return: the same with more ids
        """
        return known

    def _check_all_links(self):
        """Check all links again before they are used, because the user may have lost access since choosing them.

        :raise AccessError: when the user cannot see a linked record
        """
        if not self.env.su:
            self._check_links(self._get_own_links(), {}, {})

    @api.model
    def _refuse_links(self, links):
        """:param dict links: of (name of a model, operation) to ids
        :raise AccessError: when a record does not allow the operation; the message contains no name
        """
        for (model, operation), ids in links.items():
            if (model, operation) == ("res.users", "read"):
                # people know their own names
                ids = ids - {self.env.uid}
            records = self.env[model].browse(ids)
            if records and records._filtered_access(operation) != records:
                # sudo: only the label of the model is read
                kind = self.env["ir.model"].sudo()._get(model).name
                raise AccessError(self.env._("You do not have access to what you chose here: %s.", kind))

    @api.model
    def _refuse_outsiders(self, users):
        """Refuse portal and public users in fields for agents, salespeople and other internal users.

        :param users: records of ``res.users``
        :raise ValidationError: when one of them is not an internal user
        """
        # sudo: only the kind of user is read
        outsiders = users.sudo().filtered("share")
        if outsiders:
            raise ValidationError(self.env._("%s is not an internal user.", outsiders[0].name))

    # ------------------------------------------------------------
    # GIVEN VALUES
    # ------------------------------------------------------------

    def _refuse_given_links(self, values_list):
        """Refuse hidden records in given values, before anything is computed from them.

        :param list values_list: dicts of field values
        :raise AccessError: when a value links a record anew that the user cannot see
        :return: the given links, in the form that ``_refuse_links`` takes
        """
        operations = {
            name: operation
            for name, operation in self._get_link_operations().items()
            # lines are checked when they are written
            if self._fields[name].type != "one2many"
        }
        links = defaultdict(set)
        for values in values_list:
            for name in operations.keys() & values.keys():
                ids, _lines = parse(values[name])
                if ids and self:
                    ids -= get_common(self, name)
                links[self._fields[name].comodel_name, operations[name]] |= ids
        self._refuse_links(links)
        return links

    @api.model
    def _get_given_defaults(self, names):
        """The default values of these fields that the context or a user-defined default sets.

        :param list names: of fields
        :return: dict of field name to value
        """
        names = get_defaulted(self, names)
        return self.default_get(names) if names else {}

    @api.model
    def _get_contexts(self, fields_spec):
        """The contexts in a field specification, at every level.

        :return: iterator of dicts
        """
        for spec in fields_spec.values() if isinstance(fields_spec, dict) else ():
            if isinstance(spec, dict):
                if isinstance(spec.get("context"), dict):
                    yield spec["context"]
                yield from self._get_contexts(spec.get("fields") or {})

    @api.model
    def _get_form_links(self, records, values, contexts):
        """The links in the values of a form, in its lines at every level and in their defaults.

        :param records: the edited record, or an empty recordset; of any model
        :param dict values: of the form
        :param list contexts: contexts whose defaults may fill missing fields
        :return: the links, in the form that ``_refuse_links`` takes
        """
        ours = hasattr(records, "_get_link_operations")
        operations = records._get_link_operations() if ours else get_operations(records)
        defaults = [
            records.with_context(**context).default_get(asked)
            for context in contexts
            if (asked := get_defaulted(records.with_context(**context), operations))
        ]
        links = defaultdict(set)
        for given in (values, *defaults):
            for name in operations.keys() & given.keys() if isinstance(given, dict) else ():
                field = records._fields[name]
                ids, lines = parse(given[name])
                if ids and field.type != "one2many" and records.ids:
                    ids -= get_common(records, name)
                links[field.comodel_name, operations[name]] |= ids
                for line_id, line in lines:
                    comodel = self.env[field.comodel_name]
                    nested = self._get_form_links(comodel.browse(line_id or ()), line, contexts)
                    for key, more in nested.items():
                        links[key] |= more
        return links
