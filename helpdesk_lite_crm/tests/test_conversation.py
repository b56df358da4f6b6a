import json

from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import PIXEL, ConvertCase


@tagged("post_install", "-at_install")
class TestConversation(ConvertCase):
    """Messages and files are copied completely and in order, and only people with access can read them."""

    def copies(self, lead):
        return lead.message_ids.filtered(lambda message: message.message_type != "notification").sorted("id")

    def test_messages_in_order_and_notes_stay_notes(self):
        ticket = self.make_request()
        before = ticket.message_ids.sorted("id").read(
            ["body", "date", "author_id", "email_from", "message_id", "attachment_ids"]
        )
        lead = self.convert(ticket)
        copies = self.copies(lead)
        self.assertEqual(
            [html2plaintext(copy.body) for copy in copies], ["How much are forty?", "I ask sales.", "A good customer."]
        )
        comment, note = self.env.ref("mail.mt_comment"), self.env.ref("mail.mt_note")
        self.assertEqual([message.subtype_id for message in copies], [comment, comment, note])
        self.assertEqual(
            [message.author_id for message in copies], [self.env["res.partner"], self.agent.partner_id, self.agent.partner_id]
        )
        self.assertEqual(copies[0].email_from, "zoe@quill.example")
        self.assertTrue(all(copies.mapped("is_internal")))
        self.assertFalse(set(copies.mapped("message_id")) & {message["message_id"] for message in before})
        self.assertFalse(copies.partner_ids or copies.notification_ids)
        originals = self.env["mail.message"].browse([message["id"] for message in before])
        self.assertEqual(originals.read(list(before[0])), before, "the ticket stays whole")
        self.assertEqual(copies[0].date, originals.filtered(lambda message: "forty" in message.body).date)

    def test_files_are_copies_with_their_own_rights(self):
        ticket = self.make_request()
        originals = self.files(ticket)
        originals.generate_access_token()
        lead = self.convert(ticket)
        copies = self.files(lead)
        self.assertEqual(copies.mapped("name"), originals.mapped("name"))
        self.assertEqual([copy.raw for copy in copies], [PIXEL, b"rich", b"the plan"])
        self.assertFalse(any(copies.mapped("access_token")))
        self.assertEqual(self.files(ticket), originals)
        self.assertEqual(self.copies(lead)[0].attachment_ids, copies[0])
        self.assertEqual(self.copies(lead)[2].attachment_ids, copies[1])
        originals.unlink()
        self.env.invalidate_all()
        self.assertEqual(copies[2].raw, b"the plan")

    def test_pictures_in_texts_are_those_of_the_lead(self):
        ticket = self.make_request()
        picture = self.files(ticket)[0]
        token = picture.generate_access_token()[0]
        address = f"/web/image/{picture.id}?access_token={token}"
        ticket.description = f'<p>See <img src="{address}"></p>'
        lead = self.convert(ticket)
        copy = self.files(lead)[0]
        self.assertIn(f'src="/web/image/{copy.id}"', lead.description)
        self.assertNotIn(token, lead.description)

    def test_logs_are_not_copied_but_files_of_the_first_message_are(self):
        ticket = self.make_ticket(name="By the form")
        ticket.message_post(
            body="Created", subtype_id=ticket._creation_subtype().id, attachments=[("form.txt", b"from the form")]
        )
        ticket._message_log(body="Moved by a machine")
        ticket.message_post(body="Noted by an integration", subtype_xmlid="mail.mt_note")
        lead = self.convert(ticket)
        said = " ".join(lead.message_ids.mapped("body"))
        self.assertNotIn("machine", said)
        self.assertIn("integration", said)
        self.assertEqual(self.files(lead).mapped("name"), ["form.txt"])

    def test_answers_keep_their_thread(self):
        ticket = self.make_request()
        parent = ticket.message_ids.filtered(lambda message: "forty" in message.body)
        ticket.message_post(body="A hundred.", subtype_xmlid="mail.mt_comment", message_type="comment", parent_id=parent.id)
        copies = self.copies(self.convert(ticket))
        self.assertEqual(copies[-1].parent_id, copies[0])

    def test_private_team_gives_a_link_and_no_text(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "Secret of the private team"})
        ticket = self.make_request("private", tag_ids=tag.ids)
        self.assertFalse(self.make_wizard(ticket).copy_conversation)
        lead = self.convert(ticket, name="Lamps")
        said = " ".join([str(lead.description), *lead.message_ids.mapped("body"), *lead.tag_ids.mapped("name")])
        for secret in ("forty", "good customer", "green", "Secret"):
            self.assertNotIn(secret, said.casefold() if secret.islower() else said)
        self.assertFalse(self.files(lead))

    def test_private_team_gives_all_when_the_agent_says_so(self):
        lead = self.convert(self.make_request("private"), copy_conversation=True)
        self.assertEqual(len(self.copies(lead)), 3)
        self.assertEqual(len(self.files(lead)), 3)

    def test_people_who_can_read_the_lead_can_read_the_copies(self):
        ticket = self.make_request("private", partner_id=self.customer.id)
        ticket.message_post(
            body="It is me, the customer.", author_id=self.customer.id, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        lead = self.convert(ticket, copy_conversation=True, user_id=self.salesperson.id)
        copies, files = self.copies(lead), self.files(lead)
        self.assertEqual(len(copies), 4)
        copies.with_user(self.salesperson).check_access("read")
        files.with_user(self.salesperson).check_access("read")
        Message = self.env["mail.message"]
        domain = [("model", "=", "crm.lead"), ("res_id", "=", lead.id)]
        for user in (self.customer_user, self.employee, self.other_salesperson):
            with self.subTest(user=user.login):
                self.assertFalse(Message.with_user(user).search(domain))
                for record in [*copies, *files]:
                    with self.assertRaises(AccessError):
                        record.with_user(user).check_access("read")
        # authors can read their own messages, as everywhere in Odoo
        self.assertEqual(Message.with_user(self.agent).search(domain).author_id, self.agent.partner_id)

    def test_who_wrote_what_was_copied_is_not_told_what_the_lead_is_called(self):
        """The copy is theirs as well, by Odoo's rule. The ticket may be private by now, and named the lead."""
        lead = self.convert(self.make_request(name="Subject"))
        copy = self.copies(lead)[2]
        self.assertEqual((copy.author_id, copy.attachment_ids.name), (self.agent.partner_id, "note.txt"))
        for user, told in ((self.agent, False), (self.sales_manager, True)):
            self.assertEqual(lead.with_user(user).has_access("read"), told)
            self.env.invalidate_all()
            row = self.call(user, "mail.message", "read", copy.ids, ["body", "record_name"])[0]
            self.assertIn("A good customer.", row["body"])
            self.assertEqual(bool(row["record_name"]), told)
            store = json.dumps(Store().add(copy.with_user(user)).get_result(), default=str)
            self.assertIn("note.txt", store)
            self.assertEqual("Subject" in store, told)

    def test_other_companies_do_not_see_the_lead(self):
        company = self.env["res.company"].create({"name": "Far Away"})
        self.sales_manager.write({"company_ids": [(4, company.id)], "company_id": company.id})
        lead = self.convert(self.make_request(), sales_team_id=False, user_id=False)
        self.assertEqual(lead.company_id, self.team.company_id)
        far = self.env["crm.lead"].with_user(self.sales_manager).with_context(allowed_company_ids=company.ids)
        self.assertFalse(far.search([("id", "=", lead.id)]))

    def test_customers_cannot_see_where_a_ticket_was_converted_to(self):
        """A customer who follows their ticket in a public team cannot read its notes by id."""
        ticket = self.make_request(partner_id=self.customer.id)
        self.convert(ticket)
        ticket.action_undo_convert()
        own = ticket.with_user(self.customer_user)
        self.assertTrue(own.has_access("read"))
        notes = ticket.message_ids.filtered(lambda message: "Converted to" in message.body or "was undone" in message.body)
        self.assertEqual(len(notes), 2)
        for note in notes:
            with self.subTest(note=note.body), self.assertRaises(AccessError):
                note.with_user(self.customer_user).read(["body"])
        self.assertFalse(self.env["mail.message"].with_user(self.customer_user).search([("id", "in", notes.ids)]))
