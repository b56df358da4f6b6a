import doctest
import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config

from ..controllers import form as form_controller
from ..tools import file_names, visitors
from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestForm(HelpdeskCase, HttpCase):
    """What visitors can and cannot do with the public form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"use_website_form": True, "description": "<p>We answer within a day.</p>"})
        cls.url = f"/helpdesk/{cls.env['ir.http']._slug(cls.team)}"
        cls.message = {
            "name": "Vera Visitor",
            "email": "vera@visitor.example",
            "subject": "Broken lamp",
            "description": "It is dark.",
        }
        # a network address of its own, so that other tests do not count
        cls.env["helpdesk_lite.form.visit"].search([]).unlink()

    def send(self, files=(), url=None, csrf=True, follow=True, **values):
        """Send the form as a browser does, with the page's CSRF token."""
        url = url or self.url
        page = self.url_open(url).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        data = {**self.message, **values}
        if csrf and token:
            data["csrf_token"] = token[1]
        return self.url_open(url, data=data, files=[("files", file) for file in files] or None, allow_redirects=follow)

    def new_tickets(self):
        return self.env["helpdesk_lite.ticket"].search([("team_id", "=", self.team.id)])

    def assertRefused(self, response, sentence, status=400):
        self.assertEqual(response.status_code, status)
        self.assertIn(sentence, response.text)
        self.assertFalse(self.new_tickets())

    # ------------------------------------------------------------
    # PAGES
    # ------------------------------------------------------------

    def test_list_shows_teams_with_form_of_this_company(self):
        other_company = self.env["res.company"].create({"name": "Elsewhere"})
        self.teams["company"].write({"name": "No form here", "use_website_form": False})
        self.env["helpdesk_lite.team"].create(
            [
                {"name": "Foreign form", "company_id": other_company.id, "use_website_form": True},
                {"name": "Archived form", "active": False, "use_website_form": True},
            ]
        )
        page = self.url_open("/helpdesk").text
        self.assertIn("Team public", page)
        self.assertIn(self.url, page)
        for name in ("No form here", "Foreign form", "Archived form"):
            self.assertNotIn(name, page)

    def test_page_shows_description_and_limits(self):
        response = self.url_open(self.url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("We answer within a day.", response.text)
        self.assertIn("10 MB", response.text)
        self.assertIn('autocomplete="email"', response.text)

    def test_unknown_teams_are_not_found(self):
        archived = self.env["helpdesk_lite.team"].create({"name": "Old", "active": False, "use_website_form": True})
        for path in (
            "nobody",
            "nobody-0",
            "x-99999999",
            f"x-{2**40}",
            "-1",
            "1'--",
            "%C3%A9",
            f"x-{archived.id}",
            f"x-{self.teams['company'].id}",
        ):
            with self.subTest(path=path):
                self.assertEqual(self.url_open(f"/helpdesk/{path}").status_code, 404)
                self.assertEqual(self.send(url=f"/helpdesk/{path}").status_code, 400, "no token, no answer")
        self.assertEqual(self.url_open("/helpdesk/%00").status_code, 400)

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def test_visitor_makes_ticket_and_reads_number(self):
        response = self.send(files=[("lamp.txt", b"a photo", "text/plain")])
        ticket = self.new_tickets()
        self.assertEqual(len(ticket), 1)
        self.assertTrue(response.url.endswith("/helpdesk/thanks"), "the number is not in the address")
        self.assertIn(ticket.number, response.text)
        self.assertRecordValues(
            ticket,
            [
                {
                    "name": "Broken lamp",
                    "partner_name": "Vera Visitor",
                    "partner_email": "vera@visitor.example",
                    "partner_id": False,
                    "user_id": False,
                    "company_id": self.team.company_id.id,
                }
            ],
        )
        self.assertEqual(str(ticket.description), "<p>It is dark.</p>")
        self.assertFalse(self.env["res.partner"].search([("email", "=", "vera@visitor.example")]), "no contact is made")
        message = ticket.message_ids.filtered(lambda message: message.subtype_id == ticket._creation_subtype())
        self.assertEqual(len(message), 1)
        self.assertEqual(message.attachment_ids.mapped("name"), ["lamp.txt"])
        self.assertEqual(message.attachment_ids.raw, b"a photo")
        self.assertEqual(message.attachment_ids.res_id, ticket.id)
        self.assertFalse(message.author_id)
        self.assertIn("vera@visitor.example", message.email_from)
        self.assertNotIn(self.env.ref("base.public_partner"), ticket.message_partner_ids)

    def test_thanks_belongs_to_the_session(self):
        self.send()
        number = self.new_tickets().number
        self.assertIn(number, self.url_open("/helpdesk/thanks").text)
        self.authenticate(None, None)
        other = self.url_open("/helpdesk/thanks")
        self.assertNotIn(number, other.text)
        self.assertTrue(other.url.endswith("/helpdesk"))

    def test_acknowledgement_does_not_repeat_a_stranger(self):
        self.send(subject="BUY PILLS", description="PILLS HERE")
        ticket = self.new_tickets()
        mail = self.env["mail.mail"].search([("model", "=", ticket._name), ("res_id", "=", ticket.id)])
        self.assertEqual(len(mail), 1)
        self.assertIn("vera@visitor.example", mail.email_to)
        self.assertIn(ticket.number, mail.subject)
        self.assertNotIn("PILLS", f"{mail.subject}{mail.body_html}")

    def test_address_of_a_contact(self):
        before = self.customer.read(["name", "email", "phone"])
        response = self.send(name="Not Me", email="CUSTOMER@test.example", description="Forged")
        ticket = self.new_tickets()
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertNotIn("View the Ticket", response.text, "another person's address gives no access")
        self.assertEqual(self.customer.read(["name", "email", "phone"]), before)
        mails = self.env["mail.mail"].search([("model", "=", ticket._name), ("res_id", "=", ticket.id)])
        self.assertEqual(mails.recipient_ids, self.customer)
        self.assertFalse([mail for mail in mails if "Forged" in mail.body_html], "their address cannot be used to spam them")

    def test_address_of_an_employee_makes_no_employee(self):
        self.send(email="agent@test.example")
        ticket = self.new_tickets()
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.message_ids.filtered(lambda message: message.author_id == self.agent.partner_id))
        self.assertNotIn(self.agent.partner_id, ticket.message_partner_ids)

    def test_identity_of_a_user_cannot_be_overridden(self):
        self.authenticate("hl_customer", "hl_customer")
        page = self.url_open(self.url).text
        self.assertIn("customer@test.example", page)
        self.assertNotIn('name="email"', page)
        response = self.send(name="Somebody Else", email="agent@test.example", partner_id=str(self.agent.partner_id.id))
        ticket = self.new_tickets()
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual(ticket.partner_email, "customer@test.example")
        self.assertIn(self.customer, ticket.message_partner_ids)
        self.assertIn("View the Ticket", response.text)

    def test_employee_is_the_customer_of_their_message(self):
        self.authenticate("hl_employee", "hl_employee")
        self.send(email="vera@visitor.example")
        self.assertEqual(self.new_tickets().partner_id, self.employee.partner_id)

    def test_private_team_keeps_customers_out(self):
        self.team.privacy_visibility = "private"
        self.authenticate("hl_customer", "hl_customer")
        response = self.send()
        ticket = self.new_tickets()
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertFalse(ticket.message_partner_ids.filtered("partner_share"))
        self.assertFalse(ticket.access_token)
        self.assertNotIn("View the Ticket", response.text)

    def test_fields_that_are_not_asked_are_ignored(self):
        self.send(team_id=str(self.teams["private"].id), user_id=str(self.agent.id), priority="3", stage_id="1")
        self.assertRecordValues(self.new_tickets(), [{"priority": "0", "team_id": self.team.id}])
        self.assertFalse(self.env["helpdesk_lite.ticket"].search([("team_id", "=", self.teams["private"].id)]))

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_missing_and_malformed_values(self):
        for values, sentence in (
            ({"name": " "}, "Please tell us your name."),
            ({"email": ""}, "Please tell us your e-mail address"),
            ({"email": "vera"}, "We cannot send an answer to the e-mail address"),
            ({"email": "vera@visitor"}, "We cannot send an answer to the e-mail address"),
            ({"email": "a@b.example, c@d.example"}, "We cannot send an answer to the e-mail address"),
            ({"email": "a@b.example\nBcc: c@d.example"}, "We cannot send an answer to the e-mail address"),
            ({"subject": ""}, "Please give your message a subject."),
            ({"description": " \n "}, "Please write a message."),
            ({"subject": "x" * 201}, "at most 200 characters"),
            ({"description": "x" * 50_001}, "at most 50000 characters"),
        ):
            with self.subTest(values=str(values)[:50]):
                response = self.send(**values)
                self.assertRefused(response, sentence)
                if "name" not in values:
                    self.assertIn('value="Vera Visitor"', response.text, "what was typed is still there")

    def test_huge_body_is_refused(self):
        response = self.send(description="x" * 11 * 1024**2)
        self.assertIn(response.status_code, (400, 413))
        self.assertFalse(self.new_tickets())

    def test_control_characters_are_dropped(self):
        self.send(subject="A\x00B\r\nBcc: c", description="line\x00 one\r\nline two")
        self.assertEqual(self.new_tickets().name, "AB Bcc: c")
        self.assertEqual(str(self.new_tickets().description), "<p>line one<br>line two</p>")

    def test_script_stays_text(self):
        script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        self.send(name=script, subject=script, description=script)
        ticket = self.new_tickets()
        self.assertNotIn("<script", ticket.description)
        self.assertNotIn("<img", ticket.description)
        self.assertIn("&lt;script&gt;", ticket.description)
        page = self.send(name=script, subject=script, description=script, email="bad").text
        self.assertNotIn("<script>alert", page)
        self.assertNotIn("<img src=x", page)

    def test_without_token(self):
        self.assertEqual(self.send(csrf=False).status_code, 400)
        self.assertFalse(self.new_tickets())

    def test_trap(self):
        self.assertRefused(self.send(**{form_controller.HONEYPOT: "cheap pills"}), "Do not fill in this field")

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def test_examples_in_docstrings(self):
        for module in (file_names, form_controller, visitors):
            self.assertFalse(doctest.testmod(module).failed)

    def test_file_names_are_cleaned(self):
        self.send(
            files=[
                ("../../x", b"1", "text/plain"),
                ("C:\\temp\\y.txt", b"2", "text/plain"),
                ("in\u202evoice.txt", b"3", "text/plain"),
            ]
        )
        self.assertEqual(
            set(
                self.env["ir.attachment"]
                .search([("res_model", "=", "helpdesk_lite.ticket"), ("res_id", "=", self.new_tickets().id)])
                .mapped("name")
            ),
            {"x", "y.txt", "invoice.txt"},
        )

    def test_files_with_scripts_are_text(self):
        script = b"<script>alert(1)</script>"
        self.send(
            files=[
                ("a.html", script, "text/html"),
                ("b.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + script + b"</svg>", "image/svg+xml"),
                ("c.xhtml", script, "application/xhtml+xml"),
            ]
        )
        attachments = self.new_tickets().message_ids.attachment_ids
        self.assertEqual(len(attachments), 3)
        self.assertEqual(set(attachments.mapped("mimetype")), {"text/plain"})

    def test_too_large_and_too_many_files(self):
        with patch.multiple(form_controller, MAX_FILE_SIZE=1000, MAX_TOTAL_SIZE=1500, MAX_FILES=3):
            self.assertRefused(self.send(files=[("../big.bin", b"x" * 1001, "image/png")]), "“big.bin” is larger than")
            self.assertRefused(self.send(files=[(f"{n}", b"x" * 600, "image/png") for n in range(3)]), "together")
            self.assertRefused(self.send(files=[(f"{n}", b"x", "image/png") for n in range(4)]), "at most 3 files")
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", "2048")
        self.assertRefused(self.send(files=[("big.bin", b"x" * 2049, "image/png")]), "is larger than 2 kB")

    # ------------------------------------------------------------
    # LIMIT
    # ------------------------------------------------------------

    @contextmanager
    def proxy(self):
        """Send through a proxy that Odoo trusts; whose address it passes on is in the header X-Forwarded-For."""
        self.opener.headers["X-Forwarded-Host"] = self.base_url().partition("//")[2]
        with patch.dict(config.options, proxy_mode=True):
            yield

    def send_from(self, forwarded, number):
        """Send a message with an e-mail address of its own, and return the answer."""
        self.opener.headers["X-Forwarded-For"] = forwarded
        return self.send(email=f"visitor{number}@visitor.example")

    def test_limit_by_network_address(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        with self.proxy():
            for number in range(2):
                self.send_from("198.51.100.7", number)
            response = self.send_from("198.51.100.7", 3)
            self.assertEqual(response.status_code, 429)
            self.assertIn("Please try again in an hour.", response.text)
            self.assertIn("It is dark.", response.text)
            self.assertTrue(3500 <= int(response.headers["Retry-After"]) <= 3600, response.headers["Retry-After"])
            self.assertEqual(len(self.new_tickets()), 2)
            self.assertEqual(self.send_from("198.51.100.8", 4).status_code, 200, "another visitor")

    def test_time_until_the_oldest_message_makes_room(self):
        Visit = self.env["helpdesk_lite.form.visit"]
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        for minutes in (50, 20):
            self.assertEqual(Visit._count(["vera@visitor.example"]), 0)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE helpdesk_lite_form_visit SET create_date = create_date - %s * interval '1 minute' WHERE id = "
                "(SELECT max(id) FROM helpdesk_lite_form_visit)",
                [minutes],
            )
        wait = Visit._count(["vera@visitor.example"])
        self.assertTrue(590 <= wait <= 600, wait)
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "1")
        wait = Visit._count(["vera@visitor.example"])
        self.assertTrue(2390 <= wait <= 2400, "with a lower limit, both have to be over")
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "0")
        self.assertEqual(Visit._count(["other@visitor.example"]), 3600, "a closed form")

    def test_a_proxy_is_no_visitor(self):
        """Behind a proxy that passes no address on, all the world seems to come from this machine: nobody is shut out."""
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        with self.assertLogs("odoo.addons.helpdesk_lite.models.form_visit", "WARNING") as logged:
            for number in range(4):
                self.assertEqual(self.send(email=f"visitor{number}@visitor.example").status_code, 200)
        self.assertEqual(len(logged.output), 1, "the administrator is told once")
        self.assertIn("127.0.0.1", logged.output[0])
        self.assertIn("X-Forwarded-Host", logged.output[0])
        # one header is missing, or the address is that of another proxy behind the first
        with self.proxy():
            for number, forwarded in enumerate((None, "", *(f"198.51.100.{number}, 10.0.0.2" for number in range(3))), 4):
                with self.subTest(forwarded):
                    self.assertEqual(self.send_from(forwarded, number).status_code, 200)
            # Odoo believes none of the headers without this one
            del self.opener.headers["X-Forwarded-Host"]
            for number in range(20, 23):
                self.assertEqual(self.send_from("198.51.100.7", number).status_code, 200)
        # what somebody says of themselves is limited all the same
        self.assertEqual(self.send(email="visitor0@visitor.example").status_code, 200)
        self.assertEqual(self.send(email="visitor0@visitor.example").status_code, 429)

    def test_a_forged_address_is_nobodys(self):
        """The proxy writes the address behind what the visitor wrote. Without a trusted proxy, headers say nothing."""
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        with self.proxy():
            codes = [self.send_from(f"192.0.2.{number}, 198.51.100.7", number).status_code for number in range(3)]
        self.assertEqual(codes, [200, 200, 429])
        for number in range(3):
            # nobody can use up the limit of others
            self.assertEqual(self.send_from("198.51.100.9", 10 + number).status_code, 200)
        with self.proxy():
            self.assertEqual(self.send_from("198.51.100.9", 20).status_code, 200)

    def test_limit_by_subscriber_of_ipv6(self):
        """A subscriber has a /64 of addresses, and can use a new one for every message."""
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        with self.proxy():
            for number, (address, status) in enumerate(
                (
                    ("2001:db8:0:7::1", 200),
                    ("2001:db8:0:7:dead:beef:0:2", 200),
                    ("2001:db8:0:7:ffff::3", 429),
                    ("2001:db8:0:8::1", 200),
                )
            ):
                with self.subTest(address=address):
                    self.assertEqual(self.send_from(address, number).status_code, status)
        self.assertEqual(len(self.new_tickets()), 3)

    def test_limit_by_email_address(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "2")
        for _sending in range(2):
            self.assertFalse(self.env["helpdesk_lite.form.visit"]._count(["vera@visitor.example"]))
        self.assertRefused(self.send(email="Vera@Visitor.example"), "Please try again in an hour.", status=429)
        self.send(email="other@visitor.example")
        self.assertEqual(len(self.new_tickets()), 1)

    def test_visitors_do_not_use_up_the_limit_of_logged_in_users(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "1")
        self.assertFalse(self.env["helpdesk_lite.form.visit"]._count([self.customer.email]))
        self.authenticate("hl_customer", "hl_customer")
        self.assertEqual(self.send().status_code, 200)
        self.assertEqual(self.send().status_code, 429)
        self.assertEqual(len(self.new_tickets()), 1)

    def test_limit_forgets_after_an_hour_and_keeps_no_addresses(self):
        Visit = self.env["helpdesk_lite.form.visit"]
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "1")
        self.assertFalse(Visit._count(["vera@visitor.example"]))
        self.assertTrue(Visit._count(["vera@visitor.example"]))
        self.assertNotIn("vera", Visit.search([]).address_hash)
        self.env.flush_all()
        self.env.cr.execute("UPDATE helpdesk_lite_form_visit SET create_date = create_date - interval '61 minutes'")
        self.env.invalidate_all()
        self.assertFalse(Visit._count(["vera@visitor.example"]))

    def test_the_limit_is_a_setting(self):
        Settings, admin = "res.config.settings", new_test_user(self.env, "hl_form_settings", "base.group_system")
        field = "helpdesk_lite_form_limit"
        self.assertEqual(self.call(admin, Settings, "default_get", [field])[field], 20)
        settings = self.call(admin, Settings, "create", [{field: 0}])
        self.call(admin, Settings, "execute", settings)
        self.assertEqual(self.call(admin, Settings, "default_get", [field])[field], 0)
        self.assertRefused(self.send(), "Please try again in an hour.", status=429)
        with self.assertRaises(ValidationError):
            self.call(admin, Settings, "create", [{field: -1}])
        for user in (self.manager, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, Settings, "create", [{field: 1000}])

    def test_limit_that_is_no_number(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "many")
        self.send()
        self.assertEqual(len(self.new_tickets()), 1)

    def test_a_type_is_chosen_among_those_of_the_form(self):
        Type = self.env["helpdesk_lite.type"]
        shown = Type.create(
            {"name": "Damaged", "show_in_form": True, "guide": "<p>Send us a photo.</p>", "default_priority": "2"}
        )
        hidden = Type.create({"name": "Internal only"})
        foreign = Type.create({"name": "Of others", "show_in_form": True, "team_ids": self.teams["company"].ids})
        page = self.url_open(self.url).text
        self.assertIn("Damaged", page)
        self.assertIn("Send us a photo.", page)
        self.assertNotIn("Internal only", page)
        self.assertNotIn("Of others", page)
        for value in (str(shown.id), str(hidden.id), str(foreign.id), "0", "x", f"{shown.id} ", ""):
            with self.subTest(value):
                before = self.new_tickets()
                self.env["helpdesk_lite.form.visit"].search([]).unlink()
                self.assertEqual(self.send(type=value).status_code, 200)
                ticket = self.new_tickets() - before
                self.assertEqual(ticket.type_id, shown if value == str(shown.id) else Type)
                self.assertEqual(ticket.priority, "2" if ticket.type_id else "0")
