import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .origin import ORIGIN_MODELS
from .pointers import TICKET

# the keys of a move in the journal, besides "op", with their types in JSON
MOVES = {
    # rows whose column was repointed to another ticket (ids: of the rows, or, in a table of pairs,
    # of the other column)
    "move": {"table": str, "column": str, "from": int, "to": int, "ids": list},
    # pairs that were added to a relation of a ticket
    "link": {"table": str, "column": str, "to": int, "ids": list},
    # rows that were added
    "add": {"table": str, "ids": list},
    # values that were changed: the old ones, and the MD5 of the new ones in PostgreSQL's JSON
    "set": {"table": str, "ids": list, "old": dict, "new": dict},
}


class MergeJournal(models.Model):
    """What one merge did, row by row, so that it can be undone.

    ``moves`` is a list of JSON objects as described in ``MOVES``. They hold tables, columns, ids
    and values, and nothing in them is ever executed: a place that is not in the registry is skipped.
    """

    _name = "helpdesk_lite.merge.journal"
    _description = "Journal of a Merge of Tickets"
    _order = "id desc"

    master_id = fields.Many2one("helpdesk_lite.ticket", readonly=True, required=True, index=True, ondelete="cascade")
    group_id = fields.Many2one("helpdesk_lite.merge.group", readonly=True, ondelete="set null")
    source_ids = fields.Json(readonly=True, required=True, help="Ids of the tickets that were merged into the master.")
    moves = fields.Json(readonly=True, required=True)
    undone = fields.Boolean(readonly=True)

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _get_snapshot(self, model, ids, columns=None):
        """Rows as they are in the database, without the long texts of tickets.

        :param str model: name of the model
        :param list ids: ids of the rows
        :param list columns: names of columns; all when None
        :return: dict of id to dict of column to (value, MD5 of its JSON)
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """ SELECT line.id, value.key, value.value, md5(value.value::text)
                  FROM %s AS line, jsonb_each(to_jsonb(line) - 'description') value
                 WHERE line.id = ANY(%s) AND %s
            """,
                SQL.identifier(self.env[model]._table),
                list(ids),
                SQL("TRUE") if columns is None else SQL("value.key = ANY(%s)", [*columns, "write_uid", "write_date"]),
            )
        )
        snapshot = {row_id: {} for row_id in ids}
        for row_id, column, value, digest in rows:
            snapshot[row_id][column] = (value, digest)
        return snapshot

    @api.model
    def _get_changes(self, model, before, after):
        """The differences between two snapshots, as moves that undo them; equal changes share a move.

        :return: list of dicts
        """
        changes = {}
        for row_id, row in after.items():
            former = before[row_id]
            changed = [column for column in row if row[column][1] != former[column][1]]
            old = {column: former[column][0] for column in changed}
            new = {column: row[column][1] for column in changed}
            if changed:
                changes.setdefault(json.dumps([old, new], sort_keys=True), (old, new, []))[2].append(row_id)
        return [
            {"op": "set", "table": self.env[model]._table, "ids": ids, "old": old, "new": new}
            for old, new, ids in changes.values()
        ]

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    def _undo(self):
        """Undo all moves, the last one first. Values that were changed since then stay as they are.

        :raise UserError: when the journal is damaged
        """
        self.ensure_one()
        self._check_moves()
        pointers = self.env[TICKET]._get_merge_pointers()
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        guarded = Repointer._find_guarded(sorted({move["table"] for move in self.moves if move["op"] == "move"}))
        self._undo_since(pointers)
        for move in reversed(self.moves):
            pointer = pointers.get((move["table"], move.get("column")))
            if move["op"] == "move" and pointer:
                Repointer._move(
                    pointer,
                    [move["to"]],
                    move["from"],
                    move["ids"],
                    guarded=pointer[3:5] in guarded,
                    extra=self._get_undo_extra(pointer, move["from"]),
                    undoing=True,
                )
            elif move["op"] == "link" and pointer:
                self._undo_link(pointer, move)
            elif move["op"] == "add" and move["table"] == "mail_followers":
                self.env.cr.execute(SQL("DELETE FROM mail_followers WHERE id = ANY(%s)", move["ids"]))
            elif move["op"] == "set":
                self._undo_set(pointers, move)
        self.env.invalidate_all(flush=False)

    def _check_moves(self):
        for move in self.moves if isinstance(self.moves, list) else [None]:
            types = MOVES.get(move.get("op"), {"op": None}) if isinstance(move, dict) else {"op": None}
            if not all(kind and isinstance(move.get(key), kind) for key, kind in types.items()):
                raise UserError(self.env._("The journal of this merge is damaged. It cannot be undone."))

    @api.model
    def _get_undo_extra(self, pointer, source_id):
        if pointer.model not in ORIGIN_MODELS:
            return None
        return SQL(", merge_origin_id = NULLIF(line.merge_origin_id, %s)", source_id)

    def _undo_since(self, pointers):
        """Move answers that arrived after the merge to the source that they answer.

        An answer to a ticket that had been merged into a source before goes to that source.
        """
        descendants = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE step AS (
                    SELECT id AS source_id, id FROM helpdesk_lite_ticket WHERE id = ANY(%s)
                     UNION
                    SELECT step.source_id, next.id
                      FROM helpdesk_lite_ticket next JOIN step ON next.merge_target_id = step.id
                )
                SELECT source_id, id FROM step
            """,
                self.source_ids,
            )
        )
        moved = {}
        for move in self.moves:
            if move["op"] == "move":
                moved.setdefault(move["table"], []).extend(move["ids"])
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        for name in ORIGIN_MODELS:
            table = self.env[name]._table
            pointer = pointers[table, "res_id"]
            rows = self.env.execute_query(
                SQL(
                    """ UPDATE %(table)s AS line
                       SET res_id = step.source_id, merge_origin_id = NULLIF(line.merge_origin_id, step.source_id)
                      FROM (SELECT unnest(%(sources)s) AS source_id, unnest(%(origins)s) AS id) step
                     WHERE line.merge_origin_id = step.id AND line.res_id = %(master)s AND %(condition)s
                       AND line.id != ALL(%(moved)s)
                 RETURNING line.id
                """,
                    table=SQL.identifier(table),
                    master=self.master_id.id,
                    condition=Repointer._get_condition(pointer, "line"),
                    sources=[row[0] for row in descendants],
                    origins=[row[1] for row in descendants],
                    moved=moved.get(table, []),
                )
            )
            Repointer._touch(pointer, [row_id for (row_id,) in rows], undoing=False)

    @api.model
    def _undo_link(self, pointer, move):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s = %s AND %s = ANY(%s)",
                SQL.identifier(pointer.table),
                SQL.identifier(pointer.column),
                move["to"],
                SQL.identifier(pointer.other),
                move["ids"],
            )
        )

    @api.model
    def _undo_set(self, pointers, move):
        """Restore old values where the new ones were not changed since."""
        models_by_table = {pointer.table: pointer.model for pointer in pointers.values()}
        model = self.env.get({**models_by_table, "helpdesk_lite_ticket": TICKET}.get(move["table"]))
        if model is None:
            return
        columns = [
            name
            for name in move["old"]
            if name in model._fields and model._fields[name].store and model._fields[name].column_type
        ]
        if not columns:
            return
        self.env.cr.execute(
            SQL(
                """ UPDATE %(table)s AS line SET %(assignments)s
                  FROM jsonb_populate_record(NULL::%(table)s, %(old)s::jsonb) AS former
                 WHERE line.id = ANY(%(ids)s)
            """,
                table=SQL.identifier(move["table"]),
                old=json.dumps({name: move["old"][name] for name in columns}),
                ids=move["ids"],
                assignments=SQL(", ").join(
                    SQL(
                        "%(name)s = CASE WHEN md5(COALESCE(to_jsonb(line.%(name)s)::text, 'null')) = %(new)s"
                        " THEN former.%(name)s ELSE line.%(name)s END",
                        name=SQL.identifier(name),
                        new=move["new"].get(name),
                    )
                    for name in columns
                ),
            )
        )
        # values that the same table computes are in the journal themselves
        records = self.env[model._name].browse(move["ids"])
        records.invalidate_recordset(flush=False)
        outside = [
            name
            for name in columns
            if self.pool.get_trigger_tree(
                [model._fields[name]],
                select=lambda dependent: dependent.compute and dependent.store and dependent.model_name != model._name,
            )
        ]
        if outside:
            own = [field for field in model._fields.values() if field.compute and field.store]
            with self.env.protecting(own, records):
                records.modified(outside)
