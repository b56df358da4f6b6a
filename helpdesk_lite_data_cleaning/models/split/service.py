from odoo import api, models
from odoo.addons.helpdesk_lite.models.mail.ticket_automatic import BY_PEOPLE
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.moves import Move, dump, load

TICKET = "helpdesk_lite.ticket"
MOST_MESSAGES = 100
# of the customer, taken over
CUSTOMER = ("partner_name", "partner_email", "partner_phone", "email_cc")


class Split(models.AbstractModel):
    """Splits messages off a ticket to a new one, in one transaction that a journal records, and undoes it.

    In the journal, the new ticket is the master and the former one the source: that is where undoing brings rows back to.
    """

    _name = "helpdesk_lite.split"
    _description = "Splits Tickets"

    # ------------------------------------------------------------
    # CHECKING
    # ------------------------------------------------------------

    @api.model
    def _check(self, ticket, messages):
        """Check that messages can be split off a ticket.

        :param ticket: record of ``helpdesk_lite.ticket``
        :param messages: records of ``mail.message``
        :raise UserError: when they cannot, with the reason
        :raise AccessError: when the user cannot change the ticket, or read one of the messages
        """
        self._check_ticket(ticket)
        if not messages:
            raise UserError(self.env._("Choose the messages to split off."))
        if len(messages) > MOST_MESSAGES:
            raise UserError(self.env._("You can split off up to %s messages at once.", MOST_MESSAGES))
        self._check_messages(ticket, messages)
        if not self._leaves_some(ticket, messages):
            raise UserError(
                self.env._("The ticket #%s would be left without a message. Leave at least one of them there.", ticket.number)
            )

    @api.model
    def _check_ticket(self, ticket):
        ticket.check_access("read")
        ticket.check_access("write")
        if departure := ticket._get_departure():
            raise UserError(departure)

    @api.model
    def _check_messages(self, ticket, messages):
        messages.check_access("read")
        # sudo: they can be read; only where they are and who wrote them is looked at
        messages = messages.sudo()
        if any((message.model, message.res_id) != (TICKET, ticket.id) for message in messages):
            raise UserError(self.env._("Only messages of the ticket #%s itself can be split off.", ticket.number))
        if any(message.message_type not in BY_PEOPLE for message in messages):
            raise UserError(self.env._("Only what people wrote can be split off."))
        if self._came_by_merge(ticket, messages):
            raise UserError(
                self.env._("A message came here from a ticket that was merged into #%s. Undo the merge instead.", ticket.number)
            )

    @api.model
    def _came_by_merge(self, ticket, messages):
        """Whether a merge that can be undone has brought one of these messages: the journal would no longer find it."""
        self.env["helpdesk_lite.merge.journal"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """ SELECT 1 FROM helpdesk_lite_merge_journal journal
                  JOIN jsonb_array_elements(journal.moves) move ON move ->> 'op' = 'move' AND move ->> 'table' = 'mail_message'
                  JOIN jsonb_array_elements_text(move -> 'ids') moved ON moved::int = ANY(%s)
                 WHERE journal.master_id = %s AND journal.undone IS NOT TRUE AND journal.kind = 'merge'
                 LIMIT 1
            """,
                messages.ids,
                ticket.id,
            )
        )
        return bool(rows)

    @api.model
    def _leaves_some(self, ticket, messages):
        """Whether something that was said to or by the customer stays on the ticket."""
        # sudo: it does not depend on what the user can read
        others = self.env["mail.message"].sudo()
        domain = [("model", "=", TICKET), ("res_id", "=", ticket.id), ("message_type", "in", BY_PEOPLE)]
        others = others.search([*domain, ("is_internal", "=", False), ("id", "not in", messages.ids)])
        return any(ticket._get_side(message) for message in others)

    # ------------------------------------------------------------
    # SPLITTING
    # ------------------------------------------------------------

    @api.model
    def _split(self, ticket, messages, values):
        """Split messages off a ticket.

        :param ticket: record of ``helpdesk_lite.ticket``
        :param messages: records of ``mail.message``, with their files
        :param dict values: of the new ticket, chosen by the user and checked
        :return: record of ``helpdesk_lite.ticket``, the new one
        :raise UserError: see ``_check``
        :raise AccessError: see ``_check``, and when the user cannot create tickets in the team
        """
        self._check_ticket(ticket)
        self.env["helpdesk_lite.merge"]._lock(ticket)
        self._check(ticket, messages)
        # sudo: the rights on the ticket and on the messages were checked; files and events go with messages
        made = self.sudo()._make_ticket(ticket.sudo(), messages.sudo(), values).with_env(self.env)
        made.check_access("create")
        # sudo: see above
        self.sudo()._carry_out(ticket.sudo(), made.sudo(), messages.sudo())
        return made

    @api.model
    def _make_ticket(self, ticket, messages, values):
        """The new ticket: in the same team and of the same customer, who is not told, as they have not asked for it."""
        # what a customer reads as their request is no note
        texts = messages.sorted("id").filtered(lambda message: ticket._get_side(message)).mapped("body")
        made = (
            self.env[TICKET]
            .with_context(mail_notrack=True, mail_create_nolog=True)
            .create(
                {
                    "name": ticket.name,
                    "description": texts[0] if texts else False,
                    "team_id": ticket.team_id.id,
                    "partner_id": ticket.partner_id.id,
                    # when the first one arrived: a mail states any date
                    "opened_on": min(messages.mapped("create_date")).replace(microsecond=0),
                    **{name: ticket[name] for name in CUSTOMER},
                    **values,
                }
            )
            .with_env(self.env)
        )
        self._keep_outsiders_out(ticket, made)
        made._announce_creation()
        return made

    @api.model
    def _keep_outsiders_out(self, ticket, made):
        """Remove followers from outside who do not follow the former ticket, before anything of it is on the new one."""
        made._delete_followers(
            SQL(
                """ ticket.id = %(made)s AND partner.partner_share
                AND NOT EXISTS (SELECT FROM mail_followers former
                                 WHERE former.res_model = %(model)s AND former.res_id = %(ticket)s
                                   AND former.partner_id = partner.id)""",
                made=made.id,
                model=TICKET,
                ticket=ticket.id,
            )
        )

    @api.model
    def _carry_out(self, ticket, made, messages):
        """Move the messages, as superuser. The caller has checked access."""
        moves = []
        self.env.flush_all()
        pointers = self.env["helpdesk_lite.merge.pointers"]._get_all()
        for records in (messages, self._get_own_files(ticket, messages)):
            if records:
                place = pointers[records._table, "res_id"]
                moves += self.env["helpdesk_lite.merge.repointer"]._move(place, [ticket.id], made.id, records.ids)
        self.env.invalidate_all(flush=False)
        self.env["helpdesk_lite.merge.journal"].create(
            {"kind": "split", "master_id": made.id, "source_ids": ticket.ids, "moves": dump(moves)}
        )
        made._relate("follow_up", ticket)
        # neither is named: each has its own readers, and those of both see the relation
        Merge = self.env["helpdesk_lite.merge"]
        Merge._log(ticket, self.env._("Messages of this ticket were split off to a new one."))
        Merge._log(made, self.env._("This ticket was split off another one."))
        self.env["helpdesk_lite.merge.events"]._follow_messages(ticket | made)
        self.env.invalidate_all()

    @api.model
    def _get_own_files(self, ticket, messages):
        """The files of these messages, but for those that other messages of the ticket have as well: these stay."""
        files = messages.attachment_ids.filtered(lambda file: (file.res_model, file.res_id) == (TICKET, ticket.id))
        if not files:
            return files
        domain = [("model", "=", TICKET), ("res_id", "=", ticket.id), ("id", "not in", messages.ids)]
        return files - self.env["mail.message"].search([*domain, ("attachment_ids", "in", files.ids)]).attachment_ids

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    @api.model
    def _get_journal(self, made):
        """The split that made a ticket, unless it was undone.

        :return: record of ``helpdesk_lite.merge.journal``, sudoed
        """
        # sudo: no user reads the journal
        Journal = self.env["helpdesk_lite.merge.journal"].sudo()
        return Journal.search([("master_id", "=", made.id), ("kind", "=", "split"), ("undone", "=", False)], limit=1)

    @api.model
    def _can_undo(self, made):
        """Whether the split that made a ticket can be undone by the user, as far as their rights go."""
        journal = self._get_journal(made)
        tickets = made | made.browse(journal.source_ids or [])
        return (
            bool(journal)
            and tickets.exists() == tickets
            and len(tickets._filtered_access("read")._filtered_access("write")) == len(tickets)
        )

    @api.model
    def _undo(self, made):
        """Bring the messages of a split back, and archive the ticket that it made.

        :return: record of ``helpdesk_lite.ticket``, the one with the messages
        :raise UserError: when there was no split, or it can no longer be undone
        :raise AccessError: when the user cannot change both tickets
        """
        made.check_access("read")
        made.check_access("write")
        journal = self._get_journal(made)
        ticket = made.browse(journal.source_ids or [])
        if not journal or ticket.exists() != ticket:
            raise UserError(self.env._("The ticket #%s was not split off another one.", made.number))
        self._check_ticket(ticket)
        self._check_ticket(made)
        self.env["helpdesk_lite.merge"]._lock(made | ticket)
        self._check_undo(made, ticket, journal)
        # sudo: the rights on both tickets were checked
        self.sudo()._carry_out_undo(made.sudo(), ticket.sudo(), journal)
        return ticket

    @api.model
    def _check_undo(self, made, ticket, journal):
        """Refuse to leave anything behind on a ticket that is archived.

        :raise UserError: when there is something
        """
        if made._get_dependents():
            raise UserError(self.env._("Other tickets were merged into #%s. Undo that merge first.", made.number))
        if self._was_split(made):
            raise UserError(self.env._("Messages of the ticket #%s were split off since. Undo that split first.", made.number))
        moves = [move for move in load(journal.moves) if isinstance(move, Move) and move.table == "mail_message"]
        moved = [message_id for move in moves for message_id in move.ids]
        later = [("ticket_id", "=", made.id), ("message_id", "!=", False), ("message_id", "not in", moved)]
        # sudo: whether there is more does not depend on what the user can read
        if self.env["helpdesk_lite.event"].sudo().search_count(later, limit=1):
            raise UserError(
                self.env._(
                    "Somebody has written on the ticket #%(made)s since. Merge it with #%(ticket)s instead.",
                    made=made.number,
                    ticket=ticket.number,
                )
            )

    @api.model
    def _was_split(self, ticket):
        """Whether messages of this ticket were split off in their turn."""
        self.env["helpdesk_lite.merge.journal"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """ SELECT 1 FROM helpdesk_lite_merge_journal
                 WHERE kind = 'split' AND undone IS NOT TRUE AND source_ids @> to_jsonb(%s::int) LIMIT 1
            """,
                ticket.id,
            )
        )
        return bool(rows)

    @api.model
    def _carry_out_undo(self, made, ticket, journal):
        before = made._get_logged_state()
        journal._undo()
        # by SQL: through the ORM, archiving would delete activities
        self.env["helpdesk_lite.merge.repointer"]._change(made._table, made.ids, {"active": SQL("FALSE")})
        made.invalidate_recordset(["active"], flush=False)
        made.modified(["active"])
        made._log_changes({made.id: before})
        relation = [("ticket_id", "=", made.id), ("kind", "=", "follow_up"), ("other_id", "=", ticket.id)]
        self.env["helpdesk_lite.relation"].search(relation).unlink()
        self.env["helpdesk_lite.merge"]._log(ticket, self.env._("Messages that were split off came back to this ticket."))
        self.env["helpdesk_lite.merge.events"]._follow_messages(ticket | made)
        self.env.invalidate_all()
