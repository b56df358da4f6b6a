from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestNotified(HelpdeskCase, MailCommon):
    """Nobody gets by mail what they cannot read: an employee of another company neither follows nor is notified."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "hl_elsewhere",
            "helpdesk_lite.group_manager",
            email="stranger@test.example",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )
        cls.here_and_there = new_test_user(
            cls.env,
            "hl_both",
            "helpdesk_lite.group_user",
            email="both@test.example",
            company_ids=[Command.set((cls.env.company | cls.elsewhere).ids)],
        )

    def answer(self, ticket, **kwargs):
        """The customer's answer, as it comes from the portal."""
        with self.mock_mail_gateway():
            ticket.with_user(self.customer_user).message_post(
                body="my salary is 1234", message_type="comment", subtype_xmlid="mail.mt_comment", **kwargs
            )
        return {email for mail in self._mails for email in mail["email_to"]}

    def follow_by_force(self, record, partner):
        """As in databases from before it was refused."""
        self.env["mail.followers"]._insert_followers(record._name, record.ids, partner.ids)

    def test_employee_of_another_company_cannot_become_a_follower(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        for record in (ticket, self.team):
            with self.subTest(record=record), self.assertRaisesRegex(UserError, "cannot follow.*no access to the company"):
                self.call(self.manager, record._name, "message_subscribe", record.ids, self.stranger.partner_id.ids)
        # the door of the button "Add Followers"
        values = {
            "res_model": ticket._name,
            "res_ids": str(ticket.ids),
            "operation": "add",
            "partner_ids": [Command.set(self.stranger.partner_id.ids)],
        }
        wizard = self.env["mail.followers.edit"].with_user(self.manager).create(values)
        with self.assertRaisesRegex(UserError, "cannot follow"):
            wizard.edit_followers()
        with self.assertRaisesRegex(UserError, "cannot follow"):
            followers = {"follower_ids": [Command.link(self.stranger.partner_id.id)]}
            self.call(self.manager, self.team._name, "write", self.team.ids, followers)
        self.assertNotIn(self.stranger.partner_id, ticket.message_partner_ids | self.team.message_partner_ids)

    def test_employee_of_both_companies_and_customers_follow(self):
        ticket = self.make_ticket()
        partners = self.here_and_there.partner_id | self.customer | self.employee.partner_id
        self.call(self.manager, ticket._name, "message_subscribe", ticket.ids, partners.ids)
        self.assertLessEqual(partners, ticket.message_partner_ids)

    def test_server_leaves_them_out_without_failing(self):
        ticket = self.make_ticket()
        ticket.sudo().message_subscribe((self.stranger | self.employee).partner_id.ids)
        self.assertIn(self.employee.partner_id, ticket.message_partner_ids)
        self.assertNotIn(self.stranger.partner_id, ticket.message_partner_ids)

    def test_who_cannot_read_a_ticket_is_not_mailed_although_they_follow_it(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        for user in (self.stranger, self.here_and_there, self.employee):
            self.follow_by_force(ticket, user.partner_id)
        self.assertFalse(ticket.with_user(self.stranger).has_access("read"))
        reached = self.answer(ticket)
        self.assertNotIn(self.stranger.email_formatted, reached)
        self.assertLessEqual({self.here_and_there.email_formatted, self.employee.email_formatted}, reached)
        message = ticket.message_ids[0]
        self.assertNotIn(self.stranger.partner_id, message.notified_partner_ids)

    def test_author_works_in_a_company_that_a_reader_does_not_know(self):
        ticket = self.make_ticket()
        self.follow_by_force(ticket, self.employee.partner_id)
        with self.mock_mail_gateway():
            call_kw(
                self.env["helpdesk_lite.ticket"].with_user(self.here_and_there),
                "message_post",
                [ticket.ids],
                {
                    "body": "Hello",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    "context": {"allowed_company_ids": [self.env.company.id, self.elsewhere.id]},
                },
            )
        self.assertIn(self.employee.partner_id, ticket.message_ids[0].notified_partner_ids)

    def test_customer_who_is_an_employee_elsewhere_gets_the_answers(self):
        ticket = self.make_ticket(partner_id=self.stranger.partner_id.id)
        self.assertIn(self.stranger.partner_id, ticket.message_partner_ids)
        with self.mock_mail_gateway():
            ticket.with_user(self.agent).message_post(
                body="Your request", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertIn(self.stranger.partner_id, ticket.message_ids[0].notified_partner_ids)
