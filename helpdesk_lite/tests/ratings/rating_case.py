import re
from contextlib import nullcontext
from datetime import datetime, timedelta

from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import HttpCase, freeze_time

from ..common import HelpdeskCase

# a Monday; the team asks from the day before on
CLOSED = datetime(2026, 3, 2, 12)
LINK = re.compile(r"/helpdesk/rate/([\w-]+)\?rate=5")


class RatingCase(HelpdeskCase, MailCommon):
    """A public team that asks its customers a day after closing, and at most every two weeks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new, cls.solved = (cls.env.ref(f"helpdesk_lite.stage_{name}") for name in ("new", "solved"))
        cls.Request = cls.env["helpdesk_lite.rating.request"]
        cls.Rating = cls.env["rating.rating"]
        with freeze_time(CLOSED - timedelta(days=1)):
            cls.team.write({"use_rating": True, "rating_delay_hours": 24, "rating_pause_days": 14})

    @classmethod
    def make_closed(cls, mode="public", answered=True, on=CLOSED, **values):
        """A ticket that an agent answered and closed.

        :param bool answered: whether the agent wrote to the customer
        :param on: datetime of the closing
        """
        with freeze_time(on - timedelta(hours=1)):
            ticket = cls.make_ticket(mode, **{"partner_id": cls.customer.id, "user_id": cls.agent.id, **values})
            ticket.message_subscribe(cls.agent.partner_id.ids)
            if answered:
                address = {} if ticket.partner_id else {"outgoing_email_to": ticket.partner_email}
                ticket.with_user(cls.agent).message_post(
                    body="Turn it on.",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=ticket.partner_id.ids,
                    **address,
                )
        with freeze_time(on):
            ticket.with_user(cls.agent).stage_id = cls.solved
            cls.env.flush_all()
        return ticket

    def run_jobs(self):
        """The context in which scheduled actions use the cursor of the test; requests do so anyway."""
        return nullcontext() if isinstance(self, HttpCase) else self.enter_registry_test_mode()

    def run_action(self, on):
        """Run the scheduled action at a moment.

        :param on: datetime
        :return: the mails that it made, records of ``mail.mail``
        """
        last = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        self.env.flush_all()
        with freeze_time(on), self.run_jobs(), self.mock_mail_gateway():
            self.env.ref("helpdesk_lite.cron_ask_for_ratings").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["mail.mail"].search([("id", ">", last), ("body_html", "ilike", "/helpdesk/rate/")])

    def ask(self, ticket, on=CLOSED + timedelta(hours=24)):
        """Have the customer of a ticket asked.

        :return: str, the token of the link in the mail
        """
        self.assertEqual(self.run_action(on).mapped("subject"), [f"[{ticket.number}] How satisfied are you with our help?"])
        mail = self.env["mail.mail"].search([("body_html", "ilike", "/helpdesk/rate/")], order="id desc", limit=1)
        return LINK.search(mail.body_html)[1]

    def find_request(self, tickets):
        return self.Request.search([("ticket_id", "in", tickets.ids)])

    def rate(self, ticket, rate=5, comment="", agreed=False, on=CLOSED + timedelta(days=2)):
        """The customer rates, having been asked or not.

        :return: record of ``rating.rating``
        """
        with freeze_time(on):
            self.Request._find_by_ticket(ticket)._answer(rate, comment, agreed, own=True)
            self.env.flush_all()
        return self.find_request(ticket).rating_id
