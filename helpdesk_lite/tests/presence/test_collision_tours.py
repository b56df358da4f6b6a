from odoo.tests import HttpCase, new_test_user, tagged

from ..common import HelpdeskCase
from ..test_tours_spanish import SHOWN


@tagged("post_install", "-at_install")
class TestCollisionTours(HelpdeskCase, HttpCase):
    """A stopped answer is shown beside what arrived, and its author chooses, in both composers and both languages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env, "hl_kim", "helpdesk_lite.group_user", name="Kim Colleague", email="kim@test.example")

    def be_stopped(self):
        ticket = self.make_ticket(name="The kettle", partner_id=self.customer.id)
        ticket.message_subscribe(self.customer.ids)
        ticket.with_user(self.customer_user).message_post(
            body="Where is the kettle?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.start_tour(f"/odoo/action-helpdesk_lite.ticket_action/{ticket.id}", "helpdesk_lite_collision", login="hl_agent")
        own = ticket.message_ids.filtered(lambda message: message.author_id == self.agent.partner_id).sorted("id")
        self.assertEqual(
            [
                (text in str(message.body), message.subtype_id.internal)
                for text, message in zip(("First", "Second", "Third"), own, strict=True)
            ],
            [(True, False), (True, True), (True, False)],
        )
        self.assertNotIn(self.customer, own[1].notified_partner_ids)

    def test_in_english(self):
        self.be_stopped()

    def test_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["ir.module.module"].search([("name", "in", SHOWN)])._update_translations("es_ES")
        self.env["res.users"].search([]).lang = "es_ES"
        self.be_stopped()
