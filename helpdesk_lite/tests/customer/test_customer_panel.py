from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...models.customer.customer_documents import CustomerDocuments, Documents
from ..common import HelpdeskCase

PARTNER, TICKET = "res.partner", "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestCustomerPanel(HelpdeskCase):
    """What an agent sees of the customer beside a ticket: what their own rights show, and numbers of nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insider = new_test_user(cls.env, "hl_insider", "helpdesk_lite.group_user", email="insider@test.example")
        cls.teams["private"].message_subscribe(cls.insider.partner_id.ids)
        cls.closed = cls.team.stage_ids.filtered("fold")[:1]
        cls.company_partner = cls.env[PARTNER].create({"name": "Quill", "is_company": True})
        cls.zoe, cls.tom = cls.env[PARTNER].create(
            [
                {"name": name, "email": f"{name.lower()}@quill.example", "parent_id": cls.company_partner.id}
                for name in ("Zoe", "Tom")
            ]
        )

    def look(self, ticket, user=None):
        return self.call(user or self.agent, TICKET, "get_customer_panel", ticket.id)

    def found(self, ticket, user=None):
        """What somebody is shown of the tickets of the customer: for open and closed ones, the number and the names."""
        panel = self.look(ticket, user)
        return {key: (panel[key]["count"], [item["name"] for item in panel[key]["tickets"]]) for key in ("open", "closed")}

    def test_tickets_of_the_contact_and_of_the_address(self):
        ticket = self.make_ticket(partner_id=self.zoe.id)
        self.make_ticket(name="By contact", partner_id=self.zoe.id)
        self.make_ticket(name="By address", partner_email="ZOE@quill.example")
        self.make_ticket(name="Of a colleague", partner_id=self.tom.id)
        self.make_ticket(name="Of another", partner_email="zoe@quill.example.com")
        self.make_ticket(name="Pattern", partner_email="zo_@quill.example")
        self.make_ticket(name="Archived", partner_id=self.zoe.id, active=False)
        done = self.make_ticket(name="Done", partner_id=self.zoe.id)
        done.stage_id = self.closed
        found = self.found(ticket)
        self.assertEqual(found["open"][0], 2)
        self.assertCountEqual(found["open"][1], ["By contact", "By address"])
        self.assertEqual(found["closed"], (1, ["Done"]))
        # a sender without a contact
        stranger = self.make_ticket(partner_email="zo_@quill.example")
        self.assertEqual(self.found(stranger)["open"], (1, ["Pattern"]))
        self.assertIs(self.look(stranger)["contact"], False)

    def test_addresses_that_are_none(self):
        for email in ("a@b.example, c@d.example", "nobody", "", False):
            with self.subTest(email):
                self.make_ticket(name="Another", partner_email=email)
                found = self.found(self.make_ticket(partner_email=email))
                self.assertEqual(found, {"open": (0, []), "closed": (0, [])})

    def test_hidden_tickets_are_neither_shown_nor_counted(self):
        ticket = self.make_ticket(partner_id=self.zoe.id)
        self.make_ticket("private", name="Secret", partner_id=self.zoe.id)
        secret = self.make_ticket("private", name="Old secret", partner_email=self.zoe.email)
        secret.stage_id = self.closed
        self.make_ticket("company", name="Seen", partner_id=self.zoe.id)
        self.assertEqual(self.found(ticket), {"open": (1, ["Seen"]), "closed": (0, [])})
        inside = self.found(ticket, self.insider)
        self.assertEqual((inside["open"][0], inside["closed"]), (2, (1, ["Old secret"])))
        for user in (self.agent, self.insider):
            count, last = (
                self.call(user, PARTNER, "read", self.zoe.ids, [name])[0][name] for name in ("ticket_count", "last_ticket_date")
            )
            self.assertEqual(count, 2 if user == self.agent else 3)
            self.assertTrue(last)

    def test_ten_are_shown_and_all_are_counted_latest_first(self):
        ticket = self.make_ticket(partner_id=self.zoe.id)
        start = datetime(2026, 3, 2, 9)
        for day in range(12):
            self.make_ticket(name=f"Day {day}", partner_id=self.zoe.id, opened_on=start + timedelta(days=day))
        count, names = self.found(ticket)["open"]
        self.assertEqual(count, 12)
        self.assertEqual(names, [f"Day {day}" for day in range(11, 1, -1)])

    def test_contact_and_company(self):
        panel = self.look(self.make_ticket(partner_id=self.zoe.id))
        self.assertEqual(panel["contact"]["name"], "Zoe (Quill)")
        self.assertCountEqual([colleague["name"] for colleague in panel["colleagues"]], ["Quill", "Tom"])
        alone = self.env[PARTNER].create({"name": "Alone"})
        self.assertEqual(self.look(self.make_ticket(partner_id=alone.id))["colleagues"], [])

    def test_a_contact_of_another_company_is_not_shown(self):
        ticket = self.make_ticket(partner_id=self.zoe.id)
        there = self.env["res.company"].create({"name": "There"})
        (self.zoe | self.tom | self.company_partner).company_id = there
        panel = self.look(ticket)
        self.assertIs(panel["contact"], False)
        self.assertEqual((panel["colleagues"], panel["documents"]), ([], []))

    def test_who_may_ask(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        ticket.message_subscribe(self.customer.ids)
        for user in (self.employee, self.customer_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.look(ticket, user)
        # without a contact, no field of which an employee may not read
        with self.assertRaisesRegex(AccessError, "Only agents"):
            self.look(self.make_ticket(partner_email="zoe@quill.example"), self.employee)
        with self.assertRaises(AccessError):
            self.look(self.make_ticket("private", partner_id=self.customer.id))

    def test_documents_of_other_apps_by_the_rights_there(self):
        """With models that are always there in the place of orders and invoices."""
        kinds = [
            Documents("helpdesk_lite.not_installed", "Absent"),
            Documents("res.partner.bank", "Accounts"),
            Documents("res.partner", "Contacts", partner="parent_id"),
        ]
        self.patch(CustomerDocuments, "_get_customer_documents", lambda self: kinds)
        account = self.env["res.partner.bank"].create({"acc_number": "ES99", "partner_id": self.tom.id})
        self.env["res.partner.bank"].create({"acc_number": "ES98", "partner_id": self.customer.id})
        ticket = self.make_ticket(partner_id=self.zoe.id)
        contacts = ("res.partner", sorted((self.zoe | self.tom).ids))
        self.assertEqual(self.documents(ticket), [("res.partner.bank", account.ids), contacts])
        rights = self.env["ir.model.access"].search([("model_id.model", "=", "res.partner.bank")])
        rights.active = False
        self.assertEqual(self.documents(ticket), [contacts])
        rights.active = True
        rule = {"model_id": self.env["ir.model"]._get_id("res.partner.bank"), "name": "None", "domain_force": "[(0, '=', 1)]"}
        self.env["ir.rule"].create(rule)
        self.assertEqual(self.documents(ticket), [contacts])

    def documents(self, ticket):
        return [(kind["model"], sorted(record["id"] for record in kind["records"])) for kind in self.look(ticket)["documents"]]

    def test_five_documents_are_shown(self):
        self.patch(CustomerDocuments, "_get_customer_documents", lambda self: [Documents("res.partner.bank", "Accounts")])
        self.env["res.partner.bank"].create([{"acc_number": f"ES{n}", "partner_id": self.tom.id} for n in range(6)])
        [kind] = self.look(self.make_ticket(partner_id=self.zoe.id))["documents"]
        self.assertEqual((len(kind["records"]), kind["more"]), (5, True))

    def test_last_ticket_of_a_contact(self):
        self.make_ticket(name="First", partner_id=self.zoe.id, opened_on=datetime(2026, 3, 2, 9))
        last = self.make_ticket(name="Last", partner_id=self.tom.id, opened_on=datetime(2026, 3, 5, 9))
        self.make_ticket("private", name="Secret", partner_id=self.tom.id, opened_on=datetime(2026, 3, 9, 9))
        [values] = self.call(self.agent, PARTNER, "read", self.company_partner.ids, ["last_ticket_date", "ticket_satisfaction"])
        self.assertEqual(values["last_ticket_date"], datetime(2026, 3, 5, 9))
        self.assertIs(values["ticket_satisfaction"], False)
        action = self.call(self.agent, PARTNER, "action_open_last_ticket", self.company_partner.ids)
        self.assertEqual(action["res_id"], last.id)
        with self.assertRaises(AccessError):
            self.call(self.employee, PARTNER, "read", self.zoe.ids, ["last_ticket_date"])

    def test_statements(self):
        ticket = self.make_ticket(partner_id=self.zoe.id)
        for number in range(5):
            self.make_ticket(name=f"Open {number}", partner_id=self.zoe.id)
            self.make_ticket(name=f"Closed {number}", partner_id=self.zoe.id).stage_id = self.closed
        self.look(ticket)
        self.env.flush_all()
        self.env.invalidate_all()
        record = ticket.with_user(self.agent)
        # what every request reads
        record.env.user.has_group("helpdesk_lite.group_user")
        apps = sum(kind.model in self.env for kind in ticket._get_customer_documents())
        with self.assertQueryCount(12 + apps):
            record.get_customer_panel()
