import base64

from odoo.addons.helpdesk_lite.tests.common import HelpdeskCase
from odoo.tests import new_test_user

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class ConvertCase(HelpdeskCase):
    """The core's people and salespeople. Leads are off unless a test calls ``use_leads``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids -= cls.env.ref("crm.group_use_lead")
        cls.salesperson = new_test_user(cls.env, "hl_sales", "sales_team.group_sale_salesman", email="sales@test.example")
        cls.other_salesperson = new_test_user(
            cls.env, "hl_sales_2", "sales_team.group_sale_salesman", email="sales2@test.example"
        )
        cls.sales_manager = new_test_user(
            cls.env, "hl_sales_manager", "sales_team.group_sale_manager", email="salesmanager@test.example"
        )
        # an agent who works in sales as well
        cls.both = new_test_user(
            cls.env, "hl_both", "helpdesk_lite.group_user,sales_team.group_sale_salesman_all_leads", email="both@test.example"
        )
        cls.sales_team = cls.env["crm.team"].create(
            {
                "name": "Sales for Tests",
                "sequence": -1,
                "user_id": cls.sales_manager.id,
                "member_ids": [(6, 0, cls.salesperson.ids)],
            }
        )
        cls.invite(cls.agent, cls.both)

    @classmethod
    def invite(cls, *users):
        """Invite employees to the private team."""
        cls.teams["private"].message_subscribe([user.partner_id.id for user in users])

    @classmethod
    def use_leads(cls):
        cls.env.ref("base.group_user").implied_ids += cls.env.ref("crm.group_use_lead")

    @classmethod
    def make_request(cls, mode="public", **values):
        """Create a ticket of an unknown sender with a conversation: two messages, a note, three files."""
        ticket = cls.make_ticket(
            mode,
            **{
                "name": "We need forty lamps",
                "partner_name": "Zoe Quill",
                "partner_email": "zoe@quill.example",
                "partner_phone": "+1 555 0100",
                "priority": "2",
                "description": "<p>Forty of the green ones.</p>",
                **values,
            },
        )
        ticket.message_post(
            body="How much are forty?",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            email_from="zoe@quill.example",
            author_id=False,
            attachments=[("room.png", PIXEL)],
        )
        ticket.with_user(cls.agent).message_post(
            body="I ask sales.", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=cls.manager.partner_id.ids
        )
        ticket.with_user(cls.agent).message_post(
            body="A good customer.", message_type="comment", subtype_xmlid="mail.mt_note", attachments=[("note.txt", b"rich")]
        )
        cls.env["ir.attachment"].create(
            {"name": "plan.txt", "raw": b"the plan", "res_model": ticket._name, "res_id": ticket.id}
        )
        return ticket

    def make_wizard(self, tickets, user=None, **values):
        """Open the pop-up as a user, with choices."""
        Convert = self.env["helpdesk_lite_crm.convert"].with_user(user or self.agent)
        return Convert.with_context(default_ticket_ids=tickets.ids).create(values)

    def convert(self, tickets, user=None, **values):
        """Convert as a user.

        :return: the leads, sudoed
        """
        self.make_wizard(tickets, user, **{"partner_action": "none", **values}).action_convert()
        return tickets.sudo().converted_lead_id

    def files(self, record):
        return self.env["ir.attachment"].search([("res_model", "=", record._name), ("res_id", "=", record.id)], order="id")
