from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestResPartner(HelpdeskCase):
    """The smart button on a contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.company = Partner.create({"name": "Bakery", "is_company": True})
        cls.branch = Partner.create({"name": "Branch", "parent_id": cls.company.id, "is_company": True})
        cls.clerk = Partner.create({"name": "Clerk", "parent_id": cls.branch.id})
        cls.family = cls.company + cls.branch + cls.clerk

    def test_count_has_tickets_of_contacts_and_is_what_the_button_opens(self):
        for partner in (self.company, self.clerk, self.clerk):
            self.make_ticket(partner_id=partner.id)
        self.clerk.active = False
        self.assertEqual(self.family.with_user(self.agent).mapped("ticket_count"), [3, 2, 2])
        self.env.invalidate_all()
        for partner_id, count in zip(self.family.ids, (3, 2, 2), strict=True):
            # each contact is read separately, as on its own page
            partner = self.env["res.partner"].with_user(self.agent).browse(partner_id)
            self.assertEqual(partner.ticket_count, count)
            action = partner.action_open_tickets()
            found = self.env[action["res_model"]].with_user(self.agent).search(action["domain"])
            self.assertEqual(len(found), count)

    def test_count_excludes_hidden_tickets(self):
        self.make_ticket("private", partner_id=self.clerk.id)
        self.assertEqual(self.clerk.with_user(self.agent).ticket_count, 0)
        self.assertEqual(self.clerk.with_user(self.manager).ticket_count, 1)

    def test_count_is_for_agents(self):
        with self.assertRaises(AccessError):
            self.clerk.with_user(self.employee).read(["ticket_count"])

    def test_count_of_many_partners_costs_as_much_as_of_one(self):
        partners = self.env["res.partner"].create([{"name": f"Contact {i}"} for i in range(20)])
        for partner in partners:
            self.make_ticket(partner_id=partner.id)
        partners = partners.with_user(self.agent)
        # fills the caches of access rules
        partners[:1].mapped("ticket_count")
        self.env.flush_all()
        counts = []
        for chosen in (partners[:1], partners):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chosen.mapped("ticket_count")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
