from datetime import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import HelpdeskCase

FIELDS = {"name": {}, "has_new_message": {}, "waiting_since": {}}


@tagged("post_install", "-at_install")
class TestNews(HelpdeskCase):
    """What is new to whom, who waits for whom, and in which order they are served."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(cls.env, "hl_colleague", "helpdesk_lite.group_user", email="colleague@test.example")
        cls.lamp = cls.make_ticket(name="Lamp", partner_id=cls.customer.id)
        cls.chair = cls.make_ticket(name="Chair", partner_id=cls.customer.id)

    def write(self, ticket, author=None, **values):
        """Somebody writes on a ticket: its customer, unless another user is given."""
        author = author or self.customer_user
        with self.env.cr.savepoint():
            return (
                ticket.with_user(author)
                .sudo()
                .message_post(
                    body="A word",
                    author_id=author.partner_id.id,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    **values,
                )
            )

    def get_list(self, user, domain=(), **context):
        self.env.flush_all()
        self.env.invalidate_all()
        Ticket = self.env["helpdesk_lite.ticket"].with_user(user).with_context(**context)
        ours = [("id", "in", (self.lamp + self.chair).ids), *domain]
        return Ticket.web_search_read(ours, FIELDS, order="name")["records"]

    def get_news(self, user):
        shown = {record["name"] for record in self.get_list(user) if record["has_new_message"]}
        found = {record["name"] for record in self.get_list(user, [("has_new_message", "=", True)])}
        rest = {record["name"] for record in self.get_list(user, [("has_new_message", "=", False)])}
        self.assertEqual((found, rest), (shown, {"Lamp", "Chair"} - shown))
        return shown

    def look(self, user, ticket):
        """Open a ticket: the client reads it and says what it showed."""
        (record,) = self.call(user, ticket._name, "web_read", ticket.ids, {"last_customer_date": {}})
        return self.call(user, ticket._name, "mark_seen", ticket.ids, record["last_customer_date"])

    def test_a_message_is_new_until_somebody_looks_or_answers(self):
        self.assertEqual(self.get_news(self.agent), set())
        self.write(self.lamp)
        self.write(self.chair)
        self.assertEqual(self.get_news(self.agent), {"Lamp", "Chair"})
        before = self.lamp.write_date
        self.look(self.agent, self.lamp)
        self.assertEqual(self.get_news(self.agent), {"Chair"})
        self.assertEqual(self.get_news(self.colleague), {"Lamp", "Chair"}, "each looks for themselves")
        self.assertEqual(self.lamp.write_date, before, "looking writes no ticket")
        self.write(self.chair, self.colleague)
        self.assertEqual(self.get_news(self.agent), set(), "answered by a colleague")
        with freeze_time("2027-03-02 10:00:00"):
            self.write(self.lamp)
        self.assertEqual(self.get_news(self.agent), {"Lamp"})
        self.lamp.with_user(self.agent).action_close()
        self.assertEqual(self.get_news(self.colleague), set())

    def test_a_message_that_comes_while_the_form_opens_stays_new(self):
        with freeze_time("2027-03-02 10:00:00"):
            self.write(self.lamp)
        self.env.flush_all()
        with freeze_time("2027-03-02 10:00:01"):
            self.write(self.lamp)
        self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, "2027-03-02 10:00:00")
        self.assertEqual(self.get_news(self.agent), {"Lamp"})
        # a forged date says nothing about what comes later
        self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, "2099-01-01 00:00:00")
        self.assertEqual(self.get_news(self.agent), set())
        with freeze_time("2027-03-02 10:00:02"):
            self.write(self.lamp)
        self.assertEqual(self.get_news(self.agent), {"Lamp"})
        # what was seen is not forgotten
        self.look(self.agent, self.lamp)
        self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, "2020-01-01 00:00:00")
        self.assertEqual(self.get_news(self.agent), set())

    def test_who_is_told_no_news(self):
        self.write(self.lamp)
        self.assertEqual(self.get_news(self.employee), set())
        self.call(self.employee, self.lamp._name, "mark_seen", self.lamp.ids, "2027-03-02 10:00:00")
        self.assertFalse(self.env["helpdesk_lite.look"].search([("user_id", "=", self.employee.id)]))
        hidden = self.make_ticket("private")
        for method, arguments in (("mark_seen", ["2027-03-02 10:00:00"]), ("get_last_message", [])):
            for user, ticket in ((self.agent, hidden), (self.customer_user, self.chair)):
                ticket.message_unsubscribe(self.customer.ids)
                with self.subTest(method=method, user=user.login), self.assertRaises(AccessError):
                    self.call(user, ticket._name, method, ticket.ids, *arguments)
        for user in (self.employee, self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.call(user, "helpdesk_lite.look", "search_read", [])

    def test_a_look_at_a_ticket_whose_last_message_is_gone(self):
        """Who waits is a column of its own: the date of the message may be missing."""
        self.write(self.lamp)
        self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, "2031-01-01 00:00:00")
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET last_customer_date = NULL WHERE id = %s", [self.lamp.id])
        (values,) = self.call(self.agent, self.lamp._name, "read", self.lamp.ids, ["has_new_message"])
        self.assertTrue(values["has_new_message"])

    def test_malformed_dates(self):
        self.assertTrue(self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, False))
        for wrong in ("yesterday", 5):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.call(self.agent, self.lamp._name, "mark_seen", self.lamp.ids, wrong)

    def test_longest_waiting_first(self):
        with freeze_time("2027-03-02 10:00:00"):
            self.write(self.lamp)
        with freeze_time("2027-03-02 09:00:00"):
            self.write(self.chair)
        quiet = self.make_ticket(name="Quiet", priority="3")
        ours = [("id", "in", (self.lamp + self.chair + quiet).ids)]
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent).with_context(longest_waiting_first=1)
        found = Ticket.web_search_read(ours, {"name": {}})["records"]
        self.assertEqual([record["name"] for record in found], ["Chair", "Lamp", "Quiet"])
        found = Ticket.web_search_read(ours, {"name": {}}, order="name desc")["records"]
        self.assertEqual([record["name"] for record in found], ["Quiet", "Lamp", "Chair"], "a click on a column wins")
        self.assertEqual(Ticket.search(ours, order="id desc", limit=1), quiet, "and so does the order of a program")
        # in the columns of the kanban, also by priority
        for groupby, first in (("stage_id", ["Chair", "Lamp", "Quiet"]), ("priority", ["Chair", "Lamp"])):
            groups = Ticket.web_read_group(
                ours,
                [groupby],
                ["__count"],
                auto_unfold=True,
                unfold_read_specification={"name": {}},
                unfold_read_default_limit=80,
            )
            columns = [[record["name"] for record in group.get("__records", ())] for group in groups["groups"]]
            self.assertIn(first, columns)

    def test_the_last_line_of_the_conversation(self):
        self.assertEqual(self.call(self.agent, self.lamp._name, "get_last_message", self.lamp.ids), {})
        self.write(self.lamp)
        self.lamp.with_user(self.agent).message_post(
            body="A <secret> " + "long " * 100, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        last = self.lamp.with_user(self.agent).message_post(body="Not for customers", message_type="comment")
        told = self.call(self.employee, self.lamp._name, "get_last_message", self.lamp.ids)
        self.assertEqual(told["author"], self.agent.name)
        self.assertTrue(told["text"].startswith("A <secret> long long") and told["text"].endswith("…"))
        self.assertLessEqual(fields.Datetime.to_datetime(told["date"]), last.date)

    def test_who_waits_for_whom(self):
        """The filters of the search box, with what the client sends."""

        def find(name):
            arch = self.call(self.agent, "helpdesk_lite.ticket", "get_views", [(False, "search")])["views"]["search"]["arch"]
            domain = arch.partition(f'name="{name}"')[2].partition('domain="')[2].partition('"')[0]
            domain = domain.replace("&gt;", ">").replace("&lt;", "<")
            return {record["name"] for record in self.get_list(self.agent, safe_eval(domain))}

        self.assertEqual((find("customer_waits"), find("we_wait")), (set(), set()))
        self.write(self.lamp)
        self.assertEqual((find("customer_waits"), find("we_wait")), ({"Lamp"}, set()))
        self.write(self.lamp, self.agent)
        self.assertEqual((find("customer_waits"), find("we_wait")), (set(), {"Lamp"}))
        self.chair.stage_id = self.team.stage_ids.filtered("is_waiting")[:1] or self.chair.stage_id
        self.assertEqual("Chair" in find("we_wait"), self.chair.stage_id.is_waiting)
        self.write(self.chair)
        self.assertEqual((find("customer_waits"), find("we_wait")), ({"Chair"}, {"Lamp"}))
        (self.lamp + self.chair).with_user(self.agent).action_close()
        self.assertEqual((find("customer_waits"), find("we_wait"), find("new_message")), (set(), set(), set()))

    def test_the_dashboard_counts_what_its_links_open(self):
        self.write(self.lamp)
        self.write(self.chair)
        team = self.team.with_user(self.agent)
        before = team.waiting_ticket_count, team.open_ticket_count
        self.chair.snooze_until = datetime(2099, 1, 1)
        self.env.invalidate_all()
        self.assertEqual((team.waiting_ticket_count, team.open_ticket_count), (before[0] - 1, before[1] - 1))

    def test_looks_that_tell_nothing_any_more_are_forgotten(self):
        self.write(self.lamp)
        self.write(self.chair)
        self.look(self.agent, self.lamp)
        self.look(self.agent, self.chair)
        self.write(self.chair, self.agent)
        self.env.flush_all()
        self.env["helpdesk_lite.look"]._gc_looks()
        self.env.invalidate_all()
        self.assertEqual(self.env["helpdesk_lite.look"].search([("user_id", "=", self.agent.id)]).ticket_id, self.lamp)
