from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .merge_group import MOST_TICKETS
from .merge_mover import ORIGIN_MODELS


class TicketMerge(models.Model):
    """Tickets that turned out to be one: everything of the sources goes to the master.

    The sources are archived and keep their followers, for these decide who reads what came
    from there (``merge_origin.py``). All of it is one transaction, and is written down in a
    journal from which it can be undone.
    """

    _inherit = "helpdesk_lite.ticket"
    _rec_names_search = ["number", "name", "partner_name", "partner_email", "merged_numbers"]

    merge_target_id = fields.Many2one(
        "helpdesk_lite.ticket", "Master", readonly=True, copy=False, index="btree_not_null", ondelete="restrict",
        groups="base.group_system", export_string_translation=False,
    )
    merged_into_id = fields.Many2one(
        "helpdesk_lite.ticket", "Merged into", compute="_compute_merged_into_id", search="_search_merged_into_id",
        help="The ticket that goes on in the place of this one. Empty for who may not see it.",
    )
    is_merged = fields.Boolean(compute="_compute_is_merged", export_string_translation=False)
    merged_ticket_ids = fields.Many2many(
        "helpdesk_lite.ticket", string="Merged Tickets", compute="_compute_merged_ticket_ids",
        context={"active_test": False},
        help="Tickets that were merged into this one, as far as you may see them.",
    )
    merged_numbers = fields.Char(
        "Numbers of Merged Tickets", compute="_compute_merged_numbers", search="_search_merged_numbers",
        help="Numbers of the tickets that were merged into this one.",
    )
    can_undo_merge = fields.Boolean(compute="_compute_can_undo_merge", export_string_translation=False)

    _merged_is_archived = models.Constraint(
        "CHECK (merge_target_id IS NULL OR NOT active)",
        "A ticket that was merged into another one stays archived. Undo the merge to bring it back.",
    )
    _not_into_itself = models.Constraint("CHECK (merge_target_id != id)", "A ticket cannot be merged into itself.")

    @api.depends("merge_target_id")
    def _compute_is_merged(self):
        # sudo: that a ticket goes on elsewhere is no secret, where is
        for ticket, ticket_sudo in zip(self, self.sudo(), strict=True):
            ticket.is_merged = bool(ticket_sudo.merge_target_id)

    @api.depends("merge_target_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_into_id(self):
        # sudo: the stored field is readable for nobody, the next line cuts to what the user sees
        targets = self.sudo().merge_target_id.with_env(self.env)
        seen = targets if self.env.su else targets.with_context(active_test=False)._filtered_access("read")
        # sudo: see above
        for ticket, ticket_sudo in zip(self, self.sudo(), strict=True):
            target = ticket_sudo.merge_target_id.with_env(self.env)
            ticket.merged_into_id = target if target.id in seen.ids else False

    def _search_merged_into_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        seen = Domain("merge_target_id", "=", False) if False in value else Domain.FALSE
        targets = self.with_context(active_test=False).search([("id", "in", [item for item in value if item])])
        # sudo: the stored field is readable for nobody; of masters only those that the user sees are asked for
        return Domain("id", "in", self.sudo().with_context(active_test=False)._search(
            seen | Domain("merge_target_id", "in", targets.ids),
        ))

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_ticket_ids(self):
        merged = self.with_context(active_test=False).search([("merged_into_id", "in", self.ids)])
        for ticket in self:
            ticket.merged_ticket_ids = merged.filtered(lambda source, target=ticket: source.merged_into_id == target)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_merged_numbers(self):
        for ticket in self:
            ticket.merged_numbers = ", ".join(filter(None, ticket.merged_ticket_ids.mapped("number")))

    def _search_merged_numbers(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        # the sources are searched with the user's rights: whose number is unknown finds nothing
        sources = self.with_context(active_test=False).search([("number", operator, value), ("merged_into_id", "!=", False)])
        # sudo: steps between a source and the last master need not be seen to find it
        return Domain("id", "in", [source._merge_get_root().id for source in sources.sudo()])

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_undo_merge(self):
        for ticket in self:
            journal = ticket._merge_get_journal() if ticket.merged_ticket_ids else None
            ticket.can_undo_merge = bool(journal) and not ticket.is_merged and ticket._merge_may_undo(journal)

    @api.constrains("merge_target_id")
    def _check_merge_target_id(self):
        # sudo: a circle is one whoever sees it
        if self.sudo()._has_cycle("merge_target_id"):
            raise ValidationError(self.env._("Tickets cannot be merged in a circle."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_master(self):
        # sudo: tickets that the user may not see are kept from harm as well
        masters = self.sudo().with_context(active_test=False).search([("merge_target_id", "in", self.ids)]).merge_target_id
        if masters:
            raise UserError(self.env._(
                "Other tickets were merged into #%s. Undo the merge before you delete it.", masters[0].number,
            ))

    def unlink(self):
        """What came from a deleted source belongs to the master, where its readers were the same; else it goes too."""
        # sudo: the deleted ticket's content is followed to where it was moved
        for ticket in self.sudo().filtered("merge_target_id"):
            root = ticket._merge_get_root()
            if not root._merge_get_terms(ticket)[ticket.id].inside:
                for name in ORIGIN_MODELS:
                    # sudo: see above
                    self.env[name].sudo().search([("merge_origin_id", "=", ticket.id)]).unlink()
        return super().unlink()

    # ------------------------------------------------------------
    # CHAINS
    # ------------------------------------------------------------

    def _merge_get_steps(self):
        """The tickets that something of these tickets came through on its way to the last master.

        :return: dict of id to list of ids, itself first, the last master left out
        """
        rows = self.env.execute_query(SQL(
            """ WITH RECURSIVE step AS (
                    SELECT id AS origin_id, id, merge_target_id FROM helpdesk_lite_ticket WHERE id = ANY(%s)
                     UNION
                    SELECT step.origin_id, next.id, next.merge_target_id
                      FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                )
                SELECT origin_id, id FROM step WHERE merge_target_id IS NOT NULL
            """, self.ids,
        ))
        steps = {ticket_id: [] for ticket_id in self.ids}
        for origin_id, step_id in rows:
            steps[origin_id].append(step_id)
        return steps

    def _merge_get_root(self):
        """The ticket that goes on in the place of this one, through all merges: itself when not merged.

        :return: record
        """
        self.ensure_one()
        self.flush_model(["merge_target_id"])
        rows = self.env.execute_query(SQL(
            """ WITH RECURSIVE step AS (
                    SELECT id, merge_target_id FROM helpdesk_lite_ticket WHERE id = %s
                     UNION
                    SELECT next.id, next.merge_target_id
                      FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                )
                SELECT id FROM step WHERE merge_target_id IS NULL
            """, self.id,
        ))
        return self.browse(rows[0]) if rows else self

    # ------------------------------------------------------------
    # CHOOSING
    # ------------------------------------------------------------

    @api.model
    def _merge_choose_masters(self, groups):
        """The ticket of each group that stays: an open one before closed ones, most messages, oldest.

        :param groups: list of lists of ticket ids
        :return: list of records, one of each group
        """
        tickets = self.browse({ticket_id for group in groups for ticket_id in group})
        # sudo: messages are counted to decide, and not shown
        counts = dict(self.env["mail.message"].sudo()._read_group(
            [("model", "=", self._name), ("res_id", "in", tickets.ids), ("message_type", "!=", "notification")],
            ["res_id"], ["__count"],
        ))
        return [
            min(self.browse(group), key=lambda ticket: (
                ticket.is_closed or not ticket.active, -counts.get(ticket.id, 0), ticket.create_date, ticket.id,
            ))
            for group in groups
        ]

    def action_merge(self):
        """Show these tickets as one group that can be merged.

        :raise UserError: when they are too few or too many, or cannot be merged with each other
        :raise AccessError: when the user may not change all of them
        :return: the action of the group's page; its ``res_id`` is the group
        """
        tickets = self.browse(dict.fromkeys(self.ids)).exists()
        tickets._merge_check()
        group = self.env["helpdesk_lite.merge.group"]._create_groups([{"ticket_ids": tickets.ids}])
        action = self.env["ir.actions.actions"]._for_xml_id("helpdesk_lite_data_cleaning.merge_group_action")
        return {**action, "res_id": group.id, "views": [(False, "form")], "view_mode": "form"}

    def _merge_check(self):
        """Whether these tickets can be merged with each other.

        :raise UserError: when not, with a sentence that says why
        :raise AccessError: when the user may not change all of them
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
        :param see_all: records of ``res.partner`` who shall see all that the tickets hold
        :param group: record of ``helpdesk_lite.merge.group``, sudoed; it becomes merged
        :raise UserError: when the tickets cannot be merged
        :raise AccessError: when the user may not change all of them
        :return: record of ``helpdesk_lite.merge.journal``
        """
        tickets = (self | master).sorted(lambda ticket: (ticket != master, ticket.create_date, ticket.id))
        tickets._merge_lock()
        tickets._merge_check()
        # sudo: everything that points at the tickets goes with them, also what the user cannot see
        journal = tickets.sudo()._merge_all(see_all or self.env["res.partner"], group)
        return journal.with_env(self.env)

    def _merge_lock(self):
        """Let merges of the same tickets wait for each other, in the same order."""
        self.env.flush_all()
        self.env.execute_query(SQL(
            "SELECT id FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids,
        ))

    def _merge_all(self, see_all, group):
        """The merge itself: the first of these tickets is the master, access was checked."""
        master, sources = self[0], self[1:]
        Journal = self.env["helpdesk_lite.merge.journal"]
        before = Journal._get_snapshot(self._name, self.ids)
        follower_ids = self._merge_get_follower_ids()
        self._merge_give_sight(see_all)
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
        journal = Journal.create({
            "master_id": master.id, "group_id": group and group.id, "source_ids": sources.ids, "moves": moves,
        })
        master._merge_note(sources, terms, filled, see_all)
        if group:
            group.state = "merged"
        self.env.invalidate_all()
        return journal

    def _merge_get_follower_ids(self):
        self.env["mail.followers"].flush_model()
        return {row_id for (row_id,) in self.env.execute_query(SQL(
            "SELECT id FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", self._name, self.ids,
        ))}

    def _merge_copy_followers(self, sources, followers, internal):
        """Employees who follow a source and see the master anyway follow the master as well.

        Nobody else does: to follow is to see.
        """
        candidates = set().union(*(followers[ticket_id] for ticket_id in sources.ids)) - followers[self.id]
        seeing = [
            partner_id for partner_id, seen in self._merge_get_sight(candidates & internal, followers).items() if seen
        ]
        if seeing:
            self._insert_followers(SQL(
                """ SELECT %s AS res_id, follower.partner_id, chosen.mail_message_subtype_id AS subtype_id
                      FROM mail_followers follower
                      JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                     WHERE follower.res_model = %s AND follower.res_id = ANY(%s) AND follower.partner_id = ANY(%s)
                """, self.id, self._name, sources.ids, seeing,
            ))

    def _merge_move(self, sources, terms):
        """Let everything that points at the sources point at the master.

        :return: list of moves for the journal
        """
        Mover = self.env["helpdesk_lite.merge.mover"]
        pointers = self._get_merge_pointers().values()
        used = Mover._find_used(pointers, sources.ids)
        guarded = Mover._find_guarded(sorted({pointer.table for pointer in used}))
        inside = [source.id for source in sources if terms[source.id].inside]
        hidden = [source.id for source in sources if not terms[source.id].outside or not terms[source.id].inside]
        moves, dependents = [], []
        for pointer in used:
            if pointer.kind == "own":
                ids = Mover._link(pointer, inside, self.id) if inside else []
                moves += [{
                    "op": "link", "table": pointer.table, "column": pointer.column, "to": self.id, "ids": ids,
                }] if ids else []
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
            columns = Mover._get_dependents(pointer)
            if columns:
                dependents.append((pointer, columns, self._merge_get_pointing(pointer, sources, columns)))
            moved = Mover._move(
                pointer, sources.ids, self.id, guarded=(pointer.table, pointer.column) in guarded, extra=extra,
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
        """What the rows that point at the sources hold in columns that depend on it."""
        Mover = self.env["helpdesk_lite.merge.mover"]
        rows = self.env.execute_query(SQL(
            "SELECT id FROM %s AS line WHERE %s = ANY(%s) AND %s",
            SQL.identifier(pointer.table), SQL.identifier("line", pointer.column),
            [Mover._get_value(pointer, source_id) for source_id in sources.ids], Mover._get_condition(pointer, "line"),
        ))
        return self.env["helpdesk_lite.merge.journal"]._get_snapshot(pointer.model, [row[0] for row in rows], columns)

    def _merge_make_internal(self, source_ids):
        """Messages that people from outside could read become internal notes: others read the master.

        :return: tuple (moves for the journal, SQL of what to set in the messages that move)
        """
        note = self.env.ref("mail.mt_note")
        rows = self.env.execute_query(SQL(
            """ SELECT message.subtype_id, array_agg(message.id), message.is_internal,
                       md5(to_jsonb(%s)::text), md5(to_jsonb(TRUE)::text)
                  FROM mail_message message
                  JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id AND subtype.internal IS NOT TRUE
                 WHERE message.model = %s AND message.res_id = ANY(%s) AND message.is_internal IS NOT TRUE
                 GROUP BY message.subtype_id, message.is_internal
            """, note.id, self._name, source_ids,
        ))
        moves = [
            {
                "op": "set", "table": "mail_message", "ids": sorted(ids),
                "old": {"subtype_id": subtype_id, "is_internal": is_internal},
                "new": {"subtype_id": note_digest, "is_internal": true_digest},
            }
            for subtype_id, ids, is_internal, note_digest, true_digest in rows
        ]
        ids = [row_id for move in moves for row_id in move["ids"]]
        return moves, SQL(
            """ , is_internal = line.is_internal OR line.id = ANY(%(ids)s),
                subtype_id = CASE WHEN line.id = ANY(%(ids)s) THEN %(note)s ELSE line.subtype_id END
            """, ids=ids, note=note.id,
        )

    def _merge_void_file_links(self, source_ids):
        """Files that links did not open must not be opened by old ones because the master is public.

        :return: moves for the journal
        """
        rows = self.env.execute_query(SQL(
            """ UPDATE ir_attachment file SET access_token = NULL FROM ir_attachment former
                 WHERE former.id = file.id AND former.res_model = %s AND former.res_id = ANY(%s)
                   AND former.res_field IS NULL AND former.access_token IS NOT NULL
             RETURNING file.id, former.access_token, md5('null')
            """, self._name, source_ids,
        ))
        return [
            {
                "op": "set", "table": "ir_attachment", "ids": [file_id],
                "old": {"access_token": token}, "new": {"access_token": digest},
            }
            for file_id, token, digest in sorted(rows)
        ]

    def _merge_replace_in_json(self, pointers, sources):
        Mover = self.env["helpdesk_lite.merge.mover"]
        moves = []
        for pointer, row_id, value, names in Mover._find_json_rows(pointers, sources.ids):
            replaced = Mover._replace_in_json(value, names, sources.ids, self.id)
            digest = Mover._write_json(pointer, row_id, replaced)
            moves.append({
                "op": "set", "table": pointer.table, "ids": [row_id],
                "old": {pointer.column: value}, "new": {pointer.column: digest},
            })
        return moves

    def _merge_archive(self, sources):
        """By SQL: archiving by the ORM would drop activities and send mails."""
        self.env.cr.execute(SQL(
            "UPDATE helpdesk_lite_ticket SET active = FALSE, merge_target_id = %s WHERE id = ANY(%s)", self.id, sources.ids,
        ))
        sources.invalidate_recordset(["active", "merge_target_id"], flush=False)
        sources._check_merge_target_id()
        sources.modified(["active", "merge_target_id"])

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    def _merge_get_journal(self):
        """The last merge into this ticket that was not undone.

        :return: record of ``helpdesk_lite.merge.journal``, sudoed
        """
        # sudo: nobody reads the journal; it serves who may change all its tickets
        return self.env["helpdesk_lite.merge.journal"].sudo().search(
            [("master_id", "=", self.id), ("undone", "=", False)], limit=1,
        )

    def _merge_may_undo(self, journal):
        """Whether all tickets of a merge are there, and the user may change them."""
        tickets = (self | self.browse(journal.source_ids)).with_context(active_test=False)
        present = tickets.exists()
        return present == tickets and len(tickets._filtered_access("read")._filtered_access("write")) == len(tickets)

    def action_open_merged_tickets(self):
        """Show the tickets that were merged into this one.

        :return: an action: of a form for one ticket, of a list for several
        """
        self.ensure_one()
        tickets = self.merged_ticket_ids
        if len(tickets) == 1:
            return tickets.get_formview_action()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Merged Tickets"), "res_model": self._name,
            "views": [(False, "list"), (False, "form")], "domain": [("id", "in", tickets.ids)],
            "context": {"active_test": False, "create": False},
        }

    def action_undo_merge(self):
        """Take the last merge into each of these tickets back.

        :raise UserError: when there is none, or it cannot be undone any more
        :raise AccessError: when the user may not change all its tickets
        :return: True
        """
        for ticket in self:
            ticket.check_access("write")
            journal = ticket._merge_get_journal()
            if not journal:
                raise UserError(self.env._("Nothing was merged into the ticket #%s.", ticket.number))
            if ticket.is_merged:
                raise UserError(self.env._(
                    "The ticket #%s was itself merged into another one since. Undo that merge first.", ticket.number,
                ))
            sources = ticket.browse(journal.source_ids).with_context(active_test=False)
            if sources.exists() != sources:
                raise UserError(self.env._(
                    "A ticket that was merged into #%s has been deleted. The merge cannot be undone any more.", ticket.number,
                ))
            sources.check_access("read")
            sources.check_access("write")
            (ticket | sources)._merge_lock()
            journal._undo()
            journal.undone = True
            journal.group_id.state = "undone"
            ticket._merge_note_undone(sources)
        return True
