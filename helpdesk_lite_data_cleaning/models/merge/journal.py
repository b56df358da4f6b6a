import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.moves import DIGEST, Add, Link, Move, Set, collect, dump, load
from .pointers import TICKET


class MergeJournal(models.Model):
    """What one merge did, row by row, so that it can be undone. A split moves messages the other way, and is kept here too.

    ``moves`` is what ``tools/moves.py`` describes. A place that is not in the registry is skipped.

    An answer to an absorbed ticket is posted on its master. An *addition* to the journal notes it like a
    move, so that it goes back with the rest. It is a row of its own, because mails that arrive at the same
    time must not wait for each other.
    """

    _name = "helpdesk_lite.merge.journal"
    _description = "Journal of a Merge of Tickets"
    _order = "id desc"

    kind = fields.Selection([("merge", "Merge"), ("split", "Split")], readonly=True, required=True, default="merge")
    master_id = fields.Many2one("helpdesk_lite.ticket", readonly=True, required=True, index=True, ondelete="cascade")
    group_id = fields.Many2one("helpdesk_lite.merge.group", readonly=True, ondelete="set null")
    source_ids = fields.Json(readonly=True, required=True, help="Ids of the tickets that were merged into the master.")
    moves = fields.Json(readonly=True, required=True)
    undone = fields.Boolean(readonly=True)
    addition_to_id = fields.Many2one("helpdesk_lite.merge.journal", readonly=True, index="btree_not_null", ondelete="cascade")

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _get_snapshot(self, model, ids, columns=None):
        """Rows as they are in the database, without the long texts of tickets.

        :param str model: name of the model
        :param list ids: ids of the rows
        :param list columns: names of columns; all when None
        :return: dict of id to dict of column to (value, digest)
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """ SELECT line.id, value.key, value.value, %s
                  FROM %s AS line, jsonb_each(to_jsonb(line) - 'description') value
                 WHERE line.id = ANY(%s) AND %s
            """,
                SQL(DIGEST, SQL("value.value")),
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
    def _get_changes(self, model, before, columns=None):
        """What became different since a snapshot.

        :param dict before: what ``_get_snapshot`` returned for these columns
        :return: list of moves that undo it
        """
        rows = []
        for row_id, row in self._get_snapshot(model, before, columns).items():
            changed = [column for column in row if row[column][1] != before[row_id][column][1]]
            old, new = (
                {column: version[column][part] for column in changed} for version, part in ((before[row_id], 0), (row, 1))
            )
            rows.append((row_id, old, new))
        return collect(self.env[model]._table, rows)

    @api.model
    def _add_answer(self, message, answered):
        """Note that a message answers an absorbed ticket, so that it goes there when the merge is undone.

        :param message: record of ``mail.message``
        :param answered: record of ``helpdesk_lite.ticket``, below the message's ticket
        """
        path = [answered.id, *answered._merge_get_path().ids]
        steps = dict(zip(path[1 : path.index(message.res_id) + 1], path, strict=False))
        files = message.attachment_ids.filtered(lambda file: (file.res_model, file.res_id) == (TICKET, message.res_id))
        # sudo: no user reads or writes the journal
        journals = self.sudo().search(
            [("kind", "=", "merge"), ("master_id", "in", list(steps)), ("undone", "=", False), ("addition_to_id", "=", False)]
        )
        vals_list = []
        for journal in journals.filtered(lambda journal: steps[journal.master_id.id] in journal.source_ids):
            master, source = journal.master_id.id, steps[journal.master_id.id]
            moves = [Move(records._table, "res_id", source, master, records.ids) for records in (message, files) if records]
            vals_list.append({"master_id": master, "source_ids": [source], "moves": dump(moves), "addition_to_id": journal.id})
        # sudo: see above
        self.sudo().create(vals_list)

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    def _undo(self):
        """Undo all moves, the last one first. Values that were changed since then stay as they are.

        :raise UserError: when the journal is damaged
        """
        self.ensure_one()
        parts = self.search([("addition_to_id", "=", self.id)]) | self
        try:
            moves = [move for part in parts for move in reversed(load(part.moves))]
        except ValueError as error:
            raise UserError(self.env._("The journal of this merge is damaged. It cannot be undone.")) from error
        pointers = self.env["helpdesk_lite.merge.pointers"]._get_all()
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        guarded = Repointer._find_guarded(sorted({move.table for move in moves if isinstance(move, Move)}))
        for move in moves:
            pointer = pointers.get((move.table, getattr(move, "column", None)))
            match move:
                case Move(source=source, master=master, ids=ids) if pointer:
                    Repointer._move(pointer, [master], source, ids, guarded=pointer[3:5] in guarded, undoing=True)
                case Link(table=table, column=column, master=master, ids=ids) if pointer:
                    table, column, other = map(SQL.identifier, (table, column, pointer.other))
                    self.env.cr.execute(SQL("DELETE FROM %s WHERE %s = %s AND %s = ANY(%s)", table, column, master, other, ids))
                case Add(table="mail_followers", ids=ids):
                    self.env.cr.execute(SQL("DELETE FROM mail_followers WHERE id = ANY(%s)", ids))
                case Set():
                    self._undo_set(pointers, move)
        self.env.invalidate_all(flush=False)
        parts.undone = True

    @api.model
    def _undo_set(self, pointers, move):
        """Restore old values where the new ones were not changed since."""
        models_by_table = {pointer.table: pointer.model for pointer in pointers.values()}
        model = self.env.get({**models_by_table, "helpdesk_lite_ticket": TICKET}.get(move.table))
        if model is None:
            return
        columns = [
            name for name in move.old if name in model._fields and model._fields[name].store and model._fields[name].column_type
        ]
        if not columns:
            return
        self.env.cr.execute(
            SQL(
                """ UPDATE %(table)s AS line SET %(assignments)s
                  FROM jsonb_populate_record(NULL::%(table)s, %(old)s::jsonb) AS former
                 WHERE line.id = ANY(%(ids)s)
            """,
                table=SQL.identifier(move.table),
                old=json.dumps({name: move.old[name] for name in columns}),
                ids=move.ids,
                assignments=SQL(", ").join(
                    SQL(
                        "%(name)s = CASE WHEN %(digest)s = %(new)s THEN former.%(name)s ELSE line.%(name)s END",
                        name=SQL.identifier(name),
                        digest=SQL(DIGEST, SQL.identifier("line", name)),
                        new=move.new.get(name),
                    )
                    for name in columns
                ),
            )
        )
        # values that the same table computes are in the journal themselves
        records = self.env[model._name].browse(move.ids)
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
