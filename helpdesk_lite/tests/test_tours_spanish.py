from odoo.tests import HttpCase, tagged

from . import test_portal_tours, test_tours
from .common import HelpdeskCase

# the modules with most of the texts in the tours
SHOWN = ("base", "web", "mail", "portal", "helpdesk_lite")


class SpanishTours(HelpdeskCase, HttpCase):
    """The main tours in Spanish. They do not depend on texts, so they are the same as in English."""

    language = None
    app = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name, cls.agent.name = "Tour Care", "Tour Agent"
        language = cls.env["res.lang"]._activate_lang(cls.language)
        cls.env["ir.module.module"].search([("name", "in", SHOWN)])._update_translations(cls.language)
        cls.env["res.users"].search([]).lang = cls.language
        if "website" in cls.env:
            cls.env["website"].search([]).write({"language_ids": language.ids, "default_lang_id": language.id})

    def check_agents(self):
        self.assertEqual(self.env.ref("helpdesk_lite.menu_root").with_context(lang=self.language).name, self.app)
        test_tours.TestTours.test_manager_creates_team(self)
        test_tours.TestTours.test_agent_solves_ticket(self)

    def check_customers(self):
        test_portal_tours.TestPortalTours.test_visitor_sends_form(self)
        test_portal_tours.TestPortalTours.test_customer_answers_and_closes(self)


@tagged("post_install", "-at_install")
class TestToursSpain(SpanishTours):
    """Spanish of Spain."""

    language, app = "es_ES", "Servicio de asistencia"

    def test_tours_of_agents(self):
        self.check_agents()

    def test_tours_of_customers(self):
        self.check_customers()


@tagged("post_install", "-at_install")
class TestToursLatinAmerica(SpanishTours):
    """Spanish of Latin America, which falls back on Spanish of Spain."""

    language, app = "es_419", "Soporte al cliente"

    def test_tours_of_agents(self):
        self.check_agents()

    def test_tours_of_customers(self):
        self.check_customers()
