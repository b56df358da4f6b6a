import json
from collections import defaultdict

import psycopg2
from odoo import api, models
from odoo.tools import SQL, mute_logger

from ...tools.moves import DIGEST, Link, Move, collect
from .pointers import TICKET


class MergeRepointer(models.AbstractModel):
    """Changes rows that point at one ticket so that they point at another, in sets, in SQL.

    The merge and its undoing both use it. No row is ever deleted: a row that a constraint
    does not allow to be changed stays as it is.
    """

    _name = "helpdesk_lite.merge.repointer"
    _description = "Repoints References to Tickets"
    _order = "id"

    @api.model
    def _get_condition(self, pointer, alias):
        """Condition on a row: its column holds the id of a ticket, and not of another record."""
        if pointer.kind != "id" or not pointer.other:
            return SQL("TRUE")
        by_id = self.env[pointer.model]._fields[pointer.other].type == "many2one"
        condition = SQL(
            "%s = %s", SQL.identifier(alias, pointer.other), self.env["ir.model"]._get_id(TICKET) if by_id else TICKET
        )
        if pointer.model == "ir.attachment":
            # an attachment with a field is the value of that field, not a file of the ticket
            condition = SQL("%s AND %s IS NULL", condition, SQL.identifier(alias, "res_field"))
        return condition

    @api.model
    def _get_value(self, pointer, ticket_id):
        return f"{TICKET},{ticket_id}" if pointer.kind == "reference" else ticket_id

    @api.model
    def _find_used(self, pointers, ticket_ids):
        """The places that do point at these tickets, in one statement.

        :param pointers: list of Pointer
        :param ticket_ids: list of ids
        :return: list of Pointer
        """
        pointers = [pointer for pointer in pointers if pointer.kind in ("id", "reference", "relation", "own")]
        used = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s WHERE EXISTS (SELECT FROM %s AS line WHERE %s = ANY(%s) AND %s)",
                    number,
                    SQL.identifier(pointer.table),
                    SQL.identifier("line", pointer.column),
                    [self._get_value(pointer, ticket_id) for ticket_id in ticket_ids],
                    self._get_condition(pointer, "line"),
                )
                for number, pointer in enumerate(pointers)
            )
        )
        return [pointers[number] for (number,) in sorted(used)]

    @api.model
    def _find_guarded(self, tables):
        """Columns in a constraint or unique index, where the database can refuse to repoint a row.

        :param tables: list of names of tables
        :return: set of tuples (table, column)
        """
        return set(
            self.env.execute_query(
                SQL(
                    """ SELECT class.relname, attribute.attname
                  FROM pg_index
                  JOIN pg_class class ON class.oid = pg_index.indrelid
                  JOIN pg_attribute attribute
                    ON attribute.attrelid = class.oid AND attribute.attnum > 0
                   AND (attribute.attnum = ANY(pg_index.indkey) OR pg_index.indexprs IS NOT NULL
                        OR pg_index.indpred IS NOT NULL)
                 WHERE (pg_index.indisunique OR pg_index.indisexclusion)
                   AND class.relname = ANY(%(tables)s) AND class.relnamespace = current_schema::regnamespace
                 UNION
                SELECT class.relname, attribute.attname
                  FROM pg_constraint
                  JOIN pg_class class ON class.oid = pg_constraint.conrelid
                  JOIN pg_attribute attribute
                    ON attribute.attrelid = class.oid AND attribute.attnum = ANY(pg_constraint.conkey)
                 WHERE pg_constraint.contype = 'c'
                   AND class.relname = ANY(%(tables)s) AND class.relnamespace = current_schema::regnamespace
            """,
                    tables=tables,
                )
            )
        )

    @api.model
    def _change(self, table, ids, values):
        """Change columns of rows, without the ORM.

        :param str table: name of the table
        :param list ids: ids of the rows
        :param dict values: column to SQL, in which ``line`` is the row
        :return: list of moves that undo it
        """
        names = [SQL.identifier(name) for name in values]

        def pack(alias, digested=False):
            columns = {name: SQL.identifier(alias, name) for name in values}
            if digested:
                columns = {name: SQL(DIGEST, column) for name, column in columns.items()}
            return SQL("jsonb_build_object(%s)", SQL(", ").join(SQL("%s, %s", *pair) for pair in columns.items()))

        return collect(
            table,
            self.env.execute_query(
                SQL(
                    """ UPDATE %(table)s AS line SET %(assignments)s FROM %(table)s AS former
                     WHERE former.id = line.id AND line.id = ANY(%(ids)s)
                 RETURNING line.id, %(old)s, %(new)s
                """,
                    table=SQL.identifier(table),
                    assignments=SQL(", ").join(
                        SQL("%s = %s", name, value) for name, value in zip(names, values.values(), strict=True)
                    ),
                    ids=list(ids),
                    old=pack("former"),
                    new=pack("line", digested=True),
                )
            ),
        )

    @api.model
    def _move(self, pointer, from_ids, to_id, ids=None, guarded=False, undoing=False):
        """Repoint what points at some tickets to another one.

        :param pointer: Pointer of kind ``id``, ``reference`` or ``relation``
        :param from_ids: ids of the tickets that are pointed at
        :param to_id: id of the ticket to point at
        :param ids: ids of the rows to repoint, for relations ids in the other column; all when None
        :param guarded: whether a constraint can refuse rows; these stay as they are
        :param bool undoing: whether the journal restores columns that depend on this one
        :return: list of moves that undo it
        """
        if pointer.kind == "relation":
            rows = self._move_pairs(pointer, from_ids, to_id, ids)
        elif not guarded:
            rows = self._move_rows(pointer, from_ids, to_id, ids)
        else:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    rows = self._move_rows(pointer, from_ids, to_id, ids)
            except psycopg2.IntegrityError:
                rows = self._move_row_by_row(pointer, from_ids, to_id, ids)
        moved = defaultdict(list)
        for row_id, from_id in sorted(rows):
            moved[from_id].append(row_id)
        self._touch(pointer, [row_id for row_id, _from_id in rows], undoing)
        return [Move(pointer.table, pointer.column, from_id, to_id, row_ids) for from_id, row_ids in moved.items()]

    @api.model
    def _move_rows(self, pointer, from_ids, to_id, ids):
        from_ids = {self._get_value(pointer, ticket_id): ticket_id for ticket_id in from_ids}
        rows = self.env.execute_query(
            SQL(
                """ UPDATE %(table)s AS line SET %(column)s = %(to_value)s
                  FROM %(table)s AS former
                 WHERE former.id = line.id AND %(former)s = ANY(%(from_values)s) AND %(condition)s AND %(these)s
             RETURNING line.id, %(former)s
            """,
                table=SQL.identifier(pointer.table),
                column=SQL.identifier(pointer.column),
                former=SQL.identifier("former", pointer.column),
                to_value=self._get_value(pointer, to_id),
                from_values=list(from_ids),
                condition=self._get_condition(pointer, "former"),
                these=self._get_these(pointer, to_id, ids),
            )
        )
        return [(row_id, from_ids[value]) for row_id, value in rows]

    @api.model
    def _get_these(self, pointer, to_id, ids):
        condition = SQL("TRUE") if ids is None else SQL("former.id = ANY(%s)", ids)
        if pointer.model == TICKET:
            # a merge makes no ticket point at itself
            condition = SQL("%s AND former.id != %s", condition, to_id)
        return condition

    @api.model
    def _move_row_by_row(self, pointer, from_ids, to_id, ids):
        candidates = self.env.execute_query(
            SQL(
                "SELECT former.id FROM %s AS former WHERE %s = ANY(%s) AND %s AND %s ORDER BY former.id",
                SQL.identifier(pointer.table),
                SQL.identifier("former", pointer.column),
                [self._get_value(pointer, ticket_id) for ticket_id in from_ids],
                self._get_condition(pointer, "former"),
                self._get_these(pointer, to_id, ids),
            )
        )
        rows = []
        for (row_id,) in candidates:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    rows += self._move_rows(pointer, from_ids, to_id, [row_id])
            except psycopg2.IntegrityError:
                continue
        return rows

    @api.model
    def _move_pairs(self, pointer, from_ids, to_id, ids):
        """Of equal pairs one is repointed, and none whose counterpart exists already."""
        table, column, other = map(SQL.identifier, (pointer.table, pointer.column, pointer.other))
        these = SQL("TRUE") if ids is None else SQL("pair.%s = ANY(%s)", other, ids)
        if self.env[pointer.model]._name == TICKET:
            these = SQL("%s AND pair.%s != %s", these, other, to_id)
        return self.env.execute_query(
            SQL(
                """ UPDATE %(table)s AS line SET %(column)s = %(to_id)s
                  FROM (SELECT DISTINCT ON (pair.%(other)s) pair.%(other)s, pair.%(column)s
                          FROM %(table)s AS pair
                         WHERE pair.%(column)s = ANY(%(from_ids)s) AND %(these)s
                           AND NOT EXISTS (SELECT FROM %(table)s AS twin
                                            WHERE twin.%(other)s = pair.%(other)s AND twin.%(column)s = %(to_id)s)
                         ORDER BY pair.%(other)s, pair.%(column)s) AS former
                 WHERE line.%(other)s = former.%(other)s AND line.%(column)s = former.%(column)s
             RETURNING line.%(other)s, former.%(column)s
            """,
                table=table,
                column=column,
                other=other,
                to_id=to_id,
                from_ids=list(from_ids),
                these=these,
            )
        )

    @api.model
    def _link(self, pointer, from_ids, to_id):
        """Add the values of a field of these tickets to the same field of another ticket.

        :return: list of moves that undo it
        """
        table, column, other = map(SQL.identifier, (pointer.table, pointer.column, pointer.other))
        rows = self.env.execute_query(
            SQL(
                """ INSERT INTO %(table)s (%(column)s, %(other)s)
                SELECT DISTINCT %(to_id)s, pair.%(other)s FROM %(table)s AS pair
                 WHERE pair.%(column)s = ANY(%(from_ids)s) AND pair.%(other)s != %(itself)s
                   AND NOT EXISTS (SELECT FROM %(table)s AS twin
                                    WHERE twin.%(other)s = pair.%(other)s AND twin.%(column)s = %(to_id)s)
             RETURNING %(other)s
            """,
                table=table,
                column=column,
                other=other,
                to_id=to_id,
                from_ids=list(from_ids),
                itself=to_id if self.env[pointer.model]._fields[pointer.field].comodel_name == TICKET else 0,
            )
        )
        return [Link(pointer.table, pointer.column, to_id, sorted(row_id for (row_id,) in rows))] if rows else []

    @api.model
    def _find_pointing(self, pointer, ticket_ids):
        """The ids of the rows that point at some tickets."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s AS line WHERE %s = ANY(%s) AND %s",
                SQL.identifier(pointer.table),
                SQL.identifier("line", pointer.column),
                [self._get_value(pointer, ticket_id) for ticket_id in ticket_ids],
                self._get_condition(pointer, "line"),
            )
        )
        return [row_id for (row_id,) in rows]

    @api.model
    def _get_dependents(self, pointer):
        """Stored columns of the same rows that are computed from a pointing column.

        :return: list of names
        """
        if pointer.kind == "relation":
            return []
        model = self.env[pointer.model]
        tree = self.pool.get_trigger_tree([model._fields[pointer.field]], select=lambda field: field.compute and field.store)
        return [field.name for field in tree.root if field.model_name == pointer.model and field.column_type]

    @api.model
    def _touch(self, pointer, ids, undoing):
        """Recompute what depends on a repointed column.

        :param bool undoing: whether the journal restores the rows' own columns
        """
        model = self.env[pointer.model]
        field = model._fields[pointer.field]
        tree = (
            None
            if pointer.kind == "relation"
            else self.pool.get_trigger_tree([field], select=lambda dependent: dependent.compute and dependent.store)
        )
        if not ids or not tree:
            return
        # sudo: a user who merges tickets need not see everything that points at them
        records = model.sudo().browse(ids)
        own = tree.root if undoing else []
        with self.env.protecting(own, records):
            records.modified([pointer.field])

    # ------------------------------------------------------------
    # VALUES INSIDE JSON
    # ------------------------------------------------------------

    @api.model
    def _find_json_rows(self, pointers, ticket_ids):
        """Rows whose JSON holds one of these tickets: company-dependent fields and properties.

        :return: list of tuples (Pointer, id, value, names of the properties or None)
        """
        rows = []
        for pointer in pointers:
            if pointer.kind == "company":
                found = self.env.execute_query(
                    SQL(
                        "SELECT id, %(column)s FROM %(table)s WHERE jsonb_path_exists(%(column)s, %(path)s)",
                        column=SQL.identifier(pointer.column),
                        table=SQL.identifier(pointer.table),
                        path=f"$.* ? ({' || '.join(f'@ == {int(ticket_id)}' for ticket_id in ticket_ids)})",
                    )
                )
                rows += [(pointer, row_id, value, None) for row_id, value in found]
        properties = [pointer for pointer in pointers if pointer.kind == "properties"]
        for pointer, definition_ids, names in self._find_definitions(properties):
            field = self.env[pointer.model]._fields[pointer.field]
            found = self.env.execute_query(
                SQL(
                    "SELECT id, %(column)s FROM %(table)s WHERE %(record)s = ANY(%(ids)s) AND %(column)s IS NOT NULL",
                    column=SQL.identifier(pointer.column),
                    table=SQL.identifier(pointer.table),
                    record=SQL.identifier(field.definition_record),
                    ids=definition_ids,
                )
            )
            rows += [
                (pointer, row_id, value, names)
                for row_id, value in found
                if any(set(self._as_list(value.get(name))) & set(ticket_ids) for name in names)
            ]
        return rows

    @api.model
    def _as_list(self, value):
        return value if isinstance(value, list) else [value]

    @api.model
    def _find_definitions(self, pointers):
        """Definitions of properties whose values are tickets.

        :return: list of tuples (Pointer, ids of the defining records, names of the properties)
        """
        places = []
        for pointer in pointers:
            field = self.env[pointer.model]._fields[pointer.field]
            record_field = self.env[pointer.model]._fields[field.definition_record]
            definer = self.env[record_field.comodel_name]
            if record_field.store and definer._fields[field.definition_record_field].store:
                places.append((pointer, definer._table, field.definition_record_field))
        if not places:
            return []
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s, id, %s FROM %s WHERE %s::text LIKE %s",
                    number,
                    SQL.identifier(column),
                    SQL.identifier(table),
                    SQL.identifier(column),
                    f'%"{TICKET}"%',
                )
                for number, (_pointer, table, column) in enumerate(places)
            )
        )
        found = defaultdict(lambda: ([], set()))
        for number, record_id, definition in rows:
            names = {item["name"] for item in definition if item.get("comodel") == TICKET}
            found[number][0].append(record_id)
            found[number][1].update(names)
        return [(places[number][0], ids, names) for number, (ids, names) in found.items() if names]

    @api.model
    def _replace_in_json(self, value, names, from_ids, to_id):
        """The same JSON with some tickets replaced by another."""

        def replaced(item):
            if isinstance(item, list):
                return list(dict.fromkeys(to_id if entry in from_ids else entry for entry in item))
            return to_id if item in from_ids and not isinstance(item, bool) else item

        return {key: replaced(item) if names is None or key in names else item for key, item in value.items()}

    @api.model
    def _replace_all_in_json(self, pointers, from_ids, to_id):
        """Repoint JSON values.

        :return: list of moves that undo it
        """
        return [
            move
            for pointer, row_id, value, names in self._find_json_rows(pointers, from_ids)
            for move in self._change(
                pointer.table,
                [row_id],
                {pointer.column: SQL("%s::jsonb", json.dumps(self._replace_in_json(value, names, from_ids, to_id)))},
            )
        ]
