"""Create the columns of figures, so that Odoo does not compute them for each ticket; ``post-figures.py`` fills them."""


def migrate(cr, version):
    cr.execute("""
        ALTER TABLE helpdesk_lite_ticket
          ADD COLUMN IF NOT EXISTS channel varchar,
          ADD COLUMN IF NOT EXISTS counted_elsewhere boolean,
          ADD COLUMN IF NOT EXISTS first_response_hours double precision,
          ADD COLUMN IF NOT EXISTS answer_hours double precision,
          ADD COLUMN IF NOT EXISTS waiting_hours double precision
    """)
