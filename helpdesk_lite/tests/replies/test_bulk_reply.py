from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import HelpdeskCase

BULK, LINE, REPLY, TICKET = (
    "helpdesk_lite.bulk.reply",
    "helpdesk_lite.bulk.reply.line",
    "helpdesk_lite.reply",
    "helpdesk_lite.ticket",
)


@tagged("post_install", "-at_install")
class TestBulkReply(HelpdeskCase):
    """*Reply to Selected*: each ticket has its own text and its own result, and takes nothing from the others."""

    def open_for(self, tickets, user=None, **values):
        action = self.call(user or self.agent, TICKET, "action_reply_to_selected", tickets.ids)
        bulk_id = action["res_id"]
        self.call(
            user or self.agent, BULK, "write", [bulk_id], {"body": "<p>Hello {{customer.first_name|there}}</p>", **values}
        )
        return self.env[BULK].browse(bulk_id)

    def send(self, bulk):
        self.call(self.agent, BULK, "action_send", [bulk.id])
        self.env.invalidate_all()
        return {line.ticket_id: line.outcome for line in bulk.line_ids}

    def look(self, bulk):
        fields = ["ticket_id", "state", "reason", "preview"]
        return {row["ticket_id"][0]: row for row in self.call(self.agent, LINE, "read", bulk.line_ids.ids, fields)}

    def answers(self, ticket):
        return ticket.message_ids.filtered(
            lambda message: "Hello" in (message.body or "") and message.message_type == "comment"
        )

    def test_each_has_its_own_text_and_result(self):
        self.customer.name = "Zoe Quill"
        known = self.make_ticket(partner_id=self.customer.id)
        unknown = self.make_ticket(partner_email="tom@quill.example", partner_name="Tom Reed")
        nobody = self.make_ticket()
        archived = self.make_ticket(partner_id=self.customer.id, active=False)
        tickets = known | unknown | nobody | archived
        bulk = self.open_for(tickets)
        self.assertIs(self.call(self.agent, BULK, "read", [bulk.id], ["result"])[0]["result"], False, "nothing was tried yet")
        shown = self.look(bulk)
        self.assertEqual(shown[known.id]["preview"], "<p>Hello Zoe</p>")
        self.assertEqual(shown[unknown.id]["preview"], "<p>Hello Tom</p>")
        self.assertEqual([shown[ticket.id]["state"] for ticket in tickets], ["ready", "ready", "excluded", "excluded"])
        self.assertIn("no customer", shown[nobody.id]["reason"])
        self.assertEqual(self.send(bulk), {known: "sent", unknown: "sent", nobody: False, archived: False})
        self.assertIn("<p>Hello Tom</p>", self.answers(unknown).body)
        self.assertEqual(self.answers(unknown).notified_partner_ids, unknown.partner_id)
        self.assertEqual(unknown.partner_id.email, "tom@quill.example")
        self.assertIn(self.customer, self.answers(known).notified_partner_ids)
        self.assertNotIn(unknown.partner_id, self.answers(known).notified_partner_ids, "nobody gets what was for another")
        self.assertFalse(self.answers(nobody) | self.answers(archived))
        self.assertEqual(self.call(self.agent, BULK, "read", [bulk.id], ["result"])[0]["result"], "2 of 4 sent")

    def test_the_stages_of_the_team_to_which_the_reply_moves(self):
        there = self.teams["company"]
        there.stage_ids.is_waiting = False
        self.env["helpdesk_lite.stage"].create({"name": "They look", "is_waiting": True, "team_ids": self.team.ids})
        reply = self.env[REPLY].create({"name": "x", "user_id": False, "body": "<p>Hello</p>", "move_team_id": there.id})
        ticket = self.make_ticket(partner_id=self.customer.id)
        bulk = self.open_for(ticket, reply_id=reply.id, then="wait")
        shown = self.look(bulk)[ticket.id]
        self.assertEqual(shown["state"], "excluded")
        self.assertIn("“Team company” has no stage in which it waits", shown["reason"])

    def test_one_that_fails_and_a_second_try(self):
        tickets = self.env[TICKET].union(*(self.make_ticket(partner_id=self.customer.id) for _i in range(3)))
        solved = tickets[0]._get_stage_for("solve")
        solved.require_tags = True
        tag = self.env["helpdesk_lite.tag"].create({"name": "Lamps"})
        (tickets[0] | tickets[2]).tag_ids = tag
        values = {"stage_action": "stage", "stage_id": solved.id}
        reply = self.env[REPLY].create({"name": "x", "user_id": False, "body": "<p>Hello</p>", **values})
        bulk = self.open_for(tickets, reply_id=reply.id, body="<p>Hello</p>")
        self.assertEqual(self.look(bulk)[tickets[1].id]["reason"], "The stage “Solved” needs tags.")
        self.assertEqual(self.send(bulk), {tickets[0]: "sent", tickets[1]: False, tickets[2]: "sent"})
        self.assertFalse(self.answers(tickets[1]))
        tickets[1].tag_ids = tag
        self.assertEqual(self.send(bulk)[tickets[1]], "sent")
        self.assertEqual([len(self.answers(ticket)) for ticket in tickets], [1, 1, 1], "nobody is answered twice")
        self.assertTrue(all(tickets.mapped("is_closed")))

    def test_a_ticket_that_was_closed_to_its_sender_meanwhile(self):
        tickets = self.make_ticket("company", partner_id=self.customer.id) | self.make_ticket(partner_id=self.customer.id)
        bulk = self.open_for(tickets)
        self.teams["company"].privacy_visibility = "private"
        with self.assertRaises(AccessError):
            self.call(self.agent, BULK, "action_send", [bulk.id])
        self.assertFalse(self.answers(tickets[0]) | self.answers(tickets[1]))

    def test_a_ticket_that_is_out_of_sight_afterwards(self):
        """Its team was closed meanwhile: the result stays readable, and the others get theirs."""
        tickets = self.make_ticket("company", partner_id=self.customer.id) | self.make_ticket(partner_id=self.customer.id)
        bulk = self.open_for(tickets)
        self.assertEqual(set(self.send(bulk).values()), {"sent"})
        first, second = bulk.line_ids
        # sudo: what became of the second was found out by the server
        second.sudo().write({"outcome": "failed", "failure": "The stage needs tags."})
        self.teams["company"].privacy_visibility = "private"
        # whoever answers follows the ticket, and sees it as a follower
        tickets[0].message_unsubscribe(self.agent.partner_id.ids)
        specification = {"line_ids": {"fields": {"ticket_id": {}, "customer": {}, "state": {}, "reason": {}, "preview": {}}}}
        (shown,) = self.call(self.agent, BULK, "web_read", [bulk.id], specification)
        rows = {row["id"]: row for row in shown["line_ids"]}
        self.assertEqual((rows[first.id]["state"], rows[first.id]["customer"]), ("sent", False))
        self.assertFalse(rows[first.id]["preview"])
        self.assertEqual(rows[second.id]["customer"], self.customer.name)
        self.assertEqual(self.send(bulk)[tickets[1]], "sent")

    def test_a_customer_without_an_address(self):
        ticket = self.make_ticket(partner_name="Tom", partner_email="call me")
        bulk = self.open_for(ticket)
        self.assertEqual(self.look(bulk)[ticket.id]["state"], "excluded")

    def test_who_may(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        for user in (self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                self.call(user, TICKET, "action_reply_to_selected", ticket.ids)
        with self.assertRaises(AccessError):
            self.call(self.agent, TICKET, "action_reply_to_selected", self.make_ticket("private").ids)
        bulk = self.open_for(ticket)
        for method, args in (("read", [["body"]]), ("action_send", [])):
            with self.assertRaises(AccessError):
                self.call(self.manager, BULK, method, [bulk.id], *args)
        with self.assertRaises(AccessError):
            self.call(self.agent, LINE, "write", bulk.line_ids.ids, {"outcome": "sent"})

    def test_refusals(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        for body, sentence in (("<p><br></p>", "write a text"), ("<p>{{customer.password}}</p>", "no placeholder")):
            bulk = self.open_for(ticket, body=body)
            with self.assertRaisesRegex(UserError, sentence):
                self.call(self.agent, BULK, "action_send", [bulk.id])
        with self.assertRaisesRegex(UserError, "at most 500"):
            self.env[BULK]._open_for(self.env[TICKET].browse(range(1, 502)))

    def test_the_language_of_each_customer(self):
        self.env["res.lang"]._activate_lang("es_ES")
        reply = self.env[REPLY].create({"name": "x", "user_id": False, "body": "<p>Hello {{customer.first_name}}</p>"})
        reply.text_ids.create({"reply_id": reply.id, "lang": "es_ES", "body": "<p>Hola {{customer.first_name}}</p>"})
        tickets = self.make_ticket(partner_name="Zoe", partner_email="z@q.example", partner_lang="es_ES") | self.make_ticket(
            partner_name="Tom", partner_email="t@q.example", partner_lang="en_US"
        )
        bulk = self.open_for(tickets, reply_id=reply.id, body=reply.body)
        shown = self.look(bulk)
        self.assertEqual([shown[ticket.id]["preview"] for ticket in tickets], ["<p>Hola Zoe</p>", "<p>Hello Tom</p>"])
        self.call(self.agent, BULK, "write", [bulk.id], {"body": "<p>Hi {{customer.first_name}}</p>"})
        shown = self.look(bulk)
        self.assertEqual([shown[ticket.id]["preview"] for ticket in tickets], ["<p>Hi Zoe</p>", "<p>Hi Tom</p>"])

    def test_statements_of_a_hundred(self):
        """At most eight statements for each ticket beyond those of the bare message."""

        def make(count):
            contacts = self.env["res.partner"].create(
                [{"name": f"Zoe {i}", "email": f"zoe{i}@quill.example"} for i in range(count)]
            )
            return self.env[TICKET].union(*(self.make_ticket(partner_id=contact.id) for contact in contacts))

        def count(function):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            function()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def post_bare(tickets):
            for ticket in tickets.with_user(self.agent):
                ticket.message_post(
                    body="<p>Hello</p>",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=ticket.partner_id.ids,
                )

        post_bare(make(1))
        tickets = make(100)
        bare = count(lambda: post_bare(tickets))
        reply = self.env[REPLY].create({"name": "x", "user_id": False, "body": "<p>Hello {{customer.first_name}}</p>"})
        bulk = self.open_for(make(100), reply_id=reply.id, body=reply.body)
        sent = count(lambda: bulk.with_user(self.agent).action_send())
        self.assertEqual(set(bulk.line_ids.mapped("outcome")), {"sent"})
        self.assertLessEqual((sent - bare) / 100, 8, f"{sent / 100} a ticket, {bare / 100} bare")
