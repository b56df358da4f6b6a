from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL

LINKS = ("many2one", "many2many", "one2many")


def parse(value):
    """What a client gave for a relational field.

    :return: tuple (ids that are linked to, list of (id or False, values) of lines that are made or changed)
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
    # not True, which is 1
    return {value} if type(value) is int and value else set()


def get_operations(model):
    return {name: "read" for name, field in model._fields.items() if field.type in LINKS and name not in MAGIC_COLUMNS}


def get_pairs(records, name):
    """:return: set of pairs (id of a record, id that it is linked to by this field)"""
    field = records._fields[name]
    if field.type == "many2many" and field.store:
        # by SQL: the cache would hold what the user sees of it, or show the user what they do not
        return set(records.env.execute_query(SQL(
            "SELECT %(own)s, %(other)s FROM %(table)s WHERE %(own)s = ANY(%(ids)s)",
            own=SQL.identifier(field.column1), other=SQL.identifier(field.column2),
            table=SQL.identifier(field.relation), ids=records.ids,
        )))
    # sudo: what is linked is compared, and not shown
    records = records.sudo() if field.store else records
    return {(record.id, linked) for record in records for linked in record[name].ids}


def get_common(records, name):
    """:return: set of ids that all these records are linked to by this field"""
    pairs = get_pairs(records, name)
    if not records.ids:
        return set()
    return set.intersection(*({linked for own, linked in pairs if own == record_id} for record_id in records.ids))


def get_defaulted(model, names):
    """Those fields whose values come from the context or from a default that somebody set, for themselves or for all.

    :param model: with the context in question
    :param names: of fields
    :return: list of str
    """
    set_by_users = model.env["ir.default"]._get_model_defaults(model._name)
    return [name for name in names if f"default_{name}" in model.env.context or name in set_by_users]


class LinksMixin(models.AbstractModel):
    """Links lead only to what their author may see: ids come from requests, and a link shows a name.

    What is stored decides, whatever way it came in: values, defaults in the context, an import, an
    inverse, a compute. What was given is looked at before that as well, so that no message of a
    later check tells a name, and so that nothing is worked out from hidden records in a form that
    is not saved yet. A link that was there before is no new link: who was invited to one ticket
    saves it without seeing its team. Superuser code links what it likes.
    """

    _name = "helpdesk_lite.links.mixin"
    _inherit = ["helpdesk_lite.protected.mixin"]
    _description = "Links to What One May See"

    @api.model
    def _get_link_operations(self):
        """What a user must be allowed to do with what they link to.

        :return: dict of field name to operation
        """
        return get_operations(self)

    # ------------------------------------------------------------
    # DOORS
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
        """As in standard Odoo, for a form that holds only what the user may link to.

        :raise AccessError: when it holds something else
        """
        if not self.env.su:
            contexts = [self.env.context, *self._get_contexts(fields_spec)]
            self._refuse_links(self._get_form_links(self, values, contexts))
        return super().onchange(values, field_names, fields_spec)

    # ------------------------------------------------------------
    # WHAT IS STORED
    # ------------------------------------------------------------

    @api.model
    def _get_own_links(self):
        """Names of the links that are stored with the record itself; the others are links of what they lead to."""
        return [
            name for name in self._get_link_operations()
            if self._fields[name].store and self._fields[name].type != "one2many"
        ]

    @api.model
    def _get_changing_links(self, vals):
        """Names of the links that a write may change, directly or by what is worked out from it."""
        if any(self._fields[name].inverse for name in vals if name in self._fields):
            return self._get_own_links()
        return [name for name in self._get_own_links() if name in vals or self._fields[name].compute]

    def _get_stored_links(self, names):
        """:return: dict of field name to set of pairs (id of a record, id that it is linked to)"""
        return {name: get_pairs(self, name) for name in names}

    def _check_links(self, names, before, known):
        """Refuse new links to what the user may not see.

        :param list names: of fields
        :param dict before: what was stored there before, of ``_get_stored_links``
        :param dict known: what was looked at already, of ``_refuse_given_links``
        :raise AccessError: when there is such a link
        """
        operations = self._get_link_operations()
        links = defaultdict(set)
        for name, pairs in self._get_stored_links(names).items():
            key = (self._fields[name].comodel_name, operations[name])
            links[key] |= {linked for _own, linked in pairs - before.get(name, set())} - known.get(key, set())
        self._refuse_links(links)

    def _check_all_links(self):
        """The same for all links, before something is done with them: rights may have ended since they were chosen."""
        if not self.env.su:
            self._check_links(self._get_own_links(), {}, {})

    @api.model
    def _refuse_links(self, links):
        """:param dict links: of (name of a model, operation) to ids
        :raise AccessError: when one of the records does not allow the operation; no name is told
        """
        for (model, operation), ids in links.items():
            records = self.env[model].browse(ids)
            if records and records._filtered_access(operation) != records:
                # sudo: what kind of record it is
                kind = self.env["ir.model"].sudo()._get(model).name
                raise AccessError(self.env._("You do not have access to what you chose here: %s.", kind))

    @api.model
    def _refuse_outsiders(self, users):
        """For the constraints of links to agents, salespeople and whoever else is one of our own.

        :raise ValidationError: when a user is not an internal one
        """
        # sudo: what kind of user it is
        outsiders = users.sudo().filtered("share")
        if outsiders:
            raise ValidationError(self.env._("%s is not an internal user.", outsiders[0].name))

    # ------------------------------------------------------------
    # WHAT IS GIVEN
    # ------------------------------------------------------------

    def _refuse_given_links(self, values_list):
        """Refuse what is given before anything is worked out from it, or said about it.

        :param list values_list: of dicts
        :raise AccessError: when something is new to one of these records, and the user may not see it
        :return: what was given, as ``_refuse_links`` takes it
        """
        operations = {
            name: operation for name, operation in self._get_link_operations().items()
            # lines are looked at when they are written
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
        """Values of these fields that the user gives without saying so."""
        names = get_defaulted(self, names)
        return self.default_get(names) if names else {}

    @api.model
    def _get_contexts(self, fields_spec):
        """The contexts of a specification, at whatever depth."""
        for spec in fields_spec.values() if isinstance(fields_spec, dict) else ():
            if isinstance(spec, dict):
                if isinstance(spec.get("context"), dict):
                    yield spec["context"]
                yield from self._get_contexts(spec.get("fields") or {})

    @api.model
    def _get_form_links(self, records, values, contexts):
        """All that a form is given: its lines, their defaults and their lines as well.

        :param records: the record that is changed, or an empty recordset; of any model
        :param dict values: of the form
        :param list contexts: whose defaults fill what the form leaves out
        :return: as ``_refuse_links`` takes it
        """
        ours = hasattr(records, "_get_link_operations")
        operations = records._get_link_operations() if ours else get_operations(records)
        defaults = [
            records.with_context(**context).default_get(asked) for context in contexts
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
