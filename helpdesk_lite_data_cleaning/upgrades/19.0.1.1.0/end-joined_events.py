"""Let the events of messages that ``end-joined.py`` put back follow them, and log the merges that are there.

Figures count merged tickets with their masters.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    env["helpdesk_lite.merge.events"]._follow_messages(None)
    cr.execute("""
        INSERT INTO helpdesk_lite_event (ticket_id, kind, date, author_kind, stage_id, user_id, team_id, priority)
        SELECT ticket.id, 'merged', max(journal.create_date), 'agent',
               ticket.stage_id, ticket.user_id, ticket.team_id, ticket.priority
          FROM helpdesk_lite_ticket ticket
          JOIN helpdesk_lite_merge_journal journal
            ON journal.master_id = ticket.merge_target_id AND journal.source_ids @> to_jsonb(ticket.id)
         WHERE journal.undone IS NOT TRUE
           AND NOT EXISTS (SELECT FROM helpdesk_lite_event event WHERE event.ticket_id = ticket.id AND event.kind = 'merged')
         GROUP BY ticket.id
         ORDER BY ticket.id
        """)
    cr.execute("""
        UPDATE helpdesk_lite_ticket SET counted_elsewhere = TRUE
         WHERE merge_target_id IS NOT NULL AND counted_elsewhere IS NOT TRUE
        """)
