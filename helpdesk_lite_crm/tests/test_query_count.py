from odoo.tests import tagged, users

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestQueryCount(ConvertCase):
    """The number of statements of a conversion does not depend on the length of the conversation."""

    def statements(self, tickets):
        wizard = self.make_wizard(tickets, self.env.user, partner_action="none", user_id=self.salesperson.id)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        wizard.action_convert()
        self.env.flush_all()
        count = self.cr.sql_log_count - before
        self.assertFalse(tickets.filtered("active"))
        return count

    def talk(self, ticket, messages):
        for _i in range(messages):
            ticket.message_post(
                body='<img src="/web/image/1">',
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                attachments=[("file.txt", b"text")],
                partner_ids=self.manager.partner_id.ids,
            )

    @users("hl_agent")
    def test_constant_in_messages_and_files(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        self.statements(self.make_ticket().with_env(self.env))
        few, many = (self.make_ticket().with_env(self.env) for _i in range(2))
        self.talk(few.sudo(), 2)
        self.talk(many.sudo(), 40)
        self.assertEqual(self.statements(few), self.statements(many))
        tickets = Ticket.concat(*(self.make_ticket().with_env(self.env) for _i in range(20)))
        self.assertLessEqual(self.statements(tickets) / 20, 12)
