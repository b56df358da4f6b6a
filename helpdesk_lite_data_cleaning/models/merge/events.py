from odoo import api, models
from odoo.tools import SQL

from .pointers import TICKET


class MergeEvents(models.AbstractModel):
    """What a merge does to the event logs of its tickets, and with them to who waits for whom.

    Events of messages go where the messages go. All others, and with them the time in stages, stay with the ticket that they
    happened to: an absorbed ticket keeps its history, and its master knows who wrote what in both.
    """

    _name = "helpdesk_lite.merge.events"
    _description = "Event Logs of Merged Tickets"
    _order = "id"

    @api.model
    def _log_merge(self, kind, master, sources, absorbed, before):
        """Log a merge or its undoing, after it was carried out.

        :param str kind: "merged" or "unmerged"
        :param master: the ticket that stays, sudoed
        :param sources: the others, sudoed
        :param absorbed: those of them whose messages are moved; nothing of the others is
        :param dict before: what ``_get_logged_state`` of the master returned before; a merge changes it without the ORM
        """
        master._log_changes({master.id: before})
        if kind == "merged" and any(source.waiting_since and not source.is_closed for source in sources):
            # a question that was among the open ones stays there
            sources[:1]._merge_wake()
        sources._log_event(kind)
        if absorbed:
            self._follow_messages(master | absorbed)

    @api.model
    def _follow_messages(self, tickets):
        """Let the events of messages follow these to the tickets on which they are now, in a constant number of statements.

        :param tickets: records between which messages were moved; None for all
        """
        among = SQL("TRUE") if tickets is None else SQL("event.ticket_id = ANY(%(ids)s)", ids=tickets.ids)
        moved = self.env.execute_query(
            SQL(
                """ UPDATE helpdesk_lite_event event SET ticket_id = message.res_id
                  FROM mail_message message, helpdesk_lite_event former, helpdesk_lite_ticket present
                 WHERE message.id = event.message_id AND message.model = %s AND message.res_id != event.ticket_id
                   AND present.id = message.res_id AND former.id = event.id AND %s
             RETURNING former.ticket_id, event.ticket_id
                """,
                TICKET,
                among,
            )
        )
        changed = self.env[TICKET].browse({ticket_id for pair in moved for ticket_id in pair})
        if tickets is not None:
            changed |= tickets
        # sudo: some of the tickets may be hidden from the user, and have columns all the same
        changed.sudo()._replay_events()
        self.env["helpdesk_lite.event"].invalidate_model(["ticket_id"], flush=False)
