from typing import NamedTuple

from markupsafe import Markup, escape
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.moves import Add, dump
from .pointers import TICKET
from .readers import EVERYBODY, LINK

MOST_TICKETS = 200  # in one merge


class Plan(NamedTuple):
    """What becomes of the sources of a merge. Those in ``absorbed`` become part of the master, the others are joined.

    ``obstacles`` says by source id what is in the way of absorbing it, ``gains`` who would gain sight of it.
    """

    master: models.Model
    absorbed: models.Model
    joined: models.Model
    obstacles: dict
    gains: dict


class Merge(models.AbstractModel):
    """Merges tickets: *tickets of one customer in one team become one; any others are joined, and keep their own readers.*

    What an absorbed ticket had goes to the master, and is the master's. A joined ticket is archived under it, and
    nothing else about it changes. A merge is one transaction, and a journal records it so that it can be undone.
    """

    _name = "helpdesk_lite.merge"
    _description = "Merges Tickets"

    # ------------------------------------------------------------
    # CHOOSING
    # ------------------------------------------------------------

    @api.model
    def _choose_masters(self, groups):
        """The ticket of each group that stays: open before closed, then the most messages, then the oldest.

        :param groups: list of lists of ticket ids
        :return: list of records, one for each group
        """
        tickets = self.env[TICKET].browse({ticket_id for group in groups for ticket_id in group})
        # sudo: messages are counted, and not shown
        counts = dict(
            self.env["mail.message"]
            .sudo()
            ._read_group(
                [("model", "=", TICKET), ("res_id", "in", tickets.ids), ("message_type", "!=", "notification")],
                ["res_id"],
                ["__count"],
            )
        )
        return [
            min(
                tickets.browse(group),
                key=lambda ticket: (
                    ticket.is_closed or not ticket.active,
                    -counts.get(ticket.id, 0),
                    ticket.opened_on,
                    ticket.id,
                ),
            )
            for group in groups
        ]

    @api.model
    def _check(self, tickets):
        """Check that tickets can be merged with each other.

        :raise UserError: when they cannot, with the reason
        :raise AccessError: when the user cannot change all of them
        """
        tickets.check_access("read")
        tickets.check_access("write")
        if len(tickets) < 2:
            raise UserError(self.env._("Choose at least two tickets to merge."))
        if len(tickets) > MOST_TICKETS:
            raise UserError(self.env._("You can merge up to %s tickets at once.", MOST_TICKETS))
        for ticket in tickets:
            if departure := ticket._get_departure():
                raise UserError(departure)
        if len(tickets.company_id) > 1:
            raise UserError(self.env._("Tickets of different companies cannot be merged."))

    @api.model
    def _plan(self, master, sources, accepted=(), named=None):
        """What would become of each source.

        :param master: the ticket that stays
        :param sources: the tickets that are merged into it
        :param dict accepted: source id to the set of people (keys of ``Plan.gains``) who may gain sight of it, in the
            words of the user; the source is absorbed whatever is in the way
        :param named: ids of the sources of which it is asked who would gain sight; all when None
        :raise UserError: when other people would gain sight of such a source
        :return: Plan
        """
        compared = master._merge_compare(sources, named)
        obstacles = {source_id: obstacle for source_id, (obstacle, _gains) in compared.items() if obstacle}
        gains = {source_id: gains for source_id, (obstacle, gains) in compared.items() if obstacle}
        for source in sources:
            if source.id in accepted and not gains.get(source.id, {}).keys() <= accepted[source.id]:
                self._refuse_gains(source)
        joined = sources.filtered(lambda source: source.id in obstacles and source.id not in accepted)
        return Plan(master, sources - joined, joined, obstacles, gains)

    @api.model
    def _refuse_gains(self, source):
        """Refuse to let people see a ticket who are not those that somebody was shown.

        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "Meanwhile, other people would gain sight of the ticket #%s. Reload the page and look at their names again.",
                source.number,
            )
        )

    @api.model
    def _get_names(self, gains):
        """The names of those who would gain sight.

        :param dict gains: of one source, as in a plan
        :return: list of str
        """
        unnamed = {EVERYBODY: self.env._("all employees"), LINK: self.env._("everybody who was given the access link")}
        return [name or unnamed[key] for key, name in gains.items()]

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    @api.model
    def _begin(self, tickets):
        """Lock and check tickets that are to be merged: what is decided about them afterwards stays true.

        :raise UserError: when the tickets cannot be merged
        :raise AccessError: when the user cannot change all of them
        """
        self._lock(tickets)
        self._check(tickets)

    @api.model
    def _merge(self, master, sources, accepted=None, group=None):
        """Merge tickets into one of them, after ``_begin``.

        :param master: the ticket that stays
        :param sources: the others
        :param dict accepted: see ``_plan``
        :param group: record of ``helpdesk_lite.merge.group``, sudoed; its state becomes merged
        :raise UserError: when other people would gain sight than those who were accepted
        """
        sources = sources.sorted(lambda ticket: (ticket.opened_on, ticket.id))
        plan = self._plan(master, sources, accepted or {}, named=accepted or {})
        # sudo: everything that points at absorbed tickets is moved, including what the user cannot see
        self.sudo()._carry_out(plan, sources.sudo(), group)

    @api.model
    def _lock(self, tickets):
        """Make merges of the same tickets wait for each other; one order prevents deadlocks.

        The rows are written as well. A transaction that waits for them would go on with what it saw before, and miss
        what another merge brought to its tickets; so it fails instead, and is tried again.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """ WITH locked AS (SELECT id FROM helpdesk_lite_ticket WHERE id = ANY(%s) ORDER BY id FOR UPDATE)
                UPDATE helpdesk_lite_ticket ticket SET write_date = ticket.write_date FROM locked WHERE ticket.id = locked.id
            """,
                tickets.ids,
            )
        )

    @api.model
    def _carry_out(self, plan, sources, group):
        """The merge itself, as superuser. The caller has checked access."""
        # sudo: see the caller
        master, absorbed = plan.master.sudo(), plan.absorbed.sudo()
        before = master._get_logged_state()
        filled, moves = self._absorb(master, absorbed) if absorbed else ([], [])
        # by SQL: through the ORM, archiving would delete activities and send e-mails
        archived = {
            "active": SQL("FALSE"),
            "merge_target_id": SQL("%s", master.id),
            "merge_kind": SQL("CASE WHEN line.id = ANY(%s) THEN 'absorbed' ELSE 'joined' END", absorbed.ids),
            "counted_elsewhere": SQL("TRUE"),
        }
        moves += self.env["helpdesk_lite.merge.repointer"]._change(sources._table, sources.ids, archived)
        sources.invalidate_recordset(list(archived), flush=False)
        sources.modified(list(archived))
        self.env["helpdesk_lite.merge.journal"].create(
            {"master_id": master.id, "group_id": group and group.id, "source_ids": sources.ids, "moves": dump(moves)}
        )
        self._note_merge(plan, filled)
        self.env["helpdesk_lite.merge.events"]._log_merge("merged", master, sources, absorbed, before)
        if group:
            group.state = "merged"
        self.env.invalidate_all()

    @api.model
    def _absorb(self, master, sources):
        """Make the master have everything that the sources had.

        :return: tuple (labels of the master's fields that were filled, moves)
        """
        Journal = self.env["helpdesk_lite.merge.journal"]
        before = Journal._get_snapshot(TICKET, (master | sources).ids)
        moves = self._copy_followers(master, sources) + self._move(master, sources)
        filled, changes = master._merge_fill(sources)
        return filled, moves + changes + Journal._get_changes(TICKET, before)

    @api.model
    def _copy_followers(self, master, sources):
        """Employees who follow a source and can see the master anyway become followers of the master.

        Nobody else does, because following a ticket gives access to it.
        """
        followers = (master | sources)._merge_get_followers()
        employees = master._merge_get_employees(set().union(*followers.values()) - followers[master.id])
        seeing = [partner_id for partner_id, user in employees.items() if master._merge_filter_readable(user)]
        if not seeing:
            return []
        master._insert_followers(
            SQL(
                """ SELECT %s AS res_id, follower.partner_id, chosen.mail_message_subtype_id AS subtype_id
                  FROM mail_followers follower
                  JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                 WHERE follower.res_model = %s AND follower.res_id = ANY(%s) AND follower.partner_id = ANY(%s)
            """,
                master.id,
                TICKET,
                sources.ids,
                seeing,
            )
        )
        added = [("res_model", "=", TICKET), ("res_id", "=", master.id), ("partner_id", "in", seeing)]
        return [Add("mail_followers", self.env["mail.followers"].search(added, order="id").ids)]

    @api.model
    def _move(self, master, sources):
        """Repoint everything that points at the sources to the master.

        :return: list of moves
        """
        Repointer = self.env["helpdesk_lite.merge.repointer"]
        Journal = self.env["helpdesk_lite.merge.journal"]
        pointers = self.env["helpdesk_lite.merge.pointers"]._get_all().values()
        used = Repointer._find_used(pointers, sources.ids)
        guarded = Repointer._find_guarded(sorted({pointer.table for pointer in used}))
        moves, dependents = [], []
        for pointer in used:
            if pointer.kind == "own":
                moves += Repointer._link(pointer, sources.ids, master.id)
                continue
            columns = Repointer._get_dependents(pointer)
            if columns:
                rows = Repointer._find_pointing(pointer, sources.ids)
                dependents.append((pointer.model, columns, Journal._get_snapshot(pointer.model, rows, columns)))
            moves += Repointer._move(pointer, sources.ids, master.id, guarded=(pointer.table, pointer.column) in guarded)
            if pointer.kind != "relation":
                self.env[pointer.model].invalidate_model(flush=False)
        for model, columns, before in dependents:
            moves += Journal._get_changes(model, before, columns)
        return moves + Repointer._replace_all_in_json(pointers, sources.ids, master.id)

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    @api.model
    def _get_last(self, master):
        """The last merge into a ticket that was not undone, as far as the user can know of it.

        Of tickets that were joined, people who can read none of them do not learn that they are there. Nothing was
        moved by such a merge, so earlier ones can be undone before it.

        :return: record of ``helpdesk_lite.merge.journal``, sudoed
        """
        # sudo: no user reads the journal; only users who can change all its tickets get here
        Journal = self.env["helpdesk_lite.merge.journal"].sudo()
        journals = Journal.search(
            [("kind", "=", "merge"), ("master_id", "=", master.id), ("undone", "=", False), ("addition_to_id", "=", False)]
        )
        for journal in journals:
            sources = master.browse(journal.source_ids)
            if sources.exists() != sources or self._filter_absorbed(sources) or sources._filtered_access("read"):
                return journal
        return Journal

    @api.model
    def _filter_absorbed(self, sources):
        # sudo: the kinds of merges are not shown
        return sources.exists().filtered(lambda source: source.sudo().merge_kind == "absorbed")

    @api.model
    def _can_undo(self, master):
        """Whether the last merge into a ticket can be undone by the user."""
        journal = self._get_last(master)
        tickets = master | master.browse(journal.source_ids or [])
        present = tickets.exists()
        return (
            bool(journal)
            and not master.is_merged
            and present == tickets
            and len(tickets._filtered_access("read")._filtered_access("write")) == len(tickets)
        )

    @api.model
    def _undo(self, master):
        """Undo the last merge into a ticket that the user knows of.

        :raise UserError: when there is none, or it can no longer be undone
        :raise AccessError: when the user cannot change all its tickets
        """
        master.check_access("write")
        journal = self._get_last(master)
        if not journal:
            raise UserError(self.env._("Nothing was merged into the ticket #%s.", master.number))
        sources = master.browse(journal.source_ids).with_context(active_test=False)
        absorbed = self._filter_absorbed(sources)
        if master.is_merged:
            raise UserError(
                self.env._("The ticket #%s has since been merged into another one. Undo that merge first.", master.number)
            )
        if sources.exists() != sources:
            raise UserError(
                self.env._(
                    "A ticket that was merged into #%s has been deleted. The merge cannot be undone any more.", master.number
                )
            )
        sources.check_access("read")
        sources.check_access("write")
        self._lock(master | sources)
        # sudo: the log has what changed, whoever may see it; the rights on the tickets were checked
        before = master.sudo()._get_logged_state()
        journal._undo()
        # journals from before figures do not know of it
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_lite_ticket SET counted_elsewhere = NULL WHERE id = ANY(%s) AND counted_elsewhere", sources.ids
            )
        )
        # sudo: see above
        self.env["helpdesk_lite.merge.events"]._log_merge("unmerged", master.sudo(), sources.sudo(), absorbed.sudo(), before)
        journal.group_id.state = "undone"
        # sudo: the notes are the merge's; the rights on the tickets were checked
        master, joined = master.sudo(), (sources - absorbed).sudo()
        if absorbed:
            self._log(master, self.env._("The last merge into this ticket was undone."))
        self._log(joined, self.env._("The merge that joined this ticket with another one was undone."))

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    @api.model
    def _note_merge(self, plan, filled):
        """Note on the master what it absorbed, and on each joined ticket that it was joined.

        On the master, nothing is said of joined tickets, nor on these of the master: each has its own readers. Those who
        can read both find the notes of joined tickets in the master's timeline.
        """
        # sudo: the rights on the tickets were checked
        master, absorbed = plan.master.sudo(), plan.absorbed.sudo()
        if absorbed:
            body = self._as_html(
                self.env._("Merged into this ticket:"),
                [ticket._get_html_link(title=ticket.display_name) for ticket in absorbed],
            )
            if filled:
                body += Markup("<p>%s</p>") % self.env._("Taken over: %s.", ", ".join(filled))
            for ticket in absorbed.filtered(lambda ticket: plan.gains.get(ticket.id)):
                body += self._as_html(
                    self.env._("These can see what was in #%s since then:", ticket.number),
                    self._get_names(plan.gains[ticket.id]),
                )
            self._log(master, body)
        # sudo: see above
        self._log(plan.joined.sudo(), self.env._("A merge joined this ticket with another one."))

    @api.model
    def _log(self, tickets, body):
        """Log a note on tickets, in one statement: addresses are for messages that are sent, and are left out.

        It is a comment, because customers could read messages of the type notification by their id.

        :param tickets: records of ``helpdesk_lite.ticket``, sudoed
        """
        note = {
            "model": TICKET,
            "body": escape(body),
            "author_id": self.env.user.partner_id.id,
            "message_type": "comment",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            "is_internal": True,
            "email_from": False,
            "reply_to": False,
        }
        tickets.env["mail.message"].create([{**note, "res_id": ticket.id} for ticket in tickets])

    @api.model
    def _as_html(self, heading, items):
        return Markup("<p>%s</p><ul>%s</ul>") % (heading, Markup("").join(Markup("<li>%s</li>") % item for item in items))

    @api.model
    def _tell_customers(self, tickets):
        """Tell the customers of merged tickets that their request was joined with another one.

        Each e-mail names only the customer's own ticket.
        """
        for ticket in tickets:
            # sudo: the recipients of an e-mail depend on records that the agent may not see
            recipients = ticket.sudo()._message_get_default_recipients()[ticket.id]
            if recipients["partner_ids"] or recipients["email_to"]:
                ticket.message_post(
                    body=self.env._(
                        "Your request %s was joined with another one about the same matter, and we are working on "
                        "both together. You can answer this e-mail as before.",
                        ticket.number,
                    ),
                    message_type="auto_comment",
                    subtype_xmlid="mail.mt_note",
                    partner_ids=recipients["partner_ids"],
                    outgoing_email_to=recipients["email_to"] or False,
                )
