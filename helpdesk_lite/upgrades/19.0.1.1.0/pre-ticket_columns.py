"""Create columns of tickets that are empty on all existing ones, so that Odoo does not compute them for each."""


def migrate(cr, version):
    cr.execute("""
        ALTER TABLE helpdesk_lite_ticket
          ADD COLUMN IF NOT EXISTS is_waiting boolean,
          ADD COLUMN IF NOT EXISTS type_id integer,
          ADD COLUMN IF NOT EXISTS close_reason_id integer,
          ADD COLUMN IF NOT EXISTS snooze_until timestamp
    """)
