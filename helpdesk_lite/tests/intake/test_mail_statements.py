from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import tagged

from ...models.intake.delivery import Delivery, working_on
from ..common import HelpdeskCase

MAIL = """\
From: Zoe Quill <zoe{number}@quill.example>
To: {to}
Subject: Lamp {number}
Message-ID: <statements-{number}@quill.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The shade of my lamp is broken.
"""
# with all addons that are installed; acknowledgement and notification are handed to the mail server as well
MOST, MOST_ASSIGNED = 87, 125


@tagged("post_install", "-at_install")
class TestMailStatements(HelpdeskCase, MailCommon):
    """What a mail costs from its bytes to the ticket, its acknowledgement and its assignee's notification."""

    def statements(self, team):
        """Receive three mails, of which the last one counts: those before fill caches.

        :return: int
        """
        team.alias_domain_id = self.mail_alias_domain
        for number in range(3):
            raw = MAIL.format(number=f"{team.id}x{number}", to=team.alias_email).encode()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with self.mock_mail_gateway():
                ticket_id = self.env["mail.thread"].message_process(None, raw)
                # acknowledgements go out when the transaction ends
                self.flush_tracking()
            count = self.cr.sql_log_count - before
            self.assertEqual(len(self._new_mails), 2 if team.auto_assignment else 1)
        self.assertEqual(self.env["helpdesk_lite.ticket"].browse(ticket_id).team_id, team)
        return count

    def test_a_mail(self):
        self.assertLessEqual(self.statements(self.team), MOST)

    def test_a_mail_that_is_assigned(self):
        self.team.write({"member_ids": self.agent.ids, "auto_assignment": True})
        self.assertLessEqual(self.statements(self.team), MOST_ASSIGNED)

    def test_an_alias_that_changes_meanwhile(self):
        """What was known of our addresses is asked again after one of them changed."""
        team = self.team
        team.alias_domain_id = self.mail_alias_domain
        find = self.env["mail.alias.domain"]._find_aliases
        with working_on(Delivery("<a@b.example>", None, None)):
            before, after = team.alias_email, f"other@{self.mail_alias_domain.name}"
            self.assertEqual(find([before, after]), [before])
            statements = self.cr.sql_log_count
            self.assertEqual(find([after, before]), [before])
            self.assertEqual(self.cr.sql_log_count, statements)
            team.alias_name = "other"
            self.assertIn(after, find([before, after]))
