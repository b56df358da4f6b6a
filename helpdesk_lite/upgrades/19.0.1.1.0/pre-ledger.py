"""Rename the model ``helpdesk_lite.assignment.book`` to ``helpdesk_lite.assignment.ledger``, with its rows."""

from odoo.tools import SQL
from odoo.tools.sql import table_exists

FORMER, NEW = "helpdesk_lite.assignment.book", "helpdesk_lite.assignment.ledger"
FORMER_TABLE, TABLE = "helpdesk_lite_assignment_book", "helpdesk_lite_assignment_ledger"


def migrate(cr, version):
    if not table_exists(cr, FORMER_TABLE):
        return
    for kind, name in _find_objects(cr):
        new_name = name.replace(FORMER_TABLE, TABLE)
        if kind == "c":
            cr.execute(
                SQL(
                    "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
                    SQL.identifier(FORMER_TABLE),
                    SQL.identifier(name),
                    SQL.identifier(new_name),
                )
            )
        else:
            # this form renames tables, indexes and sequences
            cr.execute(SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(name), SQL.identifier(new_name)))
    for table in ("ir_model", "ir_model_fields"):
        cr.execute(SQL("UPDATE %s SET model = %s WHERE model = %s", SQL.identifier(table), NEW, FORMER))
    cr.execute(
        SQL(
            "UPDATE ir_model_constraint SET name = replace(name, %s, %s) WHERE starts_with(name, %s)",
            FORMER_TABLE,
            TABLE,
            FORMER_TABLE,
        )
    )
    # access rights are not renamed, because the update replaces them
    cr.execute(
        SQL(
            """ UPDATE ir_model_data SET name = replace(name, %s, %s)
             WHERE module = 'helpdesk_lite' AND name ~ %s AND model != 'ir.model.access'
        """,
            FORMER_TABLE,
            TABLE,
            rf"{FORMER_TABLE}(_|$)",
        )
    )


def _find_objects(cr):
    """List constraints, then other indexes and the sequence, and last the table, as pairs of kind and name."""
    cr.execute(
        SQL(
            """ SELECT 'c', conname FROM pg_constraint
             WHERE conrelid = %(table)s::regclass AND starts_with(conname, %(table)s)
             UNION ALL
            SELECT 'r', relname FROM pg_class
             WHERE relnamespace = current_schema::regnamespace AND starts_with(relname, %(prefix)s)
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = relname)
             UNION ALL
            SELECT 'r', %(table)s
        """,
            table=FORMER_TABLE,
            prefix=f"{FORMER_TABLE}_",
        )
    )
    return cr.fetchall()
