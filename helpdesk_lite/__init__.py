from . import controllers, models, wizard


def _create_number_sequences(env):
    """Create a ticket number sequence for every existing company."""
    env["res.company"].search([])._create_ticket_sequence()


def _remove_traces(env):
    """Remove what no data file created, so that Odoo does not know that it is ours: number sequences and settings."""
    env["ir.sequence"].with_context(active_test=False).search([("code", "=", "helpdesk_lite.ticket")]).unlink()
    env["ir.config_parameter"].search([("key", "=like", "helpdesk_lite.%")]).unlink()
