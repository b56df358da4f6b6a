from odoo.addons.mail.tests.common import MailCommon
from odoo.addons.mail.tools.discuss import Store
from odoo.tests import tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMerge(MergeCase, MailCommon):
    """An agent merges tickets, and everything that belongs to them goes to the master."""

    def test_everything_goes_to_the_master(self):
        master = self.make_ticket(name="Printer", partner_id=self.customer.id)
        source = self.make_ticket(
            name="Printer again", partner_id=self.customer.id, priority="2", partner_phone="123", description="<p>It smokes</p>"
        )
        message = source.message_post(body="Help", subtype_xmlid="mail.mt_comment", attachments=[("a.txt", b"1")])
        activity = source.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        source.message_subscribe(self.employee.partner_id.ids)
        self.merge(master | source, master)
        self.assertEqual(message.res_id, master.id)
        self.assertEqual(message.attachment_ids.res_id, master.id)
        self.assertEqual(activity.res_id, master.id)
        self.assertEqual(master.priority, "2")
        self.assertEqual(master.partner_phone, "123")
        self.assertIn("It smokes", master.description)
        self.assertFalse(source.active)
        self.assertEqual(source.merged_into_id, master)
        self.assertIn(self.employee.partner_id, master.message_partner_ids)
        self.assertFalse(message.is_internal)
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(message.res_id, source.id)
        self.assertEqual(message.attachment_ids.res_id, source.id)
        self.assertEqual(activity.res_id, source.id)
        self.assertEqual(master.priority, "0")
        self.assertFalse(master.partner_phone)
        self.assertFalse(master.description)
        self.assertTrue(source.active)
        self.assertNotIn(self.employee.partner_id, master.message_partner_ids)

    def test_a_forced_merge_overwrites_nothing_that_the_master_knows(self):
        """A master without contact and address takes over the customer, but not over its own name or phone number."""
        other = self.env["res.partner"].create({"name": "Other", "email": "other@test.example", "phone": "111"})
        names = ("partner_id", "partner_name", "partner_email", "partner_phone")
        taken = {"partner_id": other, "partner_name": "Other", "partner_email": "other@test.example", "partner_phone": "111"}
        for known in ({}, {"partner_phone": "222"}, {"partner_name": "Zoe"}, {"partner_email": "zoe@quill.example"}):
            master, source = self.make_ticket("company", **known), self.make_ticket("company", partner_id=other.id)
            before = {name: master[name] for name in names}
            with self.subTest(known=known):
                self.merge(master | source, master, forced=source)
                expected = {**before, **known} if "partner_email" in known else {**taken, **known}
                self.assertEqual({name: master[name] for name in names}, expected)
                master.with_user(self.agent).action_undo_merge()
                self.assertEqual({name: master[name] for name in names}, before)

    def test_master_is_open_and_has_most_messages_or_is_oldest(self):
        closed = self.make_ticket(stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        oldest, talked, newest = self.make_ticket(), self.make_ticket(), self.make_ticket()
        tickets = closed | oldest | talked | newest
        closed.message_post(body="1", message_type="comment"), closed.message_post(body="2", message_type="comment")
        choose = self.env["helpdesk_lite.merge"]._choose_masters
        self.assertEqual(choose([tickets.ids, (newest | oldest).ids]), [oldest, oldest])
        talked.message_post(body="1", message_type="comment")
        self.assertEqual(choose([tickets.ids]), [talked])

    def test_page_shows_the_tickets_and_their_similarity_to_the_chosen_master(self):
        master = self.make_ticket(name="The printer is on fire")
        same, other = self.make_ticket(name="The printer is on fire"), self.make_ticket(name="Invoice 17")
        action = (master | same | other).with_user(self.agent).action_merge()
        self.assertEqual(action["res_model"], "helpdesk_lite.merge.group")
        group = self.env[action["res_model"]].with_user(self.agent).browse(action["res_id"])
        records = {record.ticket_id: record for record in group.record_ids}
        self.assertEqual(group.master_id, master)
        self.assertEqual(records[master].similarity, 100)
        self.assertGreater(records[same].similarity, records[other].similarity)
        records[other].action_set_master()
        self.assertEqual(group.master_id, other)
        self.assertEqual(records[other].similarity, 100)
        self.assertEqual(records[same].similarity, records[master].similarity)

    def test_discarded_groups_are_hidden_and_can_still_be_merged(self):
        tickets = self.make_ticket() | self.make_ticket()
        group = self.env["helpdesk_lite.merge.group"].browse(tickets.with_user(self.agent).action_merge()["res_id"])
        group = group.with_user(self.agent)
        group.action_discard()
        self.assertEqual(group.state, "discarded")
        self.assertFalse(tickets.filtered("is_merged"))
        group.action_merge()
        self.assertEqual(group.state, "merged")

    def test_customers_are_told_when_the_agent_ticks_it_and_only_of_their_own_ticket(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@test.example"})
        master = self.make_ticket(partner_id=self.customer.id)
        sources = self.make_ticket(partner_id=other.id) | self.make_ticket(partner_email="bare@test.example")
        action = (master | sources).with_user(self.agent).action_merge()
        group = self.env["helpdesk_lite.merge.group"].with_user(self.agent).browse(action["res_id"])
        group.record_ids.filtered(lambda record: record.ticket_id == master).is_master = True
        group.notify_customers = True
        with self.mock_mail_gateway():
            group.action_merge()
            self.flush_tracking()
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        told = {recipient: mail["body"] for mail in self._mails for recipient in mail["email_to"]}
        self.assertEqual(len(told), 2)
        for source, address in zip(sources, ("other@test.example", "bare@test.example"), strict=True):
            body = next(body for recipient, body in told.items() if address in recipient)
            self.assertIn(source.number, body)
            self.assertNotIn(master.number, body)

    def test_a_customer_who_typed_an_address_is_not_the_same_as_its_owner(self):
        """Tickets of one customer become one; an address that somebody typed on the portal does not show who they are."""
        self.env["res.partner"].with_user(self.customer_user).sudo().browse(self.customer.id).email = "zoe@quill.example"
        Message = self.env["mail.message"].with_user(self.customer_user)
        for follows in (True, False):
            with self.subTest(follows=follows):
                theirs = self.make_ticket(partner_id=self.customer.id)
                hers = self.make_ticket(partner_email="zoe@quill.example")
                self.assertEqual(theirs.partner_email, hers.partner_email)
                if not follows:
                    # with the same followers, only the customers tell the tickets apart
                    theirs.message_unsubscribe(self.customer.ids)
                hers.message_post(
                    body="My salary is 1234", message_type="email", subtype_xmlid="mail.mt_comment", author_id=False
                )
                self.merge(theirs | hers, theirs)
                self.assertEqual(hers.merged_into_id, theirs)
                self.assertEqual(theirs._get_joined(), hers, "each keeps its own readers")
                self.assertFalse(Message.search([("body", "ilike", "my salary")]))
                self.assertEqual(theirs.with_user(self.customer_user).has_access("read"), follows)

    def test_search_by_the_old_number_finds_the_master(self):
        first, second, third = self.make_ticket(), self.make_ticket(), self.make_ticket(name="Last")
        self.merge(first | second, second)
        self.merge(second | third, third)
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
        self.assertEqual(Ticket.search([("merged_numbers", "ilike", first.number)]), third)
        self.assertEqual([found[0] for found in Ticket.name_search(first.number)], [third.id])
        private = self.make_ticket("private")
        self.merge(private | third, third, user=self.manager)
        self.assertFalse(Ticket.search([("merged_numbers", "ilike", private.number)]), "a number that one may not know")
        self.assertEqual(third.with_user(self.manager).search([("merged_numbers", "ilike", private.number)]), third)
        self.assertNotIn(private.number, third.with_user(self.agent).merged_numbers)

    def count(self, function):
        """The SQL statements of a call."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def say(self, ticket, messages):
        self.env["mail.message"].create(
            [
                {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "body": "x",
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "reply_to": "x@test.example",
                    "email_from": "x@test.example",
                }
                for _number in range(messages)
            ]
        )

    def test_reports_count_a_merged_request_once(self):
        report = self.env["helpdesk_lite.ticket.report"]
        other = self.env["res.partner"].create({"name": "Other", "email": "other@test.example"})
        for values in ({}, {"partner_id": other.id}):
            with self.subTest(**values):
                tickets = self.make_ticket(partner_id=self.customer.id)
                tickets |= self.make_ticket(**{"partner_id": self.customer.id, **values})
                self.merge(tickets, tickets[0])
                self.assertEqual(report.search([("ticket_id", "in", tickets.ids)]).ticket_id, tickets[0])
                tickets[0].with_user(self.agent).action_undo_merge()
                self.env.invalidate_all()
                self.assertEqual(report.search([("ticket_id", "in", tickets.ids)]).ticket_id, tickets)

    def test_statements_do_not_grow_with_messages(self):
        def cost(messages, **values):
            master = self.make_ticket(partner_id=self.customer.id)
            source = self.make_ticket(**{"partner_id": self.customer.id, **values})
            source.message_subscribe(self.employee.partner_id.ids)
            source.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
            self.say(source, messages)
            action = (master | source).with_user(self.agent).action_merge()
            group = self.env["helpdesk_lite.merge.group"].with_user(self.agent).browse(action["res_id"])
            return [self.count(function) for function in (group.action_merge, lambda: group.master_id.action_undo_merge())]

        other = self.env["res.partner"].create({"name": "Other", "email": "other@test.example"})
        for values, most in (({}, 51), ({"partner_id": other.id}, 15)):
            with self.subTest(**values):
                cost(1, **values)
                few, many = cost(2, **values), cost(300, **values)
                self.assertEqual(few, many)
                self.assertLessEqual(many[0], most)
                self.assertLessEqual(many[1], 51)

    def test_a_timeline_opens_with_three_statements_more(self):
        def cost(sources):
            master = self.make_ticket(partner_id=self.customer.id)
            others = self.env["res.partner"].create([{"name": f"Other {number}"} for number in range(sources)])
            tickets = master.union(*(self.make_ticket(partner_id=other.id) for other in others))
            for ticket in tickets:
                self.say(ticket, 20)
            if sources:
                self.merge(tickets, master)
                self.assertEqual(len(master._get_joined()), sources)
            own = master.with_user(self.agent)
            asked = ["activities", "attachments", "followers", "scheduledMessages", "suggestedRecipients"]

            def read():
                messages = self.env["mail.message"].with_user(self.agent)._message_fetch(None, thread=own)["messages"]
                Store().add(messages).get_result()

            # two requests of the web client
            return self.count(read) + self.count(lambda: Store().add(own, [], as_thread=True, request_list=asked).get_result())

        cost(1)
        self.assertLessEqual(cost(10), cost(0) + 3)

    def test_time_in_stages_is_the_masters_own(self):
        master, source = self.make_ticket(), self.make_ticket()
        source.stage_id = self.env.ref("helpdesk_lite.stage_solved")
        self.flush_tracking()
        before = master.duration_tracking
        self.merge(master | source, master)
        self.env.invalidate_all()
        self.assertEqual(master.duration_tracking, before)
