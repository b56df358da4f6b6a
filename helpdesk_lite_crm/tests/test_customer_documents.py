from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestPanel(ConvertCase):
    """The opportunities of a customer stand beside their tickets, for agents who can see them in CRM."""

    def test_opportunities_by_the_rights_in_sales(self):
        Lead = self.env["crm.lead"]
        company = self.env["res.partner"].create({"name": "Quill", "is_company": True})
        zoe, tom = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Zoe", "Tom")])
        lead = Lead.create({"name": "Forty lamps", "type": "opportunity", "partner_id": tom.id, "user_id": self.salesperson.id})
        Lead.create({"name": "Of another", "type": "opportunity", "partner_id": self.customer.id})
        ticket = self.make_ticket(partner_id=zoe.id)
        for user, shown in ((self.agent, []), (self.both, [("crm.lead", lead.ids)])):
            with self.subTest(user.login):
                documents = self.call(user, "helpdesk_lite.ticket", "get_customer_panel", ticket.id)["documents"]
                found = [(kind["model"], [record["id"] for record in kind["records"]]) for kind in documents]
                self.assertEqual([kind for kind in found if kind[0] == "crm.lead"], shown)
        # a salesperson who sees only their own opportunities
        self.other_salesperson.group_ids += self.env.ref("helpdesk_lite.group_user")
        documents = self.call(self.other_salesperson, "helpdesk_lite.ticket", "get_customer_panel", ticket.id)["documents"]
        self.assertNotIn("crm.lead", [kind["model"] for kind in documents])
