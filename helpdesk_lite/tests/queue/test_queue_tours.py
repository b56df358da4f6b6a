from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase
from ..test_tours_spanish import SHOWN


class QueueTour(HttpCase, HelpdeskCase):
    """An agent works through their list: what is new, what is put aside, and what comes next."""

    language = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.language:
            cls.env["res.lang"]._activate_lang(cls.language)
            cls.env["ir.module.module"].search([("name", "in", SHOWN)])._update_translations(cls.language)
            cls.env["res.users"].search([]).lang = cls.language

    def work_through_the_queue(self):
        self.agent.helpdesk_lite_next_when_done = True
        lamp, chair, desk = (
            self.make_ticket(name=name, partner_id=self.customer.id, user_id=self.agent.id, priority=priority)
            for name, priority in (("Queue lamp", "3"), ("Queue chair", "2"), ("Queue desk", "1"))
        )
        for ticket in (lamp, chair):
            ticket.with_user(self.customer_user).message_post(
                body="It flickers again", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.start_tour("/odoo", "helpdesk_lite_queue", login="hl_agent")
        self.assertEqual([ticket.is_closed for ticket in (lamp, chair, desk)], [True, True, False])
        self.assertTrue(desk.snooze_until)


@tagged("post_install", "-at_install")
class TestQueueTour(QueueTour):
    """In English."""

    def test_queue(self):
        self.work_through_the_queue()


@tagged("post_install", "-at_install")
class TestQueueTourSpanish(QueueTour):
    """In Spanish."""

    language = "es_ES"

    def test_queue(self):
        self.work_through_the_queue()
