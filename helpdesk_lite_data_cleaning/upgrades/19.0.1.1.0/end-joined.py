"""Put back what former merges moved away from its readers.

Every merge moved everything to the master, and each row told where it came from, so that it could be hidden from those
who could not see that ticket. Now tickets with other readers are joined and keep what is theirs. This reads the journal of
every merge that was not undone, the last one first, as undoing does.
"""

import logging

from odoo import SUPERUSER_ID, api
from odoo.addons.helpdesk_lite_data_cleaning.tools.moves import DIGEST, Move, Set, dump, load
from odoo.tools import SQL
from odoo.tools.sql import column_exists

_logger = logging.getLogger(__name__)

TICKET = "helpdesk_lite.ticket"
BATCH = 100
# models whose rows told where they came from, and the column that names the model of their record
ORIGINS = {
    "mail.message": "model",
    "mail.activity": "res_model",
    "mail.scheduled.message": "model",
    "ir.attachment": "res_model",
}


def migrate(cr, version):
    rows, tickets = put_back(api.Environment(cr, SUPERUSER_ID, {"active_test": False}))
    _logger.info("Merged tickets that have readers of their own again: %s. Rows that went back to them: %s.", tickets, rows)


def put_back(env):
    """Put back the rows of all merges that were not undone.

    :return: tuple (number of rows that went back, number of tickets that are joined now)
    """
    Journal = env["helpdesk_lite.merge.journal"]
    ids = Journal.search([("undone", "=", False), ("addition_to_id", "=", False)], order="id desc").ids
    rows = tickets = 0
    for start in range(0, len(ids), BATCH):
        for journal in Journal.browse(ids[start : start + BATCH]):
            moved, joined = _put_back(journal)
            rows, tickets = rows + moved, tickets + joined
        env.flush_all()
        env.invalidate_all()
    return rows, tickets


def _put_back(journal):
    """Join the sources of one merge that could not be absorbed today, and keep the others absorbed.

    :return: tuple (number of rows that went back, number of joined sources)
    """
    master = journal.master_id
    sources = master.browse(journal.source_ids).exists().filtered(lambda source: source.merge_target_id == master)
    compared = master._merge_compare(sources, ())
    joined = sources.filtered(lambda source: compared[source.id][0])
    try:
        moves = load(journal.moves)
    except ValueError:
        _logger.warning("The journal %s is damaged: its tickets stay as they are.", journal.id)
        return 0, 0
    places = [master.id, *master._merge_get_path().ids]
    rows = sum(_put_back_source(journal, moves, source, places) for source in joined)
    for source in sources - joined:
        _note_answers(journal, moves, source, places)
    joined.env.cr.execute(SQL("UPDATE helpdesk_lite_ticket SET merge_kind = 'joined' WHERE id = ANY(%s)", joined.ids))
    journal.moves = dump(_with_kinds(journal, moves, joined))
    journal.env.flush_all()
    journal.env.invalidate_all()
    return rows, len(joined)


def _put_back_source(journal, moves, source, places):
    env = journal.env
    pointers = env["helpdesk_lite.merge.pointers"]._get_all()
    Repointer = env["helpdesk_lite.merge.repointer"]
    own = [move for move in reversed(moves) if isinstance(move, Move) and move.source == source.id]
    guarded = Repointer._find_guarded(sorted({move.table for move in own}))
    back = {}
    for move in own:
        pointer = pointers.get((move.table, move.column))
        if pointer:
            undone = Repointer._move(pointer, places, source.id, move.ids, guarded=pointer[3:5] in guarded, undoing=True)
            back.setdefault(move.table, set()).update(row_id for part in undone for row_id in part.ids)
    # what was made a note, the voided links of files, what was computed from the ticket
    for move in reversed(moves):
        ids = back.get(move.table, set()).intersection(move.ids) if isinstance(move, Set) else ()
        if ids and move.table != source._table:
            journal._undo_set(pointers, move._replace(ids=sorted(ids)))
    return sum(map(len, back.values())) + sum(_put_back_answers(env, name, source, places) for name in ORIGINS)


def _find_answers(env, name, source, places):
    """SQL condition on rows of a model that came from a source, or from a ticket below it, and are with its masters."""
    below = [*source.ids, *source._merge_get_kinds()]
    return SQL(
        "line.merge_origin_id = ANY(%s) AND line.res_id = ANY(%s) AND line.%s = %s",
        below,
        places,
        SQL.identifier(ORIGINS[name]),
        TICKET,
    )


def _put_back_answers(env, name, source, places):
    """What came after the merge, and the note on the master that named a hidden source."""
    table = env[name]._table
    if not column_exists(env.cr, table, "merge_origin_id"):
        return 0
    condition = _find_answers(env, name, source, places)
    if name == "mail.message":
        # answers of customers had been made notes, because other people read the master
        env.cr.execute(
            SQL(
                """ UPDATE mail_message line SET is_internal = FALSE, subtype_id = %s
                 WHERE line.message_type IN ('comment', 'email') AND line.is_internal
                   AND COALESCE((SELECT partner_share FROM res_partner WHERE id = line.author_id), TRUE) AND %s
            """,
                env.ref("mail.mt_comment").id,
                condition,
            )
        )
    env.cr.execute(SQL("UPDATE %s line SET res_id = %s WHERE %s", SQL.identifier(table), source.id, condition))
    return env.cr.rowcount


def _note_answers(journal, moves, source, places):
    """Additions to the journal for what answered an absorbed source after the merge: undoing takes it back."""
    env = journal.env
    found = []
    for name in ORIGINS:
        table = env[name]._table
        if not column_exists(env.cr, table, "merge_origin_id"):
            continue
        known = [row_id for move in moves if isinstance(move, Move) and move.table == table for row_id in move.ids]
        ids = env.execute_query(
            SQL(
                "SELECT id FROM %s line WHERE %s AND id != ALL(%s) ORDER BY id",
                SQL.identifier(table),
                _find_answers(env, name, source, places),
                known,
            )
        )
        if ids:
            found.append(Move(table, "res_id", source.id, journal.master_id.id, [row_id for (row_id,) in ids]))
    if found:
        journal.create(
            {"master_id": journal.master_id.id, "source_ids": source.ids, "moves": dump(found), "addition_to_id": journal.id}
        )


def _with_kinds(journal, moves, joined):
    """The moves, so that undoing them forgets how the tickets were merged."""
    digests = dict(
        journal.env.execute_query(
            SQL("SELECT kind, %s FROM unnest(ARRAY['absorbed', 'joined']) kind", SQL(DIGEST, SQL("kind")))
        )
    )
    result = []
    for move in moves:
        if isinstance(move, Set) and "merge_target_id" in move.old and "merge_kind" not in move.old:
            old = {**move.old, "merge_kind": None}
            for kind, digest in digests.items():
                ids = [row_id for row_id in move.ids if (row_id in joined.ids) == (kind == "joined")]
                if ids:
                    result.append(Set(move.table, ids, old, {**move.new, "merge_kind": digest}))
        else:
            result.append(move)
    return result
