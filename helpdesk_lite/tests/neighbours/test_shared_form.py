import functools
import re

from odoo import http
from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase


class TheirPages:
    """A controller of another addon, as Odoo puts it together."""

    __module__ = "odoo.addons.other_helpdesk.controllers.main"

    @http.route("/helpdesk", type="http", auth="public")
    def their_teams(self):
        return "Their helpdesk"

    @http.route("/helpdesk/<string:name>", type="http", auth="public", methods=["GET"])
    def their_team(self, name):
        return f"Their {name}"


def make_endpoint(method):
    endpoint = functools.update_wrapper(functools.partial(method), method)
    endpoint.routing = {"auth": "public", "methods": None, "readonly": False, **method.original_routing}
    return endpoint


@tagged("post_install", "-at_install")
class TestSharedForm(HelpdeskCase, HttpCase):
    """The public form where another addon has the address ``/helpdesk``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"use_website_form": True})
        cls.slug = cls.env["ir.http"]._slug(cls.team)
        # a network address of its own, so that other tests do not count
        cls.env["helpdesk_lite.form.visit"].search([]).unlink()

    def install_theirs(self):
        """Add the other addon's routes after ours, which is the order in which ours would win."""
        generate, pages = http._generate_routing_rules, TheirPages()

        def generate_with_theirs(modules, nodb_only, converters=None):
            yield from generate(modules, nodb_only, converters)
            for method in (pages.their_teams, pages.their_team):
                for route in method.original_routing["routes"]:
                    yield route, make_endpoint(method)

        self.patch(http, "_generate_routing_rules", generate_with_theirs)
        self.env.registry.clear_cache("routing")
        self.addCleanup(self.env.registry.clear_cache, "routing")
        self.env.invalidate_all()

    def write_to(self, address):
        """Send the form at an address as a browser does.

        :return: the address of the page that follows, without the server
        """
        page = self.url_open(f"{address}/{self.slug}").text
        action = re.search(r'<form[^>]* action="([^"]+)"', page[page.index("o_helpdesk_lite_form_page") :])[1]
        response = self.url_open(
            action,
            data={
                "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
                "name": "Vera Visitor",
                "email": "vera@visitor.example",
                "subject": f"Broken lamp by {address}",
                "description": "It is dark.",
            },
        )
        self.assertTrue(self.env["helpdesk_lite.ticket"].search([("name", "=", f"Broken lamp by {address}")]))
        return response.url.removeprefix(self.base_url())

    def test_alone(self):
        self.assertEqual(self.write_to("/helpdesk"), "/helpdesk/thanks")
        self.assertTrue(self.team.form_url.endswith(f"/helpdesk/{self.slug}"))
        # an address that was given to somebody while another helpdesk was there
        self.assertEqual(self.write_to("/helpdesk-lite"), "/helpdesk/thanks")

    def test_beside_another_one(self):
        self.install_theirs()
        self.assertEqual(self.url_open("/helpdesk").text, "Their helpdesk")
        self.assertEqual(self.url_open("/helpdesk/sales").text, "Their sales")
        self.assertTrue(self.team.form_url.endswith(f"/helpdesk-lite/{self.slug}"))
        self.assertIn(f'href="/helpdesk-lite/{self.slug}"', self.url_open("/helpdesk-lite").text)
        self.assertEqual(self.write_to("/helpdesk-lite"), "/helpdesk-lite/thanks")
        self.authenticate("hl_customer", "hl_customer")
        self.assertIn('href="/helpdesk-lite"', self.url_open("/my/helpdesk-tickets").text)

    def test_what_is_not_theirs_stays(self):
        """Theirs at ``/helpdesk/<name>`` takes none of our longer addresses."""
        self.env["ir.config_parameter"].set_param("helpdesk_lite.health_token", "the-token")
        self.install_theirs()
        self.assertIn("application/json", self.url_open("/helpdesk/health?token=the-token").headers["Content-Type"])
