from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestAddresses(HelpdeskCase, HttpCase):
    """Addresses from before the app had some of its own still lead to what they led to, and to nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(name="My own lamp", partner_id=cls.customer.id)
        cls.foreign = cls.make_ticket(name="Lamp of others")

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    def test_a_mailed_link_opens_the_ticket_without_a_login(self):
        token, signature = self.ticket._portal_ensure_token(), self.ticket._sign_token(self.customer.id)
        query = f"access_token={token}&pid={self.customer.id}&hash={signature}"
        response = self.url_open(f"/my/tickets/{self.ticket.id}?{query}")
        self.assertIn("My own lamp", response.text)
        self.assertTrue(response.url.endswith(f"/my/helpdesk-tickets/{self.ticket.id}?{query}"), response.url)
        self.assertIn(f'data-token="{token}"', response.text, "the customer can answer")

    def test_the_redirect_is_not_for_good(self):
        """Browsers keep a permanent one, also when another helpdesk with this address is installed later."""
        response = self.url_open(f"/my/tickets/{self.ticket.id}", allow_redirects=False)
        self.assertEqual(response.status_code, 303)

    def test_customers_come_to_their_tickets(self):
        self.authenticate("hl_customer", "hl_customer")
        self.assertIn("My own lamp", self.url_open(f"/my/tickets/{self.ticket.id}").text)
        page = self.url_open("/my/tickets?sortby=name")
        self.assertTrue(page.url.endswith("/my/helpdesk-tickets?sortby=name"), page.url)
        self.assertIn("My own lamp", page.text)
        self.assertNotIn("Lamp of others", page.text)

    def test_nobody_comes_further_than_by_the_present_address(self):
        for login in (None, "hl_customer"):
            self.authenticate(login, login)
            for query in ("", "?access_token=wrong", f"?access_token={self.ticket._portal_ensure_token()}"):
                with self.subTest(login=login, query=query):
                    response = self.url_open(f"/my/tickets/{self.foreign.id}{query}")
                    self.assertEqual(response.status_code, 200)
                    self.assertNotIn("Lamp of others", response.text)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/tickets").url)

    def test_other_addresses_lead_nowhere(self):
        for path in ("/my/ticketsale", "/my/tickets/%0d%0aSet-Cookie:x=1", "/my/tickets/7;x", "/my/tickets/%C3%B1"):
            with self.subTest(path=path):
                self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 404)
        elsewhere = self.url_open("/my/tickets//evil.example/", allow_redirects=False)
        self.assertNotRegex(elsewhere.headers.get("Location", ""), r"^(https?:)?//evil")

    def test_nothing_is_posted_to_a_former_address(self):
        self.authenticate("hl_customer", "hl_customer")
        self.team.allow_portal_close = True
        response = self.url_open(f"/my/tickets/{self.ticket.id}/close", data={"x": "1"}, allow_redirects=False)
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self.ticket.is_closed)

    # ------------------------------------------------------------
    # WEB CLIENT
    # ------------------------------------------------------------

    def load(self, path):
        return self.make_jsonrpc_request("/web/action/load", {"action_id": path})

    def test_former_paths_open_our_actions(self):
        self.authenticate("hl_agent", "hl_agent")
        for path, xmlid in (("helpdesk", "team_action_dashboard"), ("helpdesk-tickets", "ticket_action")):
            with self.subTest(path=path):
                action = self.load(path)
                self.assertEqual(action["xml_id"], f"helpdesk_lite.{xmlid}")
                self.assertEqual(action["path"], path.replace("helpdesk", "helpdesk-lite"), "the client shows this one")
        (crumb,) = self.make_jsonrpc_request(
            "/web/action/load_breadcrumbs", {"actions": [{"action": "helpdesk-tickets", "resId": self.ticket.id}]}
        )
        self.assertEqual(crumb["display_name"], self.ticket.display_name)

    def open_screen(self, path):
        """Open a page of the web client, and return the address that it has then."""
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.url.removeprefix(self.base_url())

    def test_former_addresses_become_the_present_ones(self):
        self.authenticate("hl_agent", "hl_agent")
        for former, present in (
            ("helpdesk", "helpdesk-lite"),
            ("helpdesk-tickets/7", "helpdesk-lite-tickets/7"),
            ("helpdesk/helpdesk-tickets/7?view_type=form&x=%20y", "helpdesk-lite/helpdesk-lite-tickets/7?view_type=form&x=+y"),
            ("contacts/7/helpdesk-tickets/new", "contacts/7/helpdesk-lite-tickets/new"),
            ("helpdesk-nothing/7", "helpdesk-nothing/7"),
            ("helpdesk_lite.ticket/7", "helpdesk_lite.ticket/7"),
        ):
            with self.subTest(former=former):
                self.assertEqual(self.open_screen(f"/odoo/{former}"), f"/odoo/{present}")
        # Odoo has no page with a line break in its address
        self.assertEqual(self.url_open("/odoo/helpdesk/%0d%0ax", allow_redirects=False).status_code, 404)
        self.authenticate("hl_customer", "hl_customer")
        self.assertTrue(self.open_screen("/odoo/helpdesk-tickets/7").startswith("/my"), "customers are not let in")
        self.authenticate(None, None)
        self.assertTrue(self.open_screen("/odoo/helpdesk-tickets/7").startswith("/web/login?redirect="))

    def test_a_path_that_somebody_else_has_is_theirs(self):
        self.env["ir.actions.act_window"].create({"name": "Theirs", "res_model": "res.partner", "path": "helpdesk-tickets"})
        self.authenticate("hl_agent", "hl_agent")
        self.assertEqual(self.load("helpdesk-tickets")["name"], "Theirs")
        self.assertEqual(self.open_screen("/odoo/helpdesk-tickets/7"), "/odoo/helpdesk-tickets/7")
        self.assertEqual(self.load("helpdesk-lite-tickets")["xml_id"], "helpdesk_lite.ticket_action")

    def test_other_paths_open_nothing(self):
        self.authenticate("hl_agent", "hl_agent")
        for path in ("helpdesk-nothing", "helpdesks", "helpdesk-lite-nothing", "helpdesk-", ["helpdesk"]):
            with self.subTest(path=path), self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self.load(path)

    # ------------------------------------------------------------
    # MENU
    # ------------------------------------------------------------

    def get_names(self, user, lang=None):
        """The names of our app and of the other one in the user's menu, and in the list of apps of a website."""
        menus = self.env["ir.ui.menu"].with_user(user).with_context(lang=lang)
        loaded = menus.load_web_menus(False)
        names = [loaded[menu.id]["name"] if menu.id in loaded else None for menu in (self.own, self.other)]
        roots = {app["id"]: app["name"] for app in menus.load_menus_root()["children"]}
        self.assertEqual([roots.get(menu.id) for menu in (self.own, self.other)], names)
        return names

    def test_two_apps_of_one_name_can_be_told_apart(self):
        self.env["res.lang"]._activate_lang("es_ES")
        group = self.env["res.groups"].create({"name": "Their agents"})
        their_agent = new_test_user(self.env, "hl_theirs", "base.group_user", email="theirs@test.example")
        their_agent.group_ids += group
        self.own = self.env.ref("helpdesk_lite.menu_root")
        action = self.env["ir.actions.act_window"].create({"name": "Theirs", "res_model": "res.partner"})
        self.other = self.env["ir.ui.menu"].create(
            {"name": "Helpdesk", "action": f"{action._name},{action.id}", "group_ids": [(6, 0, group.ids)]}
        )
        # whatever the translations are
        self.own.update_field_translations("name", {"es_ES": "Asistencia"})
        self.other.update_field_translations("name", {"es_ES": "Ayuda"})

        self.assertEqual(self.get_names(their_agent), ["Helpdesk Lite", "Helpdesk"])
        self.assertEqual(self.get_names(their_agent, "es_ES"), ["Asistencia", "Ayuda"])
        self.assertEqual(self.get_names(self.employee), ["Helpdesk", None], "there is nothing to tell apart")
        self.own.name = "Our Desk"
        self.assertEqual(self.get_names(their_agent), ["Our Desk", "Helpdesk"], "a name that somebody chose stays")
