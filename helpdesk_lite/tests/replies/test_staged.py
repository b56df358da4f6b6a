from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ...models.pipeline.ticket_needs import MissingNeeds
from ..common import HelpdeskCase

REPLY, TICKET = "helpdesk_lite.reply", "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestStaged(HelpdeskCase, HttpCase):
    """What is staged beside a message happens with it, by the rights of its author, or neither happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Reply = cls.env[REPLY]
        cls.tags = cls.env["helpdesk_lite.tag"].create([{"name": "Lamps"}, {"name": "Late"}])
        cls.waiting = cls.env["helpdesk_lite.stage"].create(
            {"name": "They look", "is_waiting": True, "team_ids": cls.team.ids, "sequence": 5}
        )
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id, tag_ids=cls.tags[1].ids)

    def make_reply(self, **values):
        return self.Reply.create({"name": "A reply", "user_id": False, "body": "<p>Hello</p>", **values})

    def post(self, user="hl_agent", ticket=None, **post_data):
        """*Send* of the web client: the answer, or the sentence with which the server refuses."""
        self.authenticate(user, user)
        data = {"body": "<p>Hello</p>", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", **post_data}
        data.setdefault("partner_ids", self.customer.ids)
        response = self.url_open(
            "/mail/message/post",
            json={"params": {"thread_model": TICKET, "thread_id": (ticket or self.ticket).id, "post_data": data}},
        ).json()
        self.env.invalidate_all()
        return response.get("result") or response["error"]["data"]["message"]

    def count(self):
        return len(self.ticket.message_ids)

    def test_everything_at_once(self):
        reply = self.make_reply(
            stage_action="solve",
            assign_action="me",
            priority="2",
            add_tag_ids=self.tags[0].ids,
            remove_tag_ids=self.tags[1].ids,
            note="<p>Told {{customer.name}} so</p>",
            activity_type_id=self.env.ref("mail.mail_activity_data_todo").id,
            activity_days=2,
            attachment_ids=[(0, 0, {"name": "Form.pdf", "raw": b"a form"})],
        )
        self.assertIn("message_id", self.post(staged_replies=[[reply.id, reply._get_parts()]]))
        ticket = self.ticket
        self.assertTrue(ticket.is_closed)
        self.assertEqual((ticket.user_id, ticket.priority, ticket.tag_ids), (self.agent, "2", self.tags[0]))
        self.assertEqual(ticket.activity_ids.user_id, self.agent)
        note = ticket.message_ids.filtered(lambda message: "Told" in message.body)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertIn(self.customer.name, note.body)
        self.assertNotIn(self.customer, note.notified_partner_ids)
        message = ticket.message_ids.filtered(lambda message: "Hello" in message.body)
        self.assertEqual(message.attachment_ids.name, "Form.pdf")
        self.assertNotEqual(message.attachment_ids, reply.attachment_ids, "the reply keeps its file")
        self.assertEqual(message.author_id, self.agent.partner_id)

    def test_parts_that_were_taken_off_do_not_happen(self):
        reply = self.make_reply(stage_action="solve", priority="2", note="<p>No</p>")
        self.post(staged_replies=[[reply.id, ["priority"]]])
        self.assertEqual((self.ticket.priority, self.ticket.is_closed), ("2", False))
        self.assertFalse(self.ticket.message_ids.filtered(lambda message: "No" in message.body))

    def test_another_team_with_its_own_stages(self):
        reply = self.make_reply(move_team_id=self.teams["company"].id, stage_action="solve")
        self.post(staged_replies=[[reply.id, ["team", "stage"]]])
        self.assertEqual(self.ticket.team_id, self.teams["company"])
        self.assertTrue(self.ticket.is_closed)

    def test_the_stages_of_the_team_in_which_the_ticket_will_be(self):
        """*Send and…* and each reply mean the last team, also where another reply moves the ticket."""
        there = self.teams["company"]
        # teams begin with the same stages
        stages = self.env["helpdesk_lite.stage"].create([{"name": "Open there"}, {"name": "Done there", "fold": True}])
        there.stage_ids = stages
        move, solve = self.make_reply(move_team_id=there.id), self.make_reply(stage_action="solve")
        before = self.count()
        answer = self.post(staged_replies=[[move.id, ["team"]]], then="wait")
        self.assertIn("“Team company” has no stage in which it waits", answer)
        self.assertEqual((self.count(), self.ticket.team_id), (before, self.team))
        self.assertIn("message_id", self.post(staged_replies=[[move.id, ["team"]], [solve.id, ["stage"]]]))
        self.assertEqual(self.ticket.team_id, there)
        self.assertEqual(self.ticket.stage_id, stages[1])

    def test_a_team_that_has_the_stage_which_the_present_one_lacks(self):
        there = self.teams["company"]
        waiting = self.env["helpdesk_lite.stage"].create(
            {"name": "They look there", "is_waiting": True, "team_ids": there.ids, "sequence": 5}
        )
        self.team.stage_ids.is_waiting = False
        move = self.make_reply(move_team_id=there.id)
        self.assertIn("message_id", self.post(staged_replies=[[move.id, ["team"]]], then="wait"))
        self.assertEqual((self.ticket.team_id, self.ticket.stage_id), (there, waiting))

    def test_a_reply_without_its_move_names_the_stage_that_is_missing(self):
        there = self.teams["company"]
        stage = self.env["helpdesk_lite.stage"].create({"name": "Only there", "team_ids": there.ids, "sequence": 6})
        reply = self.make_reply(move_team_id=there.id, stage_action="stage", stage_id=stage.id)
        before = self.count()
        answer = self.post(staged_replies=[[reply.id, ["stage"]]])
        self.assertIn("The stage “Only there” does not belong to the team “Team public”.", answer)
        self.assertEqual(self.count(), before)

    def test_a_reply_that_waits_where_no_stage_does(self):
        self.team.stage_ids.is_waiting = False
        reply, before = self.make_reply(stage_action="wait"), self.count()
        self.assertIn("has no stage in which it waits", self.post(staged_replies=[[reply.id, ["stage"]]]))
        self.assertEqual(self.count(), before)

    def test_by_the_method_of_the_team(self):
        self.team.member_ids = self.agent | self.manager
        self.team.assign_method = "equal_open"
        reply = self.make_reply(assign_action="team")
        self.post(staged_replies=[[reply.id, ["assign"]]])
        self.assertIn(self.ticket.user_id, self.agent | self.manager)

    def test_then(self):
        self.post(then="wait")
        self.assertEqual(self.ticket.stage_id, self.waiting)
        self.post(then="solve")
        self.assertTrue(self.ticket.is_closed)

    def test_what_the_author_may_not_do_posts_nothing(self):
        """An employee answers in a team that they see, and changes nothing there, by no door."""
        reply, before = self.make_reply(stage_action="solve", note="<p>x</p>"), self.count()
        self.assertIn("not allowed", self.post("hl_employee", staged_replies=[[reply.id, ["stage"]]]))
        self.assertIn("You cannot change this ticket.", self.post("hl_employee", then="solve"))
        with self.assertRaises(UserError):
            self.call(self.employee, TICKET, "message_post", [self.ticket.id], body="x", then="solve")
        self.assertEqual((self.count(), self.ticket.is_closed), (before, False))

    def test_replies_of_others_cannot_be_staged(self):
        hidden = self.make_reply(team_ids=self.teams["private"].ids, priority="3", note="<p>Wages</p>")
        theirs = self.make_reply(user_id=self.manager.id, priority="3", note="<p>Wages</p>")
        before = self.count()
        for reply in (hidden, theirs):
            answer = self.post(staged_replies=[[reply.id, ["priority", "note"]]])
            self.assertNotIn("message_id", answer)
            self.assertNotIn("Wages", str(answer))
        self.assertEqual((self.count(), self.ticket.priority), (before, "0"))

    def test_a_hidden_ticket(self):
        reply = self.make_reply(stage_action="solve")
        ticket = self.make_ticket("private", partner_id=self.customer.id)
        self.assertNotIn("message_id", self.post(ticket=ticket, staged_replies=[[reply.id, ["stage"]]]))
        self.assertFalse(ticket.is_closed)

    def test_customers_stage_nothing(self):
        """They are not told what is missing either: their message is posted as if they had sent no more."""
        self.ticket.message_subscribe(self.customer.ids)
        self.team.stage_ids.is_waiting = False
        reply = self.make_reply(stage_action="solve")
        deleted = self.make_reply()
        deleted_id = deleted.id
        deleted.unlink()
        staged = [[[reply_id, ["stage"]]] for reply_id in (reply.id, deleted_id)]
        for data in (*({"staged_replies": pairs} for pairs in staged), {"then": "solve"}, {"then": "wait"}, {"then": "x"}):
            with self.subTest(**data):
                self.assertIn("message_id", self.post("hl_customer", **data))
                self.assertFalse(self.ticket.is_closed)

    def test_an_archived_team_posts_nothing(self):
        reply = self.make_reply(move_team_id=self.teams["company"].id)
        self.teams["company"].active = False
        before = self.count()
        self.assertIn("is archived", self.post(staged_replies=[[reply.id, ["team"]]]))
        self.assertEqual(self.count(), before)

    def test_a_stage_that_needs_more_posts_nothing_and_asks(self):
        solved = self.ticket._get_stage_for("solve")
        solved.require_type = True
        before = self.count()
        answer = self.post(then="solve")
        self.assertIn("needs a type", str(answer))
        with self.assertRaises(MissingNeeds) as raised, self.cr.savepoint():
            self.call(self.agent, TICKET, "message_post", self.ticket.ids, body="x", then="solve")
        context = raised.exception.args[1]["context"]
        self.assertTrue(context["default_is_message_waiting"], "the dialog says that the message is still to be sent")
        self.assertEqual((self.count(), self.ticket.is_closed), (before, False))

    def test_a_team_without_a_waiting_stage(self):
        self.waiting.is_waiting = False
        self.team.stage_ids.is_waiting = False
        before = self.count()
        self.assertIn("has no stage in which it waits", self.post(then="wait"))
        self.assertEqual(self.count(), before)

    def test_malformed(self):
        reply, before = self.make_reply(priority="2"), self.count()
        deleted = self.make_reply()
        deleted_id = deleted.id
        deleted.unlink()
        for staged in (
            "x",
            {"a": 1},
            [reply.id],
            [[reply.id]],
            [[str(reply.id), []]],
            [[True, []]],
            [[2**31, []]],
            [[2**40, []]],
            [[-1, []]],
            [[reply.id, "priority"]],
            [[reply.id, ["priority", 5]]],
            [[reply.id, [{"x": 1}]]],
            [[deleted_id, []]],
            [[reply.id, []]] * 11,
        ):
            with self.subTest(staged=staged):
                self.assertNotIn("message_id", self.post(staged_replies=staged))
        for then in ("close", 5, ["solve"], {"x": 1}):
            with self.subTest(then=then):
                self.assertNotIn("message_id", self.post(then=then))
        self.assertEqual(self.count(), before)
        self.post(staged_replies=[[reply.id, ["priority", "unknown"]]])
        self.assertEqual(self.ticket.priority, "2", "what a reply does not have is not done")

    def test_the_chatter_knows_what_is_possible(self):
        def get(user):
            self.authenticate(user, user)
            params = {
                "fetch_params": [
                    [
                        "mail.thread",
                        {"thread_model": TICKET, "thread_id": self.ticket.id, "request_list": ["suggestedRecipients"]},
                    ]
                ]
            }
            data = self.url_open("/mail/data", json={"params": params}).json()["result"]["mail.thread"][0]
            return data["helpdesk_replies"], data["helpdesk_then"]

        self.assertEqual(get("hl_agent"), (True, ["solve", "wait"]))
        self.assertEqual(get("hl_employee"), (False, []))
        self.waiting.is_waiting = False
        self.assertEqual(get("hl_agent"), (True, ["solve"]))

    # ------------------------------------------------------------
    # FULL COMPOSER
    # ------------------------------------------------------------

    def compose(self, user, **values):
        composer = {
            "model": TICKET,
            "res_ids": str(self.ticket.ids),
            "composition_mode": "comment",
            "body": "<p>Hello</p>",
            "partner_ids": [(6, 0, self.customer.ids)],
            "subtype_id": self.env.ref("mail.mt_comment").id,
            **values,
        }
        return self.call(user, "mail.compose.message", "create", [composer])[0]

    def test_full_composer(self):
        reply = self.make_reply(priority="2", add_tag_ids=self.tags[0].ids)
        staged = [{"id": reply.id, "name": "x", "parts": [{"key": "priority", "label": "x"}]}]
        composer = self.compose(self.agent, helpdesk_staged=staged)
        self.call(self.agent, "mail.compose.message", "action_send_and_solve", [composer])
        self.assertEqual((self.ticket.priority, self.ticket.is_closed, self.tags[0] in self.ticket.tag_ids), ("2", True, False))

    def test_full_composer_of_an_employee(self):
        before = self.count()
        composer = self.compose(self.employee)
        with self.assertRaises(UserError):
            self.call(self.employee, "mail.compose.message", "action_send_and_solve", [composer])
        self.assertEqual((self.count(), self.ticket.is_closed), (before, False))

    def test_scheduled(self):
        reply = self.make_reply(priority="2")
        staged = [{"id": reply.id, "parts": [{"key": "priority", "label": "x"}]}]
        composer = self.compose(self.agent, helpdesk_staged=staged, scheduled_date="2031-01-01 00:00:00")
        self.call(self.agent, "mail.compose.message", "action_schedule_message", [composer])
        scheduled = self.env["mail.scheduled.message"].search([("res_id", "=", self.ticket.id), ("model", "=", TICKET)])
        self.assertEqual(self.ticket.priority, "0")
        self.call(self.agent, "mail.scheduled.message", "post_message", scheduled.ids)
        self.assertEqual(self.ticket.priority, "2")
        self.assertIn("Hello", str(self.ticket.message_ids.mapped("body")))

    def test_other_records_know_nothing_of_it(self):
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        composer = self.call(
            self.manager,
            "mail.compose.message",
            "create",
            [{"model": "res.partner", "res_ids": str(self.customer.ids), "body": "<p>Hi</p>", "helpdesk_then": "solve"}],
        )[0]
        self.call(self.manager, "mail.compose.message", "action_send_mail", [composer])
        self.assertIn("Hi", str(self.customer.message_ids.mapped("body")))
