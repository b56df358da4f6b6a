from odoo import http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestContactMerge(HelpdeskCase, HttpCase):
    """Merging contacts with Odoo's wizard: who follows what afterwards, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "hl_clerk", "base.group_user,base.group_partner_manager", email="clerk@test.example")
        # with the website, standard Odoo reads its visitors with the user's own rights
        if designers := cls.env.ref("website.group_website_designer", raise_if_not_found=False):
            cls.clerk.group_ids += designers
        cls.double = cls.env["res.partner"].create({"name": "Carl", "email": "customer@test.example"})

    def merge(self, contacts, into, user=None):
        [wizard_id] = self.call(
            user or self.clerk,
            "base.partner.merge.automatic.wizard",
            "create",
            [{"partner_ids": [(6, 0, contacts.ids)], "dst_partner_id": into.id, "state": "selection"}],
        )
        self.call(user or self.clerk, "base.partner.merge.automatic.wizard", "action_merge", [wizard_id])
        self.env.invalidate_all()
        self.assertEqual(contacts.exists(), into)

    def test_everything_is_followed_on(self):
        """Standard Odoo forgets all that a contact follows when both follow one of them."""
        both = self.make_ticket(partner_id=self.customer.id)
        both.message_subscribe(self.double.ids)
        theirs = self.make_ticket(partner_id=self.double.id)
        team = self.teams["public"]
        team.message_subscribe(self.double.ids)
        kinds = theirs.message_follower_ids.filtered(lambda row: row.partner_id == self.double).subtype_ids
        self.assertTrue(kinds)
        self.merge(self.customer + self.double, self.customer)
        for record in (both, theirs, team):
            self.assertEqual(record.message_partner_ids & self.customer, self.customer)
        self.assertEqual(theirs.partner_id, self.customer)
        row = theirs.message_follower_ids.filtered(lambda row: row.partner_id == self.customer)
        self.assertEqual(row.subtype_ids, kinds)
        self.assertEqual(self.make_ticket().with_user(self.customer_user).search([]) & theirs, theirs)

    def test_a_stranger_gains_nothing_by_the_merge_of_others(self):
        stranger = new_test_user(self.env, "hl_stranger", "base.group_portal", email="stranger@test.example")
        ticket = self.make_ticket(partner_id=self.double.id)
        self.merge(self.customer + self.double, self.customer)
        self.assertFalse(ticket.with_user(stranger).has_access("read"))
        self.assertEqual(ticket.message_partner_ids & (self.customer | stranger.partner_id), self.customer)

    def test_the_tickets_of_the_address_become_those_of_the_one_that_is_left(self):
        waiting = self.make_ticket(partner_email="customer@test.example")
        self.assertFalse(waiting.partner_id)
        self.merge(self.customer + self.double, self.double)
        self.assertEqual(waiting.partner_id, self.double)
        self.assertTrue(waiting.with_user(self.customer_user).has_access("read"))

    def test_an_employee_gains_no_sight_of_private_teams(self):
        outsider = self.env["res.partner"].create({"name": "Lawyer", "email": self.employee.email})
        private, public = self.make_ticket("private"), self.make_ticket("public")
        own = self.make_ticket("private")
        for ticket in (private, public, self.teams["private"]):
            ticket.message_subscribe(outsider.ids)
        own.message_subscribe(self.employee.partner_id.ids)
        for into in (self.employee.partner_id, outsider):
            with self.subTest(into=into.name), self.cr.savepoint() as savepoint:
                self.merge(self.employee.partner_id + outsider, into, self.env.ref("base.user_admin"))
                self.assertFalse(private.with_user(self.employee).has_access("read"))
                self.assertFalse(self.teams["private"].with_user(self.employee).has_access("read"))
                self.assertTrue(own.with_user(self.employee).has_access("read"))
                self.assertIn(into, public.message_partner_ids)
                savepoint.rollback()
                self.env.invalidate_all()

    def type_address(self, email):
        """Change the customer's own address on the portal."""
        self.authenticate("hl_customer", "hl_customer")
        form = {"partner_id": self.customer.id, "name": self.customer.name, "email": email, "phone": "+32 2 290 34 90"}
        form |= {"street": "1 Street", "city": "Town", "zip": "1000", "country_id": self.env.ref("base.be").id}
        self.url_open("/my/address/submit", data={"csrf_token": http.Request.csrf_token(self), **form})
        self.env.invalidate_all()
        self.assertEqual(self.customer.email, email)

    def test_a_typed_address_is_not_verified_by_a_merge(self):
        waiting = self.make_ticket(partner_email="zoe@quill.example")
        self.type_address("zoe@quill.example")
        for email in (False, "zoe@quill.example"):
            double = self.env["res.partner"].create({"name": "Double", "email": "double@quill.example"})
            for into in (self.customer, double):
                with self.subTest(email=email, into=into.name), self.cr.savepoint() as savepoint:
                    # without taking the ticket, as before there was this rule
                    self.env.cr.execute(
                        "UPDATE res_partner SET email = %s, email_normalized = %s WHERE id = %s",
                        [*[email or None] * 2, double.id],
                    )
                    self.env.invalidate_all()
                    self.merge(self.customer + double, into, self.env.ref("base.user_admin"))
                    self.assertEqual(into.email, "zoe@quill.example")
                    self.assertFalse(waiting.partner_id)
                    self.assertFalse(waiting.with_user(self.customer_user).has_access("read"))
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_no_contact_is_merged_because_of_an_address_that_somebody_typed(self):
        victim = self.env["res.partner"].create({"name": "Zoe", "email": "zoe@quill.example"})
        ticket = self.make_ticket(partner_id=victim.id)
        self.type_address(victim.email)
        for into in (victim, self.customer):
            with self.assertRaisesRegex(UserError, "nobody has verified"):
                self.merge(victim + self.customer, into)
        self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
        self.call(self.clerk, "res.partner", "action_verify_email", self.customer.ids)
        self.merge(victim + self.customer, victim)
        self.assertTrue(ticket.with_user(self.customer_user).has_access("read"))
