from odoo.addons.helpdesk_lite.tests.access.test_doors import MARK, SECRET, Doors
from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestLeadDoors(Doors, ConvertCase):
    """Searches of leads do not reveal data of leads or tickets that a salesperson cannot read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Lamps", "user_id": cls.salesperson.id, "type": "opportunity"})
        cls.ticket = cls.make_ticket("private", user_id=cls.agent.id, name=MARK + SECRET)
        cls.ticket.message_post(body=MARK + SECRET, subtype_xmlid="mail.mt_comment", message_type="comment")
        cls.ticket.converted_lead_id = cls.lead
        cls.lead.ticket_id = cls.ticket
        cls.lead.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.sales_manager.id, summary=MARK + SECRET
        )
        # these users can read leads but are responsible for none, so they cannot read the activities
        cls.env["ir.rule"].create(
            {
                "name": "No lead is changed",
                "model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "groups": [(6, 0, cls.env.ref("base.group_user").ids)],
                "domain_force": "[('id', '=', 0)]",
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )
        cls.env["ir.rule"].search(
            [("model_id.model", "=", "crm.lead"), ("name", "!=", "No lead is changed"), ("groups", "!=", False)]
        ).perm_write = False

    def test_salesperson_spells_no_word_of_ticket_or_activity(self):
        for way in (
            "ticket_id.name",
            "ticket_id.message_ids.body",
            "handed_over_ticket_ids.name",
            "handed_over_ticket_ids.message_ids.body",
            "activity_ids.summary",
            "activity_summary",
            "activity_ids.display_name",
        ):
            with self.subTest(way=way):
                self.assertEqual(self.spell(self.salesperson, "crm.lead", self.lead.id, way), "")
        self.assertTrue(self.finds(self.salesperson, "crm.lead", [("id", "=", self.lead.id)]))

    def test_salesperson_is_told_no_activity_by_other_fields(self):
        activity = self.lead.activity_ids
        for domain in (
            [("activity_ids", "!=", False)],
            [("activity_ids", "in", activity.ids)],
            [("activity_user_id", "!=", False)],
            [("activity_user_id", "=", self.sales_manager.id)],
            [("activity_date_deadline", ">", "2000-01-01")],
            [("handed_over_ticket_ids", "in", self.ticket.ids)],
            [("handed_over_ticket_ids", "!=", False)],
        ):
            with self.subTest(domain=domain):
                self.assertFalse(self.finds(self.salesperson, "crm.lead", [("id", "=", self.lead.id), *domain]))
        names = ["activity_ids", "activity_summary", "activity_type_id", "activity_type_icon", "activity_user_id"]
        for name in names:  # one by one: what one of them has read, the others find in the cache
            with self.subTest(name=name):
                self.env.invalidate_all()
                self.assertFalse(self.call(self.salesperson, "crm.lead", "read", self.lead.ids, [name])[0][name])

    def test_no_field_of_leads_lets_domains_pass_by_access(self):
        for name in ("message_ids", "website_message_ids", "activity_ids"):
            with self.subTest(name=name):
                self.assertFalse(self.env["crm.lead"]._fields[name].bypass_search_access)
