from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..test_tours_spanish import SpanishTours
from .kept_mail import KeptMailCase

BODY = '<p>It whistles all day. <a href="https://evil.example">More</a><img src="https://evil.example/seen.gif"></p><script>x()</script>'


@tagged("post_install", "-at_install")
class TestIncomingMailTours(SpanishTours, KeptMailCase):
    """An administrator sees on the dashboard that a mail failed, opens and processes it, and blocks a sender."""

    def test_administrator_handles_incoming_mail(self):
        alarm = self.env["helpdesk_lite.mail"].with_context(lang=self.language)
        self.assertNotEqual(alarm._fields["state"]._description_selection(alarm.env)[0][1], "Received", "it is translated")
        self.env["helpdesk_lite.mail"].search([]).unlink()
        hour_ago = fields.Datetime.now() - timedelta(hours=1)
        failed = self.keep(
            "failed", subject="The kettle whistles", body=BODY, error="Traceback\nTour error", tries=9, received_on=hour_ago
        )
        failed.size = 2600
        spam = self.keep(
            "failed", subject="Win a car", email_from="Spam <win@offers.example>", error="Tour error", received_on=hour_ago
        )
        for login in ("hl_agent", "hl_employee"):
            self.start_tour("/odoo/action-helpdesk_lite.team_action_dashboard", "helpdesk_lite_no_incoming_mail", login=login)
        self.start_tour("/odoo", "helpdesk_lite_incoming_mail", login="hl_manager")
        ticket = self.env["helpdesk_lite.ticket"].search([("name", "=", "The kettle whistles")])
        self.assertEqual(len(ticket), 1)
        self.assertEqual((ticket.team_id, ticket.partner_email), (self.team, "zoe@quill.example"))
        self.assertEqual((failed.state, failed.ticket_ids), ("done", ticket))
        self.assertEqual((spam.state, spam.discard_reason), ("discarded", "Advertising"))
        block = self.env["helpdesk_lite.mail.block"].with_context(active_test=False).search([])
        self.assertEqual((block.name, block.create_uid, block.active), ("@offers.example", self.manager, False))
