from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..merge.test_thread import ThreadCase

DIALOG, LINE, TICKET = "helpdesk_lite.split.dialog", "helpdesk_lite.split.line", "helpdesk_lite.ticket"


class SplitCase(ThreadCase):
    """A customer asks two things on one ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insider = new_test_user(cls.env, "hl_insider", "helpdesk_lite.group_user", email="insider@test.example")
        cls.teams["private"].message_subscribe(cls.insider.partner_id.ids)
        cls.second = new_test_user(cls.env, "hl_second", "helpdesk_lite.group_user", email="second@test.example")

    def make_conversation(self, mode="public", texts=("The lamp is broken", "And where is my invoice?", "Any news?"), **values):
        """A ticket with messages of its customer, each with a file.

        :return: tuple of the ticket and the messages, the first one first
        """
        ticket = self.make_ticket(mode, partner_id=self.customer.id, name="A lamp", **values)
        messages = self.env["mail.message"]
        for text in texts:
            messages += ticket.message_post(
                body=text,
                author_id=self.customer.id,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                attachments=[(f"{text[:3]}.txt", text.encode())],
            )
        self.env.flush_all()
        return ticket, messages

    def split(self, ticket, messages, user=None, **values):
        """Split messages off, with the menu of the first one, the dialog and its button.

        :return: the new ticket
        """
        user = user or self.agent
        action = self.call(user, TICKET, "action_split", ticket.ids, messages[:1].id)
        dialog = self.env[DIALOG].browse(action["res_id"])
        chosen = [Command.update(line.id, {"chosen": line.message_id in messages}) for line in dialog.line_ids]
        self.call(user, DIALOG, "write", dialog.ids, {"line_ids": chosen, **values})
        made = self.call(user, DIALOG, "action_split", dialog.ids)
        self.env.invalidate_all()
        return self.env[TICKET].browse(made["res_id"])


@tagged("post_install", "-at_install")
class TestSplit(SplitCase):
    """Messages that are another request get a ticket of their own."""

    def test_messages_files_and_waiting_go_with_them(self):
        ticket, (first, second, third) = self.make_conversation()
        ticket.with_user(self.agent).message_post(
            body="It is sent.", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
        )
        note = ticket.with_user(self.agent).message_post(body="Colleagues", subtype_xmlid="mail.mt_note")
        made = self.split(ticket, second | third, name="An invoice")
        self.assertEqual((made.name, made.team_id, made.partner_id), ("An invoice", self.team, self.customer))
        self.assertEqual((second | third).mapped("res_id"), [made.id] * 2)
        self.assertEqual((first | note).mapped("res_id"), [ticket.id] * 2)
        self.assertEqual((second | third).author_id, self.customer, "whoever splits is not the author")
        self.assertEqual((second | third).attachment_ids.mapped("res_id"), [made.id] * 2)
        self.assertEqual(first.attachment_ids.res_id, ticket.id)
        self.assertIn("invoice", made.description)
        self.assertFalse(ticket.waiting_since)
        self.assertTrue(made.waiting_since)
        self.assertEqual(ticket.response_count, 1)
        self.assertEqual(made.response_count, 0)
        self.assertEqual(made.opened_on, second.create_date.replace(microsecond=0))
        self.assertEqual(made.follow_up_of_id, ticket)

    def test_the_customer_is_not_told_and_sees_what_they_saw(self):
        ticket, (_first, second, _third) = self.make_conversation()
        with self.mock_mail_gateway():
            made = self.split(ticket, second)
            asked = self.env[TICKET].with_user(self.agent).create({"name": "New", "partner_id": self.customer.id})
            self.flush_tracking()
        told = {each: "auto_comment" in each.message_ids.mapped("message_type") for each in made | asked}
        self.assertEqual(told, {made: False, asked: True})
        self.assertIn(self.customer, made.message_partner_ids)
        self.assertNotIn(self.customer, made.message_ids.notified_partner_ids)
        self.assertTrue(made.with_user(self.customer_user).has_access("read"))
        self.assertFalse(made.with_user(self.other_user).has_access("read"))

    def test_outsiders_read_no_more_than_before(self):
        ticket, (_first, second, _third) = self.make_conversation()
        # who follows the team is told of its new tickets
        self.team.message_subscribe(self.other.ids, self.env.ref("helpdesk_lite.mt_team_ticket_new").ids)
        ticket.message_unsubscribe((self.customer | self.other).ids)
        made = self.split(ticket, second)
        for user in (self.customer_user, self.other_user):
            for each in made | ticket:
                self.assertFalse(each.with_user(user).has_access("read"), user.login)
            self.assertNotIn(user.partner_id, made.message_ids.notified_partner_ids)
        asked = (
            self.env[TICKET]
            .with_user(self.agent)
            .create({"name": "New", "team_id": self.team.id, "partner_id": self.customer.id})
        )
        self.assertLessEqual(self.customer | self.other, asked.message_partner_ids)

    def test_a_note_is_not_what_the_customer_asked(self):
        ticket, _messages = self.make_conversation()
        note = ticket.with_user(self.agent).message_post(
            body="Do not pay", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        made = self.split(ticket, note)
        self.assertFalse(made.description)
        note = ticket.with_user(self.agent).message_post(body="Liar", message_type="comment", subtype_xmlid="mail.mt_note")
        last = ticket.message_post(
            body="And now?", author_id=self.customer.id, message_type="email", subtype_xmlid="mail.mt_comment"
        )
        made = self.split(ticket, note | last)
        self.assertEqual(made.description, last.body)
        domain = [("model", "=", TICKET), ("res_id", "=", made.id), ("message_type", "!=", "notification")]
        self.assertEqual(self.env["mail.message"].with_user(self.customer_user).search(domain), last)

    def test_an_answer_to_a_message_follows_it(self):
        ticket, (first, second, _third) = self.make_conversation()
        made = self.split(ticket, second)
        for answered, reached in ((first, ticket), (second, made)):
            message = self.receive(f"About {answered.id}", headers=f"In-Reply-To: {answered.message_id}\n")
            self.assertEqual(message.res_id, reached.id)

    def test_what_is_no_id_chooses_no_message(self):
        ticket, messages = self.make_conversation()
        for value in ("x", 2**40, -1, True, messages.ids):
            with self.subTest(value=value):
                action = self.call(self.agent, TICKET, "action_split", ticket.ids, value)
                self.assertFalse(any(self.env[DIALOG].browse(action["res_id"]).line_ids.mapped("chosen")))

    def test_what_cannot_be_split_off(self):
        ticket, messages = self.make_conversation()
        other, foreign = self.make_conversation(texts=("Elsewhere",))
        tracked = ticket._message_log(body="Moved", message_type="notification")
        for case, chosen in (("all", messages), ("none", self.env["mail.message"])):
            with self.subTest(case), self.assertRaises(UserError):
                self.split(ticket, chosen)
        for case, message in (("of another ticket", foreign), ("of the system", tracked)):
            with self.subTest(case), self.assertRaises(UserError):
                self.call(self.agent, TICKET, "action_split", ticket.ids, message.id)
        with self.subTest("the only one"), self.assertRaises(UserError):
            self.split(other, foreign)
        with self.subTest("the only one, beside a note"), self.assertRaises(UserError):
            other.with_user(self.agent).message_post(body="Note", message_type="comment", subtype_xmlid="mail.mt_note")
            self.split(other, foreign)
        with self.subTest("put into the dialog"), self.assertRaises(UserError):
            action = self.call(self.agent, TICKET, "action_split", ticket.ids)
            lines = [Command.create({"message_id": foreign.id, "chosen": True})]
            self.call(self.agent, DIALOG, "write", [action["res_id"]], {"line_ids": lines})
            self.call(self.agent, DIALOG, "action_split", [action["res_id"]])
        self.assertEqual(messages.mapped("res_id"), [ticket.id] * 3)
        self.assertEqual(foreign.res_id, other.id)

    def test_messages_of_merged_tickets(self):
        master, _messages = self.make_conversation()
        absorbed, brought = self.make_conversation(texts=("One", "Two"))
        joined, kept = self.make_conversation("company", texts=("Three", "Four"))
        self.merge(master | absorbed, master)
        self.merge(master | joined, master)
        self.assertEqual(brought.mapped("res_id"), [master.id] * 2)
        self.assertEqual(kept.mapped("res_id"), [joined.id] * 2)
        for case, ticket, message in (
            ("brought to the master", master, brought[0]),
            ("in the timeline of the master", master, kept[0]),
            ("on the joined ticket", joined, kept[0]),
        ):
            with self.subTest(case), self.assertRaises(UserError):
                self.call(self.agent, TICKET, "action_split", ticket.ids, message.id)
        self.call(self.agent, TICKET, "action_undo_merge", master.ids)
        made = self.split(joined, kept[0])
        self.assertEqual(kept.mapped("res_id"), [made.id, joined.id])

    def test_who_may_split(self):
        ticket, messages = self.make_conversation()
        hidden, secrets = self.make_conversation("private", texts=("Secret one", "Secret two"))
        ticket.message_subscribe(self.customer.ids)
        for user in (self.employee, self.customer_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.call(user, TICKET, "action_split", ticket.ids, messages[0].id)
        with self.assertRaises(AccessError):
            self.call(self.agent, TICKET, "action_split", hidden.ids, secrets[0].id)
        with self.assertRaises(AccessError):
            self.call(self.agent, TICKET, "action_split", ticket.ids, secrets[0].id)
        action = self.call(self.agent, TICKET, "action_split", ticket.ids, messages[0].id)
        with self.assertRaises(AccessError):
            self.call(self.agent, LINE, "create", [{"dialog_id": action["res_id"], "message_id": secrets[0].id}])
        with self.assertRaises(AccessError):
            self.call(self.insider, DIALOG, "action_split", [action["res_id"]])
        self.assertEqual((messages | secrets).mapped("res_id"), [ticket.id] * 3 + [hidden.id] * 2)

    def test_who_was_invited_to_a_ticket_makes_none_in_its_team(self):
        hidden, secrets = self.make_conversation("private", texts=("Secret one", "Secret two"))
        hidden.message_subscribe(self.agent.partner_id.ids)
        with self.assertRaises(AccessError):
            self.split(hidden, secrets[0])
        self.assertEqual(secrets.mapped("res_id"), [hidden.id] * 2)

    def test_sight_that_ends_meanwhile(self):
        ticket, messages = self.make_conversation("company")
        action = self.call(self.agent, TICKET, "action_split", ticket.ids, messages[0].id)
        self.teams["company"].privacy_visibility = "private"
        with self.assertRaises(AccessError):
            self.call(self.agent, DIALOG, "action_split", [action["res_id"]])
        lines = self.env[DIALOG].browse(action["res_id"]).line_ids
        for values in self.call(self.agent, LINE, "read", lines.ids, ["preview", "author", "date"]):
            self.assertFalse(values["preview"] or values["author"] or values["date"])

    def test_only_those_who_read_both_are_shown_the_other_ticket(self):
        ticket, messages = self.make_conversation()
        made = self.split(ticket, messages[0])
        made.team_id = self.teams["private"]
        # whoever split it follows it
        for user, shown in ((self.agent, [made.id]), (self.second, [])):
            groups = self.call(user, TICKET, "get_related_tickets", ticket.id)["groups"]
            self.assertEqual([item["id"] for group in groups for item in group["tickets"]], shown)
        self.env.invalidate_all()
        notes = str(ticket.message_ids.mapped("body"))
        self.assertNotIn(made.number, notes)
        self.assertIn("split off", notes)


@tagged("post_install", "-at_install")
class TestUndoSplit(SplitCase):
    """A split is undone by the journal, or refused with a way out."""

    def undo(self, made, user=None):
        action = self.call(user or self.agent, TICKET, "action_undo_split", made.ids)
        self.env.invalidate_all()
        return action

    def state(self, ticket, messages):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            messages.mapped("res_id"),
            messages.attachment_ids.mapped("res_id"),
            ticket.waiting_since,
            ticket.last_customer_date,
            ticket.response_count,
            ticket.is_closed,
        )

    def test_everything_comes_back(self):
        ticket, messages = self.make_conversation()
        before = self.state(ticket, messages)
        made = self.split(ticket, messages[1] | messages[2])
        self.assertNotEqual(self.state(ticket, messages), before)
        action = self.undo(made)
        self.assertEqual(action["res_id"], ticket.id)
        self.assertEqual(self.state(ticket, messages), before)
        self.assertFalse(made.active)
        self.assertFalse(made.waiting_since)
        self.assertFalse(made.follow_up_of_id)
        with self.assertRaises(UserError):
            self.undo(made)

    def test_the_button_is_for_those_who_may(self):
        ticket, messages = self.make_conversation()
        made = self.split(ticket, messages[0])
        for shown, user, shows in ((made, self.agent, True), (ticket, self.agent, False), (made, self.employee, False)):
            [values] = self.call(user, TICKET, "read", shown.ids, ["can_undo_split"])
            self.assertEqual(values["can_undo_split"], shows)
        with self.assertRaises(AccessError):
            self.undo(made, self.employee)
        ticket.sudo().team_id = self.teams["private"]
        self.assertFalse(self.call(self.agent, TICKET, "read", made.ids, ["can_undo_split"])[0]["can_undo_split"])
        with self.assertRaises(AccessError):
            self.undo(made)
        self.assertTrue(made.active)

    def test_nothing_is_left_behind(self):
        ticket, messages = self.make_conversation()
        made = self.split(ticket, messages[1] | messages[2])
        again = self.split(made, messages[2])
        with self.assertRaisesRegex(UserError, "Undo that split first"):
            self.undo(made)
        self.undo(again)
        made.with_user(self.agent).message_post(
            body="Here it is", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
        )
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "Merge it with"):
            self.undo(made)
        self.assertEqual(messages.mapped("res_id"), [ticket.id, made.id, made.id])
        self.merge(ticket | made, ticket)
        self.assertEqual(messages.mapped("res_id"), [ticket.id] * 3)

    def test_merged_meanwhile(self):
        ticket, messages = self.make_conversation()
        other, _messages = self.make_conversation(texts=("Other",))
        made = self.split(ticket, messages[1])
        self.merge(ticket | other, other)
        with self.assertRaises(UserError):
            self.undo(made)
        self.call(self.agent, TICKET, "action_undo_merge", other.ids)
        self.undo(made)
        self.assertEqual(messages.mapped("res_id"), [ticket.id] * 3)

    def test_a_merge_into_the_new_ticket_is_undone_by_itself(self):
        """Both are in the journal of the same ticket; each button undoes its own."""
        ticket, messages = self.make_conversation()
        source, brought = self.make_conversation(texts=("Other",))
        made = self.split(ticket, messages[1])
        self.assertFalse(self.call(self.agent, TICKET, "read", made.ids, ["can_undo_merge"])[0]["can_undo_merge"])
        with self.assertRaises(UserError):
            self.call(self.agent, TICKET, "action_undo_merge", made.ids)
        self.merge(made | source, made)
        with self.assertRaises(UserError):
            self.undo(made)
        self.call(self.agent, TICKET, "action_undo_merge", made.ids)
        self.env.invalidate_all()
        self.assertEqual(brought.res_id, source.id)
        self.assertEqual(messages[1].res_id, made.id)
        self.undo(made)
        self.assertEqual(messages.mapped("res_id"), [ticket.id] * 3)
