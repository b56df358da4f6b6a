from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestLeadToTicket(ConvertCase):
    """A lead that is a request for help is converted to a ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "My lamp is broken",
                "type": "lead",
                "user_id": cls.salesperson.id,
                "priority": "1",
                "contact_name": "Zoe Quill",
                "email_from": "zoe@quill.example",
                "phone": "+1 555 0100",
                "description": "<p>Give no discount.</p>",
                "tag_ids": [(0, 0, {"name": "Broken in tests"})],
            }
        )
        cls.lead.message_post(
            body="It broke.",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            email_from="zoe@quill.example",
            author_id=False,
            attachments=[("lamp.txt", b"a lamp")],
        )

    def to_ticket(self, user=None, mode="public", **values):
        Wizard = self.env["helpdesk_lite_crm.convert_lead"].with_user(user or self.salesperson)
        action = (
            Wizard.with_context(default_lead_id=self.lead.id)
            .create({"team_id": self.teams[mode].id, "copy_conversation": True, **values})
            .action_convert()
        )
        return self.env["helpdesk_lite.ticket"].browse(action["res_id"])

    def test_what_helpdesk_gets(self):
        ticket = self.to_ticket(partner_id=self.customer.id)
        self.assertEqual(
            ticket.read(["name", "partner_name", "partner_email", "partner_phone", "priority"]),
            [
                {
                    "id": ticket.id,
                    "name": "My lamp is broken",
                    "partner_name": "Zoe Quill",
                    "partner_email": "zoe@quill.example",
                    "partner_phone": "+1 555 0100",
                    "priority": "1",
                }
            ],
        )
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.tag_ids.name, "Broken in tests")
        self.assertEqual(self.files(ticket).raw, b"a lamp")
        self.assertEqual(self.lead.converted_ticket_id, ticket)
        self.assertEqual((self.lead.active, self.lead.won_status), (False, "pending"))
        self.assertEqual(ticket.source_lead_ids, self.lead)
        self.assertIn(f'data-oe-id="{self.lead.id}"', ticket.message_ids[0].body)
        self.assertIn(f'data-oe-id="{ticket.id}"', self.lead.message_ids[0].body)
        self.assertEqual(self.customer.email, "customer@test.example")

    def test_customer_reads_nothing_that_sales_wrote_and_gets_no_mail(self):
        mails = self.env["mail.mail"].sudo().search([]).ids
        ticket = self.to_ticket(partner_id=self.customer.id)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertFalse(self.env["mail.mail"].sudo().search([("id", "not in", mails)]))
        mine = ticket.with_user(self.customer_user)
        self.assertEqual(mine.name, "My lamp is broken")
        self.assertFalse(mine.description)
        seen = (
            self.env["mail.message"]
            .with_user(self.customer_user)
            .search([("model", "=", ticket._name), ("res_id", "=", ticket.id)])
        )
        self.assertFalse(seen.filtered(lambda message: "discount" in message.body or "broke" in message.body))
        self.assertIn("discount", "".join(ticket.message_ids.mapped("body")))

    def test_once(self):
        self.to_ticket()
        with self.assertRaisesRegex(UserError, "already"):
            self.to_ticket(self.sales_manager)

    @mute_logger("odoo.sql_db")
    def test_the_database_holds_it_too(self):
        ticket = self.to_ticket()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["crm.lead"].create({"name": "Again", "converted_ticket_id": ticket.id})
            self.env.flush_all()

    def test_closed_lead(self):
        self.lead.action_set_lost()
        with self.assertRaisesRegex(UserError, "closed"):
            self.to_ticket()

    def test_archived_customer(self):
        gone = self.env["res.partner"].create({"name": "Gone", "active": False})
        with self.assertRaisesRegex(UserError, "“Gone” is archived"):
            self.to_ticket(partner_id=gone.id)

    def test_rights(self):
        for user in (self.employee, self.agent, self.customer_user, self.other_salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.to_ticket(user)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.to_ticket(mode="private")
        self.assertTrue(self.lead.active)

    def test_conversation_only_when_asked(self):
        wizard = self.env["helpdesk_lite_crm.convert_lead"].with_user(self.salesperson).create({"lead_id": self.lead.id})
        self.assertFalse(wizard.copy_conversation)
        self.assertTrue(wizard.is_open_to_employees)
        ticket = self.to_ticket(copy_conversation=False)
        self.assertFalse(self.files(ticket))
        self.assertNotIn("discount", "".join(ticket.message_ids.mapped("body")))
        self.assertFalse(ticket.tag_ids)

    def test_taken_back(self):
        ticket = self.to_ticket()
        self.lead.with_user(self.salesperson).action_undo_convert_to_ticket()
        self.assertEqual((self.lead.active, self.lead.is_automated_probability), (True, True))
        self.assertFalse(ticket.active)
        again = self.to_ticket()
        again.user_id = self.agent
        with self.assertRaisesRegex(UserError, "worked on"):
            self.lead.with_user(self.salesperson).action_undo_convert_to_ticket()

    def test_taken_back_from_an_automatically_chosen_agent(self):
        self.team.write({"auto_assignment": True, "assign_method": "equal_open", "member_ids": self.agent.ids})
        ticket = self.to_ticket()
        self.assertEqual(ticket.user_id, self.agent)
        self.lead.with_user(self.salesperson).action_undo_convert_to_ticket()
        self.assertFalse(ticket.active)

    def test_and_back_to_sales(self):
        ticket = self.to_ticket()
        lead = self.convert(ticket)
        self.assertNotEqual(lead, self.lead)
        self.assertEqual(lead.ticket_id, ticket)
