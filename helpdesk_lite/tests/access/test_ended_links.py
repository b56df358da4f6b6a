import re

from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestEndedLinks(HelpdeskCase, MailCommon, HttpCase):
    """Links end with the person who got them, and never come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer, cls.follower, cls.other = cls.env["res.partner"].create(
            [{"name": name, "email": f"{name.lower()}@quill.example"} for name in ("Zoe", "Finn", "Olga")]
        )
        cls.ticket = cls.make_ticket(name="Broken vase", partner_id=cls.buyer.id)
        cls.ticket.message_subscribe((cls.follower + cls.other + cls.employee.partner_id).ids)
        cls.sharer = new_test_user(
            cls.env, "hl_sharer", "helpdesk_lite.group_user,base.group_partner_manager", email="sharer@test.example"
        )
        cls.file = (
            cls.ticket.with_user(cls.agent)
            .message_post(
                body="Look.", message_type="comment", subtype_xmlid="mail.mt_comment", attachments=[("form.txt", b"form")]
            )
            .attachment_ids
        )

    def get_links(self):
        """Share the ticket with everybody outside who follows it, as an agent.

        :return: dict of recipient to the link to the ticket in the mail
        """
        people = self.ticket.message_partner_ids & (self.buyer + self.follower + self.other)
        values = {"res_model": self.ticket._name, "res_id": self.ticket.id, "partner_ids": [(6, 0, people.ids)]}
        with self.mock_mail_gateway():
            wizard_ids = self.call(self.sharer, "portal.share", "create", [values])
            self.call(self.sharer, "portal.share", "action_send_mail", wizard_ids)
        links = {}
        for mail in self._mails:
            found = re.search(r'href="(?:https?://[^/"]*)?(/[^"]*access_token=[^"]*)"', mail["body"])
            if found:
                links[re.search(r"[\w.]+@[\w.]+", mail["email_to"][0]).group()] = found.group(1).replace("&amp;", "&")
        return links

    def is_open(self, link):
        self.authenticate(None, None)
        self.env.invalidate_all()
        return "Broken vase" in self.url_open(link).text

    def get_file_address(self):
        attachment = self.file
        attachment.generate_access_token()
        return f"/web/content/{attachment.id}?access_token={attachment.sudo().access_token}"

    def test_the_links_work(self):
        links = self.get_links()
        self.assertEqual(set(links), {"zoe@quill.example", "finn@quill.example", "olga@quill.example"})
        for email, link in links.items():
            self.assertTrue(self.is_open(link), email)

    def test_a_removed_follower(self):
        link = self.get_links()["finn@quill.example"]
        hash_ = re.search(r"hash=(\w+)", link).group(1)
        address = self.get_file_address()
        self.assertEqual(self.url_open(address).content, b"form")
        self.call(self.agent, self.ticket._name, "message_unsubscribe", self.ticket.ids, self.follower.ids)
        self.assertFalse(self.is_open(link))
        self.assertNotEqual(self.url_open(address).content, b"form")
        pid = re.search(r"pid=(\d+)", link).group(1)
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": self.ticket._name,
                    "thread_id": self.ticket.id,
                    "hash": hash_,
                    "pid": int(pid),
                    "post_data": {"body": "Still here", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
                },
            )
        # the others get a new one with the next mail; who was removed gets none, also after a return
        links = self.get_links()
        self.assertEqual(set(links), {"zoe@quill.example", "olga@quill.example"})
        self.assertTrue(self.is_open(links["olga@quill.example"]))
        self.call(self.agent, self.ticket._name, "message_subscribe", self.ticket.ids, self.follower.ids)
        self.assertFalse(self.is_open(link))

    def test_a_removed_customer(self):
        link = self.get_links()["zoe@quill.example"]
        self.call(self.agent, self.ticket._name, "message_unsubscribe", self.ticket.ids, self.buyer.ids)
        self.assertFalse(self.is_open(link))
        link = self.get_links()["finn@quill.example"]
        self.ticket.with_user(self.agent).partner_id = self.other
        self.assertFalse(self.is_open(link))

    def test_a_deleted_contact(self):
        link = self.get_links()["finn@quill.example"]
        self.follower.unlink()
        self.assertFalse(self.is_open(link))

    def test_an_archived_contact(self):
        link = self.get_links()["finn@quill.example"]
        self.call(self.sharer, "res.partner", "action_archive", self.follower.ids)
        self.assertFalse(self.is_open(link))
        self.call(self.sharer, "res.partner", "action_unarchive", self.follower.ids)
        self.assertFalse(self.is_open(link))

    def test_a_corrected_address(self):
        """Mails went to somebody else until now, who keeps the link."""
        for contact in (self.buyer, self.follower):
            link = self.get_links()[contact.email]
            for same in (f"{contact.name} <{contact.email.upper()}>", contact.email):
                self.call(self.sharer, "res.partner", "write", contact.ids, {"email": same, "phone": "+32 2 290 34 90"})
                self.assertTrue(self.is_open(link), same)
            self.call(self.sharer, "res.partner", "write", contact.ids, {"email": f"right.{contact.email}"})
            self.assertFalse(self.is_open(link))
            self.assertTrue(self.is_open(self.get_links()[contact.email]))

    def test_a_corrected_address_of_a_customer_without_a_contact(self):
        ticket = self.make_ticket(name="Broken vase", partner_email="zoe@quil.example")
        link = ticket._get_customer_url()
        self.call(self.agent, ticket._name, "write", ticket.ids, {"partner_email": "Zoe <ZOE@quil.example>"})
        self.assertTrue(self.is_open(link))
        self.call(self.agent, ticket._name, "write", ticket.ids, {"partner_email": "zoe@quill.example"})
        self.assertFalse(self.is_open(link))

    def test_a_follower_of_the_team(self):
        self.call(self.manager, self.team._name, "message_subscribe", self.team.ids, self.other.ids)
        link = self.get_links()["olga@quill.example"]
        self.call(self.manager, self.team._name, "message_unsubscribe", self.team.ids, self.other.ids)
        self.assertNotIn(self.other, self.ticket.message_partner_ids)
        self.assertFalse(self.is_open(link))

    def test_a_colleague_who_leaves_takes_no_link_away(self):
        link = self.get_links()["finn@quill.example"]
        self.call(self.agent, self.ticket._name, "message_unsubscribe", self.ticket.ids, self.employee.partner_id.ids)
        self.assertNotIn(self.employee.partner_id, self.ticket.message_partner_ids)
        self.assertTrue(self.is_open(link))

    def test_an_address_that_was_made_while_nothing_was_open(self):
        self.get_links()
        before = self.get_file_address()
        self.team.with_user(self.manager).privacy_visibility = "private"
        during = self.get_file_address()
        for mode in ("private", "public", "company", "public"):
            self.team.with_user(self.manager).privacy_visibility = mode
            self.authenticate(None, None)
            for address in (before, during):
                self.env.invalidate_all()
                self.assertNotEqual(self.url_open(address).content, b"form", mode)
        self.assertEqual(self.url_open(self.get_file_address()).content, b"form")


@tagged("post_install", "-at_install")
class TestHiddenRows(HelpdeskCase, HttpCase):
    """Reactions and activities are for those who can see the ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.env["res.company"].create({"name": "There"})
        cls.traveller = new_test_user(
            cls.env,
            "hl_traveller",
            "helpdesk_lite.group_user",
            email="traveller@test.example",
            company_ids=[(6, 0, (cls.env.company + cls.there).ids)],
        )

    def react(self, message):
        return self.make_jsonrpc_request("/mail/message/reaction", {"message_id": message.id, "content": "👍", "action": "add"})

    def test_reactions_on_what_one_cannot_read(self):
        private = self.make_ticket("private")
        message = private.message_post(body="Secret", message_type="comment", subtype_xmlid="mail.mt_comment")
        # following does not show a customer a ticket of a private team, though standard Odoo lets followers react
        private.message_subscribe(self.customer.ids)
        self.assertFalse(message.with_user(self.customer_user).has_access("read"))
        for login in ("hl_customer", "hl_employee"):
            self.authenticate(login, login)
            with self.assertRaises(JsonRpcException):
                self.react(message)
            self.env.invalidate_all()
            self.assertFalse(message.reaction_ids)
        private.message_subscribe(self.employee.partner_id.ids)
        self.react(message)
        self.env.invalidate_all()
        self.assertEqual(message.reaction_ids.partner_id, self.employee.partner_id)

    def make_activity(self, user, ticket, by):
        values = {
            "res_model_id": self.env["ir.model"]._get_id(ticket._name),
            "res_id": ticket.id,
            "user_id": user.id,
            "summary": "Call",
            "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
        }
        return self.env["mail.activity"].browse(self.call(by, "mail.activity", "create", [values]))

    def test_activities_of_customers(self):
        """Following a ticket shows it to customers in public teams only."""
        for mode in ("private", "company"):
            ticket = self.make_ticket(mode)
            by = self.manager
            with self.assertRaisesRegex(UserError, "cannot see this"), self.env.cr.savepoint():
                self.make_activity(self.customer_user, ticket, by)
            activity = self.make_activity(by, ticket, by)
            with self.assertRaisesRegex(UserError, "cannot see this"), self.env.cr.savepoint():
                self.call(by, "mail.activity", "write", activity.ids, {"user_id": self.customer_user.id})

    def test_activities_in_another_company(self):
        team = self.env["helpdesk_lite.team"].create({"name": "There", "company_id": self.there.id})
        ticket = self.env["helpdesk_lite.ticket"].create({"name": "Hidden vase", "team_id": team.id})
        with self.assertRaisesRegex(UserError, "no access to the company"):
            self.make_activity(self.agent, ticket, self.traveller)
        activity = self.make_activity(self.traveller, ticket, self.traveller)
        with self.assertRaisesRegex(UserError, "no access to the company"):
            self.call(self.traveller, "mail.activity", "write", activity.ids, {"user_id": self.agent.id})
        read = self.call(self.traveller, "mail.activity", "read", activity.ids, ["res_name"])
        self.assertIn("Hidden vase", read[0]["res_name"])
        # they do not work there any more
        self.traveller.write({"company_ids": [(6, 0, self.env.company.ids)]})
        for method, arguments in (
            ("read", [activity.ids, ["res_name", "summary"]]),
            ("web_read", [activity.ids, {"res_name": {}}]),
            ("write", [activity.ids, {"summary": "x"}]),
        ):
            with self.assertRaises(AccessError):
                self.call(self.traveller, "mail.activity", method, *arguments)
        for domain in ([("user_id", "=", self.traveller.id)], [("res_name", "ilike", "hidden vase")]):
            self.assertFalse(self.call(self.traveller, "mail.activity", "search_read", domain, ["res_name"]))

    def test_activities_on_what_one_sees(self):
        ticket = self.make_ticket("private")
        activity = self.make_activity(self.employee, ticket, self.manager)
        [read] = self.call(self.employee, "mail.activity", "read", activity.ids, ["res_name"])
        self.assertIn("A question", read["res_name"])
        contact = self.customer.activity_schedule("mail.mail_activity_data_call", user_id=self.employee.id)
        self.assertTrue(self.call(self.employee, "mail.activity", "read", contact.ids, ["res_name"]))
        self.call(self.manager, ticket._name, "message_unsubscribe", ticket.ids, self.employee.partner_id.ids)
        with self.assertRaises(AccessError):
            self.call(self.employee, "mail.activity", "read", activity.ids, ["res_name"])
        found = self.call(self.employee, "mail.activity", "search", [("user_id", "=", self.employee.id)])
        self.assertEqual(found, contact.ids)
