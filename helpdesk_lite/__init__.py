from . import controllers, models, wizard


def _create_number_sequences(env):
    """Create a ticket number sequence for every existing company."""
    env["res.company"].search([])._create_ticket_sequence()
