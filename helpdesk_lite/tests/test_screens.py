import re

from odoo.tests import HttpCase, tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestScreens(HelpdeskCase, HttpCase):
    """What screens say and do beside their purpose, through the requests that the web client makes."""

    def get_messages(self, ticket):
        """What the chatter gets when somebody opens a ticket: the messages, and their kinds by id."""
        data = self.make_jsonrpc_request("/mail/thread/messages", {"thread_model": ticket._name, "thread_id": ticket.id})[
            "data"
        ]
        return data["mail.message"], {kind["id"]: kind for kind in data.get("mail.message.subtype", [])}

    def test_opening_a_ticket_writes_nothing(self):
        """The addresses of files need the access link, which was made here: two at once could not both."""
        ticket = self.make_ticket(partner_id=self.customer.id)
        file = self.env["ir.attachment"].create(
            {"name": "lamp.txt", "raw": b"lamp", "res_model": ticket._name, "res_id": ticket.id}
        )
        self.env["mail.message"].create(
            {
                "model": ticket._name,
                "res_id": ticket.id,
                "author_id": self.customer.id,
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "attachment_ids": file.ids,
            }
        )
        self.authenticate("hl_agent", "hl_agent")
        messages, _kinds = self.get_messages(ticket)
        self.assertEqual(messages[0]["attachment_ids"], file.ids)
        self.make_jsonrpc_request(
            "/mail/data",
            {
                "fetch_params": [
                    ["mail.thread", {"thread_model": ticket._name, "thread_id": ticket.id, "request_list": ["attachments"]}]
                ]
            },
        )
        ticket.invalidate_recordset()
        self.assertFalse(ticket.access_token)
        # the file opens all the same for who can read the ticket, and for nobody else
        self.assertEqual(self.url_open(f"/web/content/{file.id}?access_token=").status_code, 200)
        self.authenticate(None, None)
        self.assertEqual(self.url_open(f"/web/content/{file.id}?access_token={file._get_raw_access_token()}").status_code, 404)

    def test_the_customer_does_not_say_that_a_ticket_was_created(self):
        self.team.use_website_form = True
        url = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(url).text)[1]
        message = {"name": "Vera", "email": "vera@visitor.example", "subject": "Lamp", "description": "It is dark."}
        self.url_open(url, data={**message, "csrf_token": token})
        ticket = self.env["helpdesk_lite.ticket"].search([("partner_email", "=", "vera@visitor.example")])
        self.authenticate("hl_agent", "hl_agent")
        messages, kinds = self.get_messages(ticket)
        (bubble,) = [message for message in messages if "It is dark." in str(message["body"])]
        self.assertFalse(kinds[bubble["subtype_id"]].get("description"))

    def test_agents_see_copies_and_language(self):
        def get_fields(user):
            views = self.call(user, "helpdesk_lite.ticket", "get_views", [(False, "form")])
            return {name for name in ("email_cc", "partner_lang") if f'name="{name}"' in views["views"]["form"]["arch"]}

        self.assertEqual(get_fields(self.agent), {"email_cc", "partner_lang"})
        self.assertEqual(get_fields(self.employee), set())

    def test_a_contact_of_a_company_is_one_person(self):
        company = self.env["res.partner"].create({"name": "Azure", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Ann Hill", "parent_id": company.id, "email": "ann@azure.example"})
        ticket = self.make_ticket()
        ticket.message_subscribe(contact.ids)
        form = self.call(
            self.agent,
            "helpdesk_lite.access",
            "onchange",
            [],
            {"ticket_id": ticket.id},
            ["ticket_id"],
            {"ticket_id": {}, "line_ids": {"fields": {"name": {}}}},
        )
        names = [line[2]["name"] for line in form["value"]["line_ids"] if line[2]]
        self.assertIn("Ann Hill (Azure)", names)
        self.teams["company"].with_user(self.manager).follower_ids += contact + self.customer
        self.assertIn("Ann Hill (Azure)", self.teams["company"].with_user(self.manager).follower_warning)
