from . import controllers, models, wizard


def _create_number_sequences(env):
    """Give every company that is already there its own sequence of ticket numbers."""
    env["res.company"].search([])._create_ticket_sequence()
