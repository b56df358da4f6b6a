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
MOST, MOST_OF_CONTACT, MOST_ASSIGNED = 70, 73, 105


@tagged("post_install", "-at_install")
class TestMailStatements(HelpdeskCase, MailCommon):
    """What a mail costs from its bytes to the ticket, its acknowledgement and its assignee's notification."""

    def statements(self, team, known=False):
        """Receive three mails, of which the last one counts: those before fill caches.

        :param bool known: whether the senders are contacts
        :return: int
        """
        team.alias_domain_id = self.mail_alias_domain
        for number in range(3):
            raw = MAIL.format(number=f"{team.id}x{number}", to=team.alias_email).encode()
            if known:
                self.env["res.partner"].create({"name": "Zoe", "email": f"zoe{team.id}x{number}@quill.example"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with self.mock_mail_gateway():
                ticket_id = self.env["mail.thread"].message_process(None, raw)
                # acknowledgements go out when the transaction ends
                self.flush_tracking()
            count = self.cr.sql_log_count - before
            self.assertEqual(len(self._new_mails), 2 if team.auto_assignment else 1)
        ticket = self.env["helpdesk_lite.ticket"].browse(ticket_id)
        self.assertEqual((ticket.team_id, bool(ticket.partner_id)), (team, known))
        return count

    def test_a_mail(self):
        self.assertLessEqual(self.statements(self.team), MOST)

    def test_a_mail_of_a_contact(self):
        self.assertLessEqual(self.statements(self.team, known=True), MOST_OF_CONTACT)

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

    def test_an_alias_that_appears_meanwhile(self):
        """An alias that is made while a mail is processed is found by the same mail, and one that is gone is not."""
        domain, Alias = self.mail_alias_domain, self.env["mail.alias"].sudo()
        find = [("alias_full_name", "in", [f"late@{domain.name}"])]
        with working_on(Delivery("<a@b.example>", None, None)):
            self.assertFalse(self.env["mail.alias.domain"]._find_aliases([f"late@{domain.name}"]))
            self.assertFalse(Alias.search(find))
            statements = self.cr.sql_log_count
            self.assertFalse(Alias.search(find))
            self.assertEqual(self.cr.sql_log_count, statements, "asked once")
            team = self.env["helpdesk_lite.team"].create({"name": "Late", "alias_name": "late", "alias_domain_id": domain.id})
            self.assertTrue(self.env["mail.alias.domain"]._find_aliases([f"late@{domain.name}"]))
            self.assertEqual(Alias.search(find), team.alias_id)
            team.unlink()
            self.assertFalse(Alias.search(find))
            domains = self.env["mail.alias.domain"].search([])
            other = self.env["mail.alias.domain"].create({"name": "other.example"})
            self.assertEqual(self.env["mail.alias.domain"].search([]), domains | other)

    def test_bounces_are_forgotten(self):
        """A mail of somebody proves that their address works, whatever counted its bounces."""
        team = self.team
        team.alias_domain_id = self.mail_alias_domain
        counted = self.env["res.partner"].create({"name": "Zoe", "email": f"zoe{team.id}x0@quill.example"})
        others = self.env["res.partner"].create({"name": "Yan", "email": "yan@quill.example"})
        (counted | others).message_bounce = 3
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, MAIL.format(number=f"{team.id}x0", to=team.alias_email).encode())
        self.assertEqual((counted.message_bounce, others.message_bounce), (0, 3))

    def test_all_that_count_bounces_are_asked(self):
        names = self.env["mail.thread"]._get_bounce_tables()
        Blacklist = self.registry["mail.thread.blacklist"]
        self.assertEqual(
            set(names), {name for name, model in self.registry.items() if issubclass(model, Blacklist) and not model._abstract}
        )

    def test_a_team_that_is_deleted(self):
        """A team that was read is not looked for again, but one that is gone is gone."""
        Team = self.env["helpdesk_lite.team"]
        team = Team.create({"name": "Gone"})
        self.env.invalidate_all()
        self.assertEqual(Team._find_existing(team.id), team)
        statements = self.cr.sql_log_count
        team.fetch(["active"])
        self.assertEqual(Team._find_existing(team.id), team)
        self.assertEqual(self.cr.sql_log_count - statements, 1, "only what reads it")
        team.unlink()
        self.assertFalse(Team._find_existing(team.id))
        self.assertFalse(Team._find_existing(False))

    def test_only_its_own_ticket_is_unseen(self):
        """What a mail has just made need not be locked; every other ticket must be, and this one after the mail."""
        other, made = self.make_ticket(), self.make_ticket()
        self.assertFalse(made._is_unseen())
        delivery = Delivery("<a@b.example>", None, None)
        with working_on(delivery):
            self.assertFalse(made._is_unseen())
            delivery.made_ids.add(made.id)
            self.assertTrue(made._is_unseen())
            self.assertFalse(other._is_unseen())
            self.assertFalse((other | made)._is_unseen())
        self.assertFalse(made._is_unseen())
