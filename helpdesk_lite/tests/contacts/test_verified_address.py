import re

from odoo import http
from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import COMPANY_MODES, HelpdeskCase
from ..mail.test_mail import MAIL

ZOE = "zoe@quill.example"


@tagged("post_install", "-at_install")
class TestVerifiedAddress(HelpdeskCase, MailCommon, HttpCase):
    """Mail first, contact later: whose an address is, who gains the tickets that came from it, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "hl_clerk", "base.group_user,base.group_partner_manager", email="clerk@test.example")
        cls.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        cls.env["ir.config_parameter"].set_param("auth_signup.reset_password", "True")
        if "website" in cls.env:
            cls.env["website"].search([]).auth_signup_uninvited = "b2c"
        cls.tickets = {mode: cls.make_ticket(mode, partner_name="Zoe", partner_email=ZOE) for mode in COMPANY_MODES}
        cls.ticket = cls.tickets["public"]

    def make_contact(self, email=ZOE, user=None, **values):
        """Create a contact as an employee does."""
        [contact_id] = self.call(user or self.clerk, "res.partner", "create", [{"name": "Zoe Quill", "email": email, **values}])
        return self.env["res.partner"].browse(contact_id)

    def get_gained(self):
        """The tickets that have a customer, by visibility."""
        self.env.invalidate_all()
        return {mode for mode, ticket in self.tickets.items() if ticket.partner_id}

    def receive(self, sender, team=None, references="", subject="Again"):
        tickets = self.env["helpdesk_lite.ticket"].search([])
        raw = MAIL.format(
            sender=sender,
            to=(team or self.team).alias_email,
            cc="",
            subject=subject,
            charset="utf-8",
            body="<p>My salary is 1234.</p>",
            message_id=f"<{len(tickets)}.{self.env['mail.message'].search_count([])}@quill.example>",
            headers=f"References: {references}\n" if references else "",
        ).encode()
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw)
        return self.env["helpdesk_lite.ticket"].search([]) - tickets

    def submit_address(self, contact, email, **values):
        """Save the form of an address on the portal, as the user who is logged in."""
        country = self.env.ref("base.be")
        form = {
            "partner_id": contact.id if contact else "",
            "csrf_token": http.Request.csrf_token(self),
            "name": contact.name if contact else "Somebody",
            "email": email,
            "phone": "+32 2 290 34 90",
            "street": "1 Street",
            "city": "Town",
            "zip": "1000",
            "country_id": country.id,
            **values,
        }
        answer = self.url_open("/my/address/submit", data=form).json()
        self.assertNotIn("messages", answer)
        self.env.invalidate_all()

    def post_form(self, url, **values):
        self.authenticate(None, None)
        page = self.url_open(url)
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **values}), page

    def ask_for_password(self, login):
        """Ask for a password mail on the website.

        :return: the link in the mail
        """
        with self.mock_mail_gateway():
            self.post_form("/web/reset_password", login=login)
        [mail] = self._mails
        self.assertEqual(len(self._mails), 1)
        return re.search(r'(/web/reset_password\?[^"]*)"', mail["body"]).group(1).replace("&amp;", "&"), mail["email_to"]

    def use_link(self, link, login):
        self.authenticate(None, None)
        page = self.url_open(link).text
        token = re.search(r'name="token"[^>]*value="([^"]*)"', page) or re.search(r'value="([^"]*)"[^>]*name="token"', page)
        values = {"password": "long-enough-1", "confirm_password": "long-enough-1", "login": login, "name": "Zoe"}
        self.url_open(
            "/web/reset_password", data={"csrf_token": http.Request.csrf_token(self), "token": token.group(1), **values}
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # WHO GAINS
    # ------------------------------------------------------------

    def test_the_contact_that_an_employee_makes_gets_the_tickets_of_its_address(self):
        closed = self.make_ticket(partner_email="ZOE@Quill.example")
        closed.action_close()
        archived = self.make_ticket(partner_email=ZOE, active=False)
        contact = self.make_contact("Zoe <Zoe@quill.example>")
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))
        for ticket in (*self.tickets.values(), closed, archived):
            self.assertEqual(ticket.partner_id, contact)
            follows = contact in ticket.message_partner_ids
            self.assertEqual(follows, ticket.team_id.privacy_visibility == "public")
        self.assertEqual(self.ticket.partner_name, "Zoe Quill")
        self.assertIn("The customer is Zoe Quill now", "".join(self.ticket.message_ids.mapped("body")))

    def test_nobody_is_mailed_because_of_it(self):
        self.ticket.message_subscribe(self.agent.partner_id.ids)
        with self.mock_mail_gateway():
            self.make_contact()
            self.flush_tracking()
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))
        self.assertFalse(self._mails)

    def test_a_corrected_address_and_a_restored_contact(self):
        contact = self.make_contact("zoe@quil.example")
        self.assertFalse(self.get_gained())
        self.call(self.clerk, "res.partner", "write", contact.ids, {"email": ZOE, "active": False})
        self.assertFalse(self.get_gained())
        self.call(self.clerk, "res.partner", "action_unarchive", contact.ids)
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))

    def test_whoever_gets_access_to_the_portal_sees_the_public_ones(self):
        contact = self.make_contact()
        # as for contacts that were there before their tickets were looked for
        for ticket in self.tickets.values():
            ticket.partner_id = False
        wizard_id = self.call(
            self.env.ref("base.user_admin"), "portal.wizard", "create", [{"partner_ids": [(6, 0, contact.ids)]}]
        )[0]
        line = self.env["portal.wizard"].browse(wizard_id).user_ids
        with self.mock_mail_gateway():
            self.call(self.env.ref("base.user_admin"), "portal.wizard.user", "action_grant_access", line.ids)
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))
        seen = self.ticket.with_user(contact.user_ids).search([])
        self.assertEqual(seen, self.ticket)

    def test_whoever_signs_up_and_answers_a_mail_to_the_address(self):
        """The whole way through the doors: a free sign-up opens nothing, the link of a mail to the address does."""
        self.post_form("/web/signup", login=ZOE, name="Zoe", password="long-enough-1", confirm_password="long-enough-1")
        user = self.env["res.users"].search([("login", "=", ZOE)])
        self.assertTrue(user.share)
        self.assertFalse(self.get_gained())
        self.assertFalse(self.receive(ZOE).partner_id)
        self.authenticate(None, None)
        link, recipient = self.ask_for_password(ZOE)
        self.assertIn(ZOE, recipient[0])
        self.use_link(link, ZOE)
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))
        self.assertIn(self.ticket, self.ticket.with_user(user).search([]))
        self.assertEqual(self.receive(ZOE).partner_id, user.partner_id)

    def test_an_employee_confirms_an_address(self):
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.customer, ZOE)
        self.assertTrue(self.customer.with_user(self.agent).is_email_unverified)
        for user in (self.customer_user, self.employee, self.agent):
            with self.assertRaises(AccessError):
                self.call(user, "res.partner", "action_verify_email", self.customer.ids)
        self.assertFalse(self.get_gained())
        self.call(self.clerk, "res.partner", "action_verify_email", self.customer.ids)
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))

    # ------------------------------------------------------------
    # WHO DOES NOT
    # ------------------------------------------------------------

    def test_a_customer_who_changes_their_own_address_gains_nothing(self):
        """Not the tickets that came from the address, and not those that still come."""
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.customer, ZOE)
        self.assertEqual(self.customer.email_normalized, ZOE)
        # an employee changes something else
        self.call(self.clerk, "res.partner", "write", self.customer.ids, {"company_id": False, "city": "Village"})
        self.assertFalse(self.get_gained())
        later = self.receive(ZOE)
        self.assertEqual(len(later), 1)
        self.assertFalse(later.partner_id)
        self.assertEqual(later.partner_email, ZOE)
        self.assertFalse(later.message_ids.author_id & self.customer)
        # the owner of the address answers, and an agent answers them
        asked = self.ticket.message_post(
            body="?", message_type="email", subtype_xmlid="mail.mt_comment", author_id=False, email_from=ZOE
        )
        self.receive(ZOE, references=asked.message_id)
        self.assertIn("1234", "".join(self.ticket.message_ids.mapped("body")))
        self.authenticate("hl_agent", "hl_agent")
        params = {
            "thread_model": self.ticket._name,
            "thread_id": self.ticket.id,
            "post_data": {
                "body": "Yes.",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "partner_emails": [ZOE],
            },
        }
        with self.mock_mail_gateway():
            answer = self.url_open("/mail/message/post", json={"jsonrpc": "2.0", "id": 1, "method": "call", "params": params})
        self.assertNotIn("error", answer.json())
        self.env.invalidate_all()
        self.assertTrue(self.ticket.partner_id, "the answer makes a contact of its own")
        self.assertNotEqual(self.ticket.partner_id, self.customer)
        for ticket in (*self.tickets.values(), later):
            self.assertNotIn(self.customer, ticket.message_partner_ids)
            self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
        self.assertFalse(later.with_user(self.customer_user).search([]))

    def test_nor_by_a_further_address_or_by_the_door_for_programs(self):
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.env["res.partner"], ZOE, address_type="delivery")
        child = self.env["res.partner"].search([("email", "=", ZOE)])
        self.assertEqual(child.parent_id, self.customer)
        self.assertFalse(self.get_gained() or self.receive(ZOE).partner_id)
        child.unlink()
        self.call(self.customer_user, "res.users", "write", self.customer_user.ids, {"email": ZOE})
        self.assertEqual(self.customer.email, ZOE)
        self.assertFalse(self.get_gained() or self.receive(ZOE).partner_id)

    def test_an_address_that_nobody_changed_stays_verified(self):
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.customer, self.customer.email, street="2 Street")
        self.assertEqual(self.receive(self.customer.email).partner_id, self.customer)

    def test_nor_with_a_link_that_was_sent_to_the_address_before(self):
        """The token of Odoo does not contain the address: it would stay valid when the contact's address changes."""
        # before the mail, because a later login would void the token
        self.authenticate("hl_customer", "hl_customer")
        browser = self.session, self.opener
        self.session = None
        link, recipient = self.ask_for_password("hl_customer")
        self.assertIn(self.customer.email, recipient[0])
        self.session, self.opener = browser
        self.submit_address(self.customer, ZOE)
        self.assertEqual(self.customer.email, ZOE)
        self.use_link(link, "hl_customer")
        self.assertTrue(self.customer.with_user(self.agent).is_email_unverified)
        self.assertFalse(self.get_gained())

    def test_nor_with_the_link_of_a_share_or_invitation_to_another_address(self):
        """A new user chooses the login, which becomes the address."""
        contact = self.make_contact("zoe@private.example")
        contact.signup_prepare()
        token = contact._generate_signup_token()
        self.authenticate(None, None)
        self.url_open(
            "/web/signup",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "token": token,
                "login": ZOE,
                "name": "Z",
                "password": "long-enough-1",
                "confirm_password": "long-enough-1",
            },
        )
        self.env.invalidate_all()
        self.assertEqual(contact.user_ids.login, ZOE)
        self.assertEqual(contact.email, ZOE)
        self.assertFalse(self.get_gained())

    def test_no_context_of_a_client_makes_a_proof(self):
        contact = self.make_contact("zoe@private.example")
        contact.signup_prepare()
        plain = contact.with_context(helpdesk_lite_proving_email=True)._generate_signup_token()
        self.assertNotIn("~", plain)
        for token in (plain, f"{plain}~", f"{plain}~0", f"{plain}~é", None, 7):
            self.assertFalse(contact._is_email_proven(token), token)

    def test_two_contacts_with_one_address(self):
        first = self.make_contact()
        for ticket in self.tickets.values():
            ticket.partner_id = False
        self.make_contact()
        self.assertFalse(self.get_gained(), "nobody knows which of them it is")
        # one that somebody only typed does not count
        self.call(self.clerk, "res.partner", "action_archive", first.ids)
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.customer, ZOE)
        other = self.env["res.partner"].search([("email", "=", ZOE), ("id", "!=", self.customer.id)])
        for email in ("bo@quill.example", ZOE):
            self.call(self.clerk, "res.partner", "write", other.ids, {"email": email})
        self.assertEqual(self.ticket.partner_id, other)

    def test_only_the_exact_address(self):
        for email in (
            "zoe+lamps@quill.example",
            "zo\u00eb@quill.example",
            "z\u043ee@quill.example",
            "zoe@quill.example.evil.example",
            "zoe@xn--quill.example",
            "zoe@quill.example, eve@evil.example",
            "eve@evil.example, zoe@quill.example",
            "zoe@quıll.example",
            "zoe%@quill.example",
            "_oe@quill.example",
            "zoe",
        ):
            with self.subTest(email=email):
                contact = self.make_contact(email)
                self.assertFalse(self.get_gained())
                contact.unlink()
        self.make_contact("ZOE@QUILL.EXAMPLE ")
        self.assertEqual(self.get_gained(), set(COMPANY_MODES))

    def test_our_own_addresses_are_nobodys(self):
        ticket = self.make_ticket(partner_email=self.team.alias_email)
        self.make_contact(self.team.alias_email)
        self.assertFalse(ticket.partner_id)

    def test_a_forwarded_mail_is_nobodys_until_it_is_answered(self):
        """Whoever forges the agent's address could have written it."""
        forwarded = self.make_ticket(partner_email=ZOE, forwarded_by_id=self.agent.id)
        self.make_contact()
        self.assertTrue(self.ticket.partner_id)
        self.assertFalse(forwarded.partner_id)

    def test_tickets_that_have_a_customer_keep_it(self):
        theirs = self.make_ticket(partner_id=self.customer.id, partner_email=ZOE)
        self.make_contact()
        self.assertEqual(theirs.partner_id, self.customer)

    def test_an_employees_word_counts_in_their_companies(self):
        there = self.env["res.company"].create({"name": "There"})
        foreign_team = self.env["helpdesk_lite.team"].create({"name": "There", "company_id": there.id})
        foreign = self.env["helpdesk_lite.ticket"].create({"name": "x", "team_id": foreign_team.id, "partner_email": ZOE})
        contact = self.make_contact()
        self.assertEqual(self.ticket.partner_id, contact)
        self.assertFalse(foreign.partner_id)
        # a contact of a company is nobody in another one
        stranger = self.make_ticket(partner_email="bo@quill.example")
        self.env["res.partner"].create({"name": "Bo", "email": "bo@quill.example", "company_id": there.id})
        self.assertFalse(stranger.partner_id)

    def test_an_employee_who_takes_the_address_of_somebody_gains_nothing(self):
        """Everybody may change the own address in the preferences, and mails to a private team are read by their author."""
        for user in (self.employee, self.agent):
            with self.subTest(user=user.login), self.env.cr.savepoint() as savepoint:
                self.call(user, "res.users", "write", user.ids, {"email": ZOE})
                self.assertEqual(user.partner_id.email, ZOE)
                self.assertFalse(self.get_gained())
                ticket = self.receive(f"Zoe Quill <{ZOE}>", team=self.teams["private"])
                self.assertEqual((ticket.team_id, ticket.partner_email), (self.teams["private"], ZOE))
                self.assertFalse(ticket.partner_id)
                self.assertFalse(ticket.with_user(user).has_access("read"))
                self.assertFalse((ticket | self.tickets["private"]).message_partner_ids & user.partner_id)
                # the same address, saved again, or something else about oneself, verifies nothing
                self.call(user, "res.users", "write", user.ids, {"email": ZOE.upper(), "phone": "+32 2 290 34 90"})
                self.assertTrue(user.partner_id.with_user(self.clerk).is_email_unverified)
                with self.assertRaises(AccessError):
                    self.call(user, "res.partner", "action_verify_email", user.partner_id.ids)
                # a colleague who may change contacts knows whose it is
                self.call(self.clerk, "res.partner", "action_verify_email", user.partner_id.ids)
                self.assertEqual(self.receive(f"Me <{ZOE}>").partner_id, user.partner_id)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_employee_who_may_change_contacts_changes_their_own(self):
        self.call(self.clerk, "res.users", "write", self.clerk.ids, {"email": "new.clerk@test.example"})
        self.assertFalse(self.clerk.partner_id.with_user(self.clerk).is_email_unverified)

    def test_employees_without_the_right_make_no_contact(self):
        for user in (self.agent, self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                self.make_contact(user=user)
        self.assertFalse(self.get_gained())

    def test_the_mark_is_nobodys(self):
        for user in (self.clerk, self.manager):
            with self.assertRaises(AccessError):
                self.call(user, "res.partner", "read", self.customer.ids, ["unverified_email"])
            with self.assertRaises(AccessError):
                self.call(user, "res.partner", "write", self.customer.ids, {"unverified_email": False})

    def test_visitors_of_the_form_reach_no_contact_that_only_typed_the_address(self):
        self.team.use_website_form = True
        self.authenticate("hl_customer", "hl_customer")
        self.submit_address(self.customer, ZOE)
        self.authenticate(None, None)
        page = self.url_open(self.team.form_url).text
        data = {
            "csrf_token": http.Request.csrf_token(self),
            **dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)),
            "name": "Zoe",
            "email": ZOE,
            "subject": "By the form",
            "description": "Hello",
        }
        before = self.env["helpdesk_lite.ticket"].search([])
        self.url_open(self.team.form_url, data=data)
        made = self.env["helpdesk_lite.ticket"].search([]) - before
        self.assertEqual(made.partner_email, ZOE)
        self.assertFalse(made.partner_id)
