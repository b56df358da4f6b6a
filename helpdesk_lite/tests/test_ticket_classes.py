from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTicketClasses(TransactionCase):
    """Odoo asks a model for its classes in each request, see ``models/ticket_classes.py``."""

    def test_the_classes_are_those_of_python(self):
        Ticket = type(self.env["helpdesk_lite.ticket"])
        self.assertEqual(Ticket.mro(), type.mro(Ticket))

    def test_clients_do_not_ask(self):
        with self.assertRaises(AccessError):
            get_public_method(self.env["helpdesk_lite.ticket"], "mro")
