"""Fill the columns of figures from the event log, which ``post-events.py`` has filled before, and the channel of tickets.

Who closed a ticket is not in the log of former versions, and stays unknown.
"""

from odoo import SUPERUSER_ID, api

BATCH = 2_000  # tickets whose answers are measured together

CHANNELS = """
    UPDATE helpdesk_lite_ticket ticket
       SET channel = CASE WHEN ticket.message_id IS NOT NULL THEN 'mail'
                          WHEN created.author_kind = 'customer' THEN 'form' ELSE 'employee' END
      FROM helpdesk_lite_event created
     WHERE ticket.channel IS NULL AND created.ticket_id = ticket.id AND created.kind = 'created'
"""


def migrate(cr, version):
    cr.execute(CHANNELS)
    env = api.Environment(cr, SUPERUSER_ID, {})
    after = 0
    while True:
        cr.execute(
            """ SELECT id FROM helpdesk_lite_ticket
                 WHERE id > %s AND (first_response_date IS NOT NULL OR close_date IS NOT NULL) AND waiting_hours IS NULL
                 ORDER BY id LIMIT %s
            """,
            [after, BATCH],
        )
        ids = [ticket_id for (ticket_id,) in cr.fetchall()]
        if not ids:
            return
        env["helpdesk_lite.ticket"].browse(ids)._write_answers({})
        after = ids[-1]
