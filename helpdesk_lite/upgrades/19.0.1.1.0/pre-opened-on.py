"""Give tickets the date on which they were opened: that on which they were created, which was used until now.

Odoo would fill the new column with the moment of the update. Hours that are not known were stored as 0; they become empty.
"""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not column_exists(cr, "helpdesk_lite_ticket", "opened_on"):
        cr.execute("ALTER TABLE helpdesk_lite_ticket ADD COLUMN opened_on timestamp")
        cr.execute(
            """ UPDATE helpdesk_lite_ticket
                   SET opened_on = date_trunc('second', coalesce(create_date, now() AT TIME ZONE 'UTC')),
                       assign_hours = CASE WHEN assign_date IS NOT NULL THEN assign_hours END,
                       close_hours = CASE WHEN close_date IS NOT NULL THEN close_hours END
            """
        )
