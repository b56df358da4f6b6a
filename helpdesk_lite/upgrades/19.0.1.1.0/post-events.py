"""Fill the event log of the tickets that were there before it, from messages, tracked changes and dates.

Odoo does not track when a ticket was archived: the log has the date of its last change. Tickets that have events are
skipped, so the script can run again.
"""

import logging

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 10_000  # tickets in one statement

# position: what comes first within one second. Fold says what a stage is today.
EVENTS = """
    WITH asked AS (
        SELECT ticket.*, partner.id AS customer_id
          FROM helpdesk_lite_ticket ticket
          LEFT JOIN res_partner partner ON partner.id = ticket.partner_id
         WHERE ticket.id > %(after)s AND ticket.id <= %(last)s
           AND NOT EXISTS (SELECT FROM helpdesk_lite_event event WHERE event.ticket_id = ticket.id)
    ), tracked AS (
        SELECT asked.id AS ticket_id, message.create_date AS date, tracking.id, field.name AS field,
               author.partner_share AS share, message.author_id,
               tracking.old_value_integer AS old_id, COALESCE(tracking.new_value_integer, 0) AS new_id,
               (SELECT choice.value FROM ir_model_fields_selection choice, jsonb_each_text(choice.name) label
                 WHERE choice.field_id = field.id AND label.value = tracking.old_value_char LIMIT 1) AS old_value,
               (SELECT choice.value FROM ir_model_fields_selection choice, jsonb_each_text(choice.name) label
                 WHERE choice.field_id = field.id AND label.value = tracking.new_value_char LIMIT 1) AS new_value
          FROM asked
          JOIN mail_message message ON message.model = 'helpdesk_lite.ticket' AND message.res_id = asked.id
          JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
          JOIN ir_model_fields field ON field.id = tracking.field_id AND field.model = 'helpdesk_lite.ticket'
          LEFT JOIN res_partner author ON author.id = message.author_id
         WHERE field.name IN ('stage_id', 'team_id', 'user_id', 'priority')
    ), changed AS (
        SELECT tracked.*, old.fold AS was_closed, new.fold AS is_closed
          FROM tracked
          LEFT JOIN helpdesk_lite_stage old ON field = 'stage_id' AND old.id = old_id
          LEFT JOIN helpdesk_lite_stage new ON field = 'stage_id' AND new.id = new_id
    ), first AS (
        SELECT ticket_id,
               (array_agg(old_id ORDER BY date, id) FILTER (WHERE field = 'stage_id'))[1] AS stage_id,
               (array_agg(old_id ORDER BY date, id) FILTER (WHERE field = 'team_id'))[1] AS team_id,
               (array_agg(COALESCE(old_id, 0) ORDER BY date, id) FILTER (WHERE field = 'user_id'))[1] AS user_id,
               (array_agg(old_value ORDER BY date, id) FILTER (WHERE field = 'priority'))[1] AS priority,
               bool_or(is_closed AND NOT COALESCE(was_closed, FALSE)) AS closed
          FROM changed GROUP BY ticket_id
    ), happened (ticket_id, arrived, position, number, kind, date, stated_date, author_kind, message_id,
                 stage_id, user_id, team_id, priority) AS (
        SELECT asked.id, LEAST(asked.create_date, asked.opened_on), 0, 0, 'created', asked.opened_on, NULL::timestamp,
               CASE WHEN asked.is_automatic_mail THEN 'automatic'
                    WHEN asked.message_id IS NOT NULL OR author.share THEN 'customer'
                    WHEN asked.create_uid = %(superuser)s THEN 'automatic' ELSE 'agent' END,
               NULL::int, COALESCE(first.stage_id, asked.stage_id), COALESCE(first.user_id, asked.user_id, 0),
               COALESCE(first.team_id, asked.team_id), COALESCE(first.priority, asked.priority)
          FROM asked LEFT JOIN first ON first.ticket_id = asked.id LEFT JOIN res_users author ON author.id = asked.create_uid
         UNION ALL
        SELECT ticket_id, date, 1, id, split_part(field, '_', 1), date, NULL,
               CASE WHEN author_id = %(robot)s THEN 'automatic' WHEN share THEN 'customer' ELSE 'agent' END, NULL,
               CASE WHEN field = 'stage_id' THEN new_id END, CASE WHEN field = 'user_id' THEN new_id END,
               CASE WHEN field = 'team_id' THEN new_id END, CASE WHEN field = 'priority' THEN new_value END
          FROM changed
         UNION ALL
        SELECT ticket_id, date, 1, id, CASE WHEN is_closed THEN 'closed' ELSE 'reopened' END, date, NULL,
               CASE WHEN author_id = %(robot)s THEN 'automatic' WHEN share THEN 'customer' ELSE 'agent' END, NULL,
               NULL, NULL, NULL, NULL
          FROM changed WHERE field = 'stage_id' AND COALESCE(was_closed, FALSE) != COALESCE(is_closed, FALSE)
         UNION ALL
        SELECT asked.id, asked.close_date, 2, 0, 'closed', asked.close_date, NULL, 'agent', NULL, NULL, NULL, NULL, NULL
          FROM asked LEFT JOIN first ON first.ticket_id = asked.id
         WHERE asked.is_closed AND asked.close_date IS NOT NULL AND first.closed IS NOT TRUE
         UNION ALL
        SELECT asked.id, message.create_date, 3, message.id, side.kind,
               CASE WHEN side.kind = 'customer' AND message.message_type = 'email'
                         AND message.date BETWEEN message.create_date - interval '48 hours' AND message.create_date
                    THEN message.date ELSE message.create_date END,
               CASE WHEN side.kind = 'customer' AND message.message_type = 'email' THEN message.date END,
               CASE WHEN side.kind = 'customer' THEN 'customer' ELSE 'agent' END, message.id, NULL, NULL, NULL, NULL
          FROM asked
          JOIN mail_message message ON message.model = 'helpdesk_lite.ticket' AND message.res_id = asked.id
          LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
          LEFT JOIN res_partner author ON author.id = message.author_id
         CROSS JOIN LATERAL (SELECT CASE WHEN message.is_internal OR subtype.internal THEN 'note'
                                         WHEN author.id IS NULL OR author.partner_share OR author.id = asked.customer_id
                                         THEN 'customer' ELSE 'agent' END AS kind) side
         WHERE message.message_type IN ('comment', 'email', 'email_outgoing')
           -- only a comment because customers could read it otherwise
           AND NOT (side.kind = 'note' AND message.author_id = %(robot)s)
         UNION ALL
        SELECT asked.id, asked.write_date, 4, 0, 'paused', asked.write_date, NULL, 'automatic', NULL, NULL, NULL, NULL, NULL
          FROM asked WHERE asked.active IS NOT TRUE
    ), numbered AS (
        -- each row belongs to the last one that says something of the stage, and so on
        SELECT happened.*, row_number() OVER theirs AS line,
               count(stage_id) OVER theirs AS of_stage, count(user_id) OVER theirs AS of_user,
               count(team_id) OVER theirs AS of_team, count(priority) OVER theirs AS of_priority
          FROM happened
        WINDOW theirs AS (PARTITION BY ticket_id ORDER BY arrived, position, number, kind DESC ROWS UNBOUNDED PRECEDING)
    ), complete AS (
        SELECT ticket_id, arrived, line, kind, date, stated_date, author_kind, message_id,
               max(stage_id) OVER (PARTITION BY ticket_id, of_stage) AS stage_id,
               max(user_id) OVER (PARTITION BY ticket_id, of_user) AS user_id,
               max(team_id) OVER (PARTITION BY ticket_id, of_team) AS team_id,
               max(priority) OVER (PARTITION BY ticket_id, of_priority) AS priority
          FROM numbered
    )
    INSERT INTO helpdesk_lite_event (ticket_id, kind, date, stated_date, author_kind, message_id,
                                     stage_id, user_id, team_id, priority)
    SELECT ticket_id, kind, date, stated_date, author_kind, message_id, stage.id, assignee.id, team.id, priority
      FROM complete
      LEFT JOIN helpdesk_lite_stage stage ON stage.id = stage_id
      LEFT JOIN res_users assignee ON assignee.id = user_id
      LEFT JOIN helpdesk_lite_team team ON team.id = team_id
     ORDER BY ticket_id, line
"""


def migrate(cr, version):
    count = fill(api.Environment(cr, SUPERUSER_ID, {"active_test": False}))
    _logger.info("Events of tickets that were found in their history: %s", count)


def fill(env):
    """Add the events of all tickets that have none, and make their columns from them.

    :return: number of events
    """
    env.flush_all()
    Ticket = env["helpdesk_lite.ticket"]
    robot = env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
    ids = Ticket.search([("id", "not in", SQL("(SELECT ticket_id FROM helpdesk_lite_event)"))], order="id").ids
    count = 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        parameters = {"after": batch[0] - 1, "last": batch[-1], "superuser": SUPERUSER_ID, "robot": robot}
        env.cr.execute(SQL(EVENTS, **parameters))
        count += env.cr.rowcount
        if start == 0:
            # the table was empty: without this, the next statements read all of it for each ticket
            env.cr.execute("ANALYZE helpdesk_lite_event")
        Ticket.browse(batch)._replay_events()
    return count
