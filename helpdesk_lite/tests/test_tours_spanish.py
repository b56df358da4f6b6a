from odoo.tests import HttpCase, tagged

from . import test_portal_tours, test_tours
from .common import HelpdeskCase

# the modules with most of the texts in the tours
SHOWN = ("base", "web", "mail", "portal", "helpdesk_lite")


class SpanishTours(HelpdeskCase, HttpCase):
    """Tours in Spanish. They do not depend on texts, so most run either in English or in Spanish: what they show is the same,
    and that texts are translated is seen by ``tests/test_pseudo_language.py`` and ``tests/test_translations.py``."""

    language = "es_ES"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name, cls.agent.name = "Tour Care", "Tour Agent"
        language = cls.env["res.lang"]._activate_lang(cls.language)
        shown = [*SHOWN, cls.test_module]
        cls.env["ir.module.module"].search([("name", "in", shown)])._update_translations(cls.language)
        cls.env["res.users"].search([]).lang = cls.language
        if "website" in cls.env:
            cls.env["website"].search([]).write({"language_ids": language.ids, "default_lang_id": language.id})


@tagged("post_install", "-at_install")
class TestToursLatinAmerica(SpanishTours):
    """The main tours in Spanish of Latin America, which falls back on Spanish of Spain."""

    language = "es_419"

    def test_tours_of_agents(self):
        app = self.env.ref("helpdesk_lite.menu_root")
        self.assertEqual(app.with_context(lang=self.language).name, "Soporte al cliente")
        test_tours.TestTours.test_manager_creates_team(self)
        test_tours.TestTours.test_agent_solves_ticket(self)

    def test_tours_of_customers(self):
        test_portal_tours.TestPortalTours.test_visitor_sends_form(self)
        test_portal_tours.TestPortalTours.test_customer_answers_and_closes(self)
