from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .origin import ORIGIN_MODELS

MOST_TICKETS = 200  # in one merge


class TicketMerge(models.Model):
    """Merging: everything that belongs to the sources goes to the master.

    The sources are archived and keep their followers, because these decide who can read what came
    from there (``origin.py``). A merge is one transaction, and a journal records it so that it can
    be undone.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # CHOOSING
    # ------------------------------------------------------------

    @api.model
    def _merge_choose_masters(self, groups):
        """The ticket of each group that stays: open before closed, then the most messages, then the oldest.

        :param groups: list of lists of ticket ids
        :return: list of records, one for each group
        """
        tickets = self.browse({ticket_id for group in groups for ticket_id in group})
        # sudo: messages are counted, and not shown
        counts = dict(
            self.env["mail.message"]
            .sudo()
            ._read_group(
                [("model", "=", self._name), ("res_id", "in", tickets.ids), ("message_type", "!=", "notification")],
                ["res_id"],
                ["__count"],
            )
        )
        return [
            min(
                self.browse(group),
                key=lambda ticket: (
                    ticket.is_closed or not ticket.active,
                    -counts.get(ticket.id, 0),
                    ticket.create_date,
                    ticket.id,
                ),
            )
            for group in groups
        ]

    def _merge_check(self):
        """Check that these tickets can be merged with each other.

        :raise UserError: when they cannot, with the reason
        :raise AccessError: when the user cannot change all of them
        """
        self.check_access("read")
        self.check_access("write")
        if len(self) < 2:
            raise UserError(self.env._("Choose at least two tickets to merge."))
        if len(self) > MOST_TICKETS:
            raise UserError(self.env._("You can merge up to %s tickets at once.", MOST_TICKETS))
        merged = self.filtered("is_merged")
        if merged:
            raise UserError(self.env._("The ticket #%s was merged already.", merged[0].number))
        if len(self.company_id) > 1:
            raise UserError(self.env._("Tickets of different companies cannot be merged."))

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    def _merge_into(self, master, see_all=None, group=None):
        """Merge these tickets into one of them.

        :param master: the ticket that stays
        :param see_all: records of ``res.partner``: people who become followers of all the tickets
        :param group: record of ``helpdesk_lite.merge.group``, sudoed; its state becomes merged
        :raise UserError: when the tickets cannot be merged
        :raise AccessError: when the user cannot change all of them
        :return: record of ``helpdesk_lite.merge.journal``
        """
        tickets = (self | master).sorted(lambda ticket: (ticket != master, ticket.create_date, ticket.id))
        tickets._merge_lock()
        tickets._merge_check()
        # sudo: everything that points at the tickets is moved, including what the user cannot see
        journal = tickets.sudo()._merge_all(see_all or self.env["res.partner"], group)
        return journal.with_env(self.env)

    def _merge_lock(self):
        """Make merges of the same tickets wait for each other; one order prevents deadlocks."""
        self.env.flush_all()
        self.env.execute_query(SQL("SELECT id FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids))

    def _merge_all(self, see_all, group):
        """The merge itself: the first of these tickets is the master. The caller has checked access."""
        master, sources = self[0], self[1:]
        Journal = self.env["helpdesk_lite.merge.journal"]
        before = Journal._get_snapshot(self._name, self.ids)
        follower_ids = self._merge_get_follower_ids()
        self._merge_grant_visibility(see_all)
        followers = self._merge_get_followers()
        internal = self._merge_filter_internal(set().union(*followers.values()))
        terms = master._merge_get_terms(sources, followers, internal)
        master._merge_copy_followers(sources, followers, internal)
        added = sorted(self._merge_get_follower_ids() - follower_ids)
        moves = [{"op": "add", "table": "mail_followers", "ids": added}] if added else []
        moves += master._merge_move(sources, terms)
        filled, changes = master._merge_fill(sources, terms)
        moves += changes
        master._merge_archive(sources)
        moves += Journal._get_changes(self._name, before, Journal._get_snapshot(self._name, self.ids))
        journal = Journal.create(
            {"master_id": master.id, "group_id": group and group.id, "source_ids": sources.ids, "moves": moves}
        )
        master._merge_note(sources, terms, filled, see_all)
        if group:
            group.state = "merged"
        self.env.invalidate_all()
        return journal

    def _merge_get_follower_ids(self):
        self.env["mail.followers"].flush_model()
        return {
            row_id
            for (row_id,) in self.env.execute_query(
                SQL("SELECT id FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", self._name, self.ids)
            )
        }

    def _merge_copy_followers(self, sources, followers, internal):
        """Employees who follow a source and can see the master anyway become followers of the master.

        Nobody else does, because following a ticket gives access to it.
        """
        candidates = set().union(*(followers[ticket_id] for ticket_id in sources.ids)) - followers[self.id]
        seeing = [partner_id for partner_id, seen in self._merge_get_visible(candidates & internal, followers).items() if seen]
        if seeing:
            self._insert_followers(
                SQL(
                    """ SELECT %s AS res_id, follower.partner_id, chosen.mail_message_subtype_id AS subtype_id
                      FROM mail_followers follower
                      JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                     WHERE follower.res_model = %s AND follower.res_id = ANY(%s) AND follower.partner_id = ANY(%s)
                """,
                    self.id,
                    self._name,
                    sources.ids,
                    seeing,
                )
            )

    def _merge_move(self, sources, terms):
        """Repoint everything that points at the sources to the master.

        :return: list of moves for the journal
        """
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        pointers = self._get_merge_pointers().values()
        used = Repointer._find_used(pointers, sources.ids)
        guarded = Repointer._find_guarded(sorted({pointer.table for pointer in used}))
        inside = [source.id for source in sources if terms[source.id].inside]
        hidden = [source.id for source in sources if not terms[source.id].outside or not terms[source.id].inside]
        moves, dependents = [], []
        for pointer in used:
            if pointer.kind == "own":
                ids = Repointer._link(pointer, inside, self.id) if inside else []
                moves += (
                    [{"op": "link", "table": pointer.table, "column": pointer.column, "to": self.id, "ids": ids}] if ids else []
                )
                continue
            extra = None
            if pointer.model in ORIGIN_MODELS:
                extra = SQL(", merge_origin_id = COALESCE(line.merge_origin_id, former.res_id)")
            if pointer.model == "mail.message" and hidden:
                changes, more = self._merge_make_internal(hidden)
                moves += changes
                extra = SQL("%s %s", extra, more)
            if pointer.model == "ir.attachment" and hidden:
                moves += self._merge_void_file_links(hidden)
            columns = Repointer._get_dependents(pointer)
            if columns:
                dependents.append((pointer, columns, self._merge_get_pointing(pointer, sources, columns)))
            moved = Repointer._move(
                pointer, sources.ids, self.id, guarded=(pointer.table, pointer.column) in guarded, extra=extra
            )
            moves += [
                {"op": "move", "table": pointer.table, "column": pointer.column, "from": source_id, "to": self.id, "ids": ids}
                for source_id, ids in moved.items()
            ]
            if pointer.kind != "relation":
                self.env[pointer.model].invalidate_model(flush=False)
        Journal = self.env["helpdesk_lite.merge.journal"]
        for pointer, columns, before in dependents:
            after = Journal._get_snapshot(pointer.model, before, columns)
            moves += Journal._get_changes(pointer.model, before, after)
        return moves + self._merge_replace_in_json(pointers, sources)

    def _merge_get_pointing(self, pointer, sources, columns):
        """Snapshot of the rows that point at the sources: the columns that depend on it."""
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s AS line WHERE %s = ANY(%s) AND %s",
                SQL.identifier(pointer.table),
                SQL.identifier("line", pointer.column),
                [Repointer._get_value(pointer, source_id) for source_id in sources.ids],
                Repointer._get_condition(pointer, "line"),
            )
        )
        return self.env["helpdesk_lite.merge.journal"]._get_snapshot(pointer.model, [row[0] for row in rows], columns)

    def _merge_make_internal(self, source_ids):
        """Turn messages that people from outside could read into internal notes: other people read the master.

        :return: tuple (moves for the journal, SQL of what to set in the messages)
        """
        note = self.env.ref("mail.mt_note")
        rows = self.env.execute_query(
            SQL(
                """ SELECT message.subtype_id, array_agg(message.id), message.is_internal,
                       md5(to_jsonb(%s)::text), md5(to_jsonb(TRUE)::text)
                  FROM mail_message message
                  JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id AND subtype.internal IS NOT TRUE
                 WHERE message.model = %s AND message.res_id = ANY(%s) AND message.is_internal IS NOT TRUE
                 GROUP BY message.subtype_id, message.is_internal
            """,
                note.id,
                self._name,
                source_ids,
            )
        )
        moves = [
            {
                "op": "set",
                "table": "mail_message",
                "ids": sorted(ids),
                "old": {"subtype_id": subtype_id, "is_internal": is_internal},
                "new": {"subtype_id": note_digest, "is_internal": true_digest},
            }
            for subtype_id, ids, is_internal, note_digest, true_digest in rows
        ]
        ids = [row_id for move in moves for row_id in move["ids"]]
        return moves, SQL(
            """ , is_internal = line.is_internal OR line.id = ANY(%(ids)s),
                subtype_id = CASE WHEN line.id = ANY(%(ids)s) THEN %(note)s ELSE line.subtype_id END
            """,
            ids=ids,
            note=note.id,
        )

    def _merge_void_file_links(self, source_ids):
        """Void links to files that opened nothing before, and would now that the ticket of the file is a public one.

        :return: moves for the journal
        """
        rows = self.env.execute_query(
            SQL(
                """ UPDATE ir_attachment file SET access_token = NULL FROM ir_attachment former
                 WHERE former.id = file.id AND former.res_model = %s AND former.res_id = ANY(%s)
                   AND former.res_field IS NULL AND former.access_token IS NOT NULL
             RETURNING file.id, former.access_token, md5('null')
            """,
                self._name,
                source_ids,
            )
        )
        return [
            {
                "op": "set",
                "table": "ir_attachment",
                "ids": [file_id],
                "old": {"access_token": token},
                "new": {"access_token": digest},
            }
            for file_id, token, digest in sorted(rows)
        ]

    def _merge_replace_in_json(self, pointers, sources):
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        moves = []
        for pointer, row_id, value, names in Repointer._find_json_rows(pointers, sources.ids):
            replaced = Repointer._replace_in_json(value, names, sources.ids, self.id)
            digest = Repointer._write_json(pointer, row_id, replaced)
            moves.append(
                {
                    "op": "set",
                    "table": pointer.table,
                    "ids": [row_id],
                    "old": {pointer.column: value},
                    "new": {pointer.column: digest},
                }
            )
        return moves

    def _merge_archive(self, sources):
        """Archive by SQL: through the ORM, it would delete activities and send e-mails."""
        self.env.cr.execute(
            SQL("UPDATE helpdesk_lite_ticket SET active = FALSE, merge_target_id = %s WHERE id = ANY(%s)", self.id, sources.ids)
        )
        sources.invalidate_recordset(["active", "merge_target_id"], flush=False)
        sources._check_merge_target_id()
        sources.modified(["active", "merge_target_id"])
