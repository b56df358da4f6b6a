"""Drop the indexes of tickets that no search needs any more: Odoo keeps those of fields that are no longer indexed."""

from odoo.tools import SQL

UNUSED = (
    "helpdesk_lite_ticket__company_id_index",
    "helpdesk_lite_ticket__number_index",
    "helpdesk_lite_ticket__partner_email_index",
    "helpdesk_lite_ticket__partner_name_index",
    "helpdesk_lite_ticket_assignee_index",
)


def migrate(cr, version):
    for name in UNUSED:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
