from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase
from ..test_tours_spanish import SHOWN


@tagged("post_install", "-at_install")
class TestReplyTours(HelpdeskCase, HttpCase):
    """Replies in both composers, and jobs in few clicks, in English and Spanish."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name, cls.agent.name, cls.customer.name = "Tour Care", "Tour Agent", "Zoe Quill"
        Reply = cls.env["helpdesk_lite.reply"]
        for shortcut, body, more in (
            ("ket", "<p>Dear <b>{{customer.first_name}}</b>, here you are.</p>", {"stage_action": "solve"}),
            ("second", "<p>The second one, {{customer.first_name}}.</p>", {"priority": "2"}),
        ):
            Reply.create({"name": f"Tour {shortcut}", "shortcut": shortcut, "user_id": False, "body": body, **more})

    def reply_in_both_composers(self):
        ticket = self.make_ticket(name="The kettle leaks", partner_id=self.customer.id)
        self.start_tour("/odoo", "helpdesk_lite_replies", login="hl_agent")
        answers = ticket.message_ids.filtered(lambda message: "Zoe" in str(message.body) and message.author_id != self.customer)
        self.assertEqual(len(answers), 2)
        for message in answers:
            self.assertIn(self.customer, message.notified_partner_ids)
        self.assertEqual((ticket.is_closed, ticket.priority), (True, "2"))

    def work_in_few_clicks(self):
        ticket = self.make_ticket(name="The toaster burns", partner_id=self.customer.id)
        others = [self.make_ticket(name=name, partner_id=self.customer.id) for name in ("A fourth one", *["No heat"] * 3)]
        self.start_tour("/odoo", "helpdesk_lite_few_clicks", login="hl_agent")
        self.assertTrue(all(other.is_closed for other in (ticket, *others)))
        self.assertEqual(ticket.user_id, self.agent)

    def speak(self, language):
        self.env["res.lang"]._activate_lang(language)
        self.env["ir.module.module"].search([("name", "in", SHOWN)])._update_translations(language)
        self.env["res.users"].search([]).lang = language

    def test_replies_in_english(self):
        self.reply_in_both_composers()

    def test_few_clicks_in_english(self):
        self.work_in_few_clicks()

    def test_both_in_spanish(self):
        self.speak("es_ES")
        self.reply_in_both_composers()
        self.work_in_few_clicks()
