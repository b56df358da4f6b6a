import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestPresence(HelpdeskCase, HttpCase):
    """Agents learn who else has a ticket open, as long as they can read it; nobody else learns anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)
        cls.other = new_test_user(cls.env, "hl_other", "helpdesk_lite.group_user", name="Otto Other")

    def sign(self, user, writing=False, tab="one", ticket=None):
        return self.call(user, TICKET, "give_sign", (ticket or self.ticket).ids, writing, tab)

    def see(self, user, tickets=None):
        return self.call(user, TICKET, "get_presences", (tickets or self.ticket).ids)

    def grow_old(self, seconds, user=None):
        """Let all signs, or those of a user, be older than they are."""
        self.env.cr.execute(
            """ UPDATE helpdesk_lite_presence SET seen_at = seen_at - %(seconds)s * interval '1 second',
                       wrote_at = wrote_at - %(seconds)s * interval '1 second'
                 WHERE user_id = %(user)s OR %(user)s IS NULL""",
            {"seconds": seconds, "user": user and user.id},
        )

    def bus(self, function):
        """The notifications that a call would store, as pairs of their channel's name and payload."""
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        function()
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        return [(json.loads(row.channel)[-1], json.loads(row.message)["payload"]) for row in rows]

    # ------------------------------------------------------------
    # WHO IS HERE
    # ------------------------------------------------------------

    def test_two_agents_see_each_other(self):
        self.assertEqual(self.sign(self.agent)["people"], [])
        here = self.sign(self.other, writing=True)["people"]
        self.assertEqual([(one["id"], one["writing"]) for one in here], [(self.agent.id, False)])
        self.assertEqual(self.sign(self.agent)["people"], [{"id": self.other.id, "name": "Otto Other", "writing": True}])
        self.assertEqual(
            self.see(self.agent), {str(self.ticket.id): [{"id": self.other.id, "name": "Otto Other", "writing": True}]}
        )

    def test_the_newest_message_of_the_thread(self):
        self.assertEqual(self.sign(self.agent)["newest"], max(self.ticket.message_ids.ids, default=0))
        message = self.ticket.message_post(body="Hello", message_type="comment")
        self.assertEqual(self.sign(self.agent)["newest"], message.id)

    def test_a_closed_laptop_is_gone_after_a_minute(self):
        """The others give a sign every 15 seconds, and are told then who is there: 40 + 15 < 60."""
        self.sign(self.other)
        self.grow_old(35)
        self.assertTrue(self.see(self.agent), "one sign may be lost")
        self.grow_old(6)
        self.assertEqual((self.see(self.agent), self.sign(self.agent)["people"]), ({}, []))

    def test_who_stops_writing(self):
        self.sign(self.other, writing=True, tab="one")
        self.sign(self.other, writing=False, tab="two")
        self.assertTrue(self.sign(self.agent)["people"][0]["writing"], "another tab is read in")
        self.grow_old(10)
        self.sign(self.other, writing=False, tab="two")
        self.assertTrue(self.sign(self.agent)["people"][0]["writing"], "as long as it is")
        self.sign(self.other, writing=False, tab="one")
        self.assertFalse(self.sign(self.agent)["people"][0]["writing"])
        self.sign(self.other, writing=True, tab="one")
        self.grow_old(41)
        self.sign(self.other, writing=False, tab="two")
        self.assertFalse(self.sign(self.agent)["people"][0]["writing"], "the tab was lost")

    def test_closing_the_last_tab(self):
        self.sign(self.other, tab="one")
        self.grow_old(10)
        self.sign(self.other, tab="two")
        self.call(self.other, TICKET, "leave", self.ticket.ids, "one")
        self.assertTrue(self.see(self.agent), "the other tab has it open")
        self.call(self.other, TICKET, "leave", self.ticket.ids, "two")
        self.assertFalse(self.see(self.agent))

    # ------------------------------------------------------------
    # WHAT IS SENT
    # ------------------------------------------------------------

    def test_nothing_is_sent_but_changes(self):
        told = [("helpdesk_lite_presence", {"ticket_id": self.ticket.id})]
        self.assertEqual(self.bus(lambda: self.sign(self.other)), told, "comes")
        self.assertEqual(self.bus(lambda: self.sign(self.other)), [])
        self.grow_old(15)
        self.assertEqual(self.bus(lambda: self.sign(self.other)), [])
        self.assertEqual(self.bus(lambda: self.sign(self.other, writing=True)), told, "begins to write")
        self.assertEqual(self.bus(lambda: self.sign(self.other, writing=True)), [])
        self.assertEqual(self.bus(lambda: self.sign(self.other)), told, "stops")
        self.assertEqual(self.bus(lambda: self.call(self.other, TICKET, "leave", self.ticket.ids, "one")), told, "goes")
        self.assertEqual(self.bus(lambda: self.call(self.other, TICKET, "leave", self.ticket.ids, "one")), [])

    def test_two_hundred_tabs_write_one_row(self):
        self.sign(self.other)
        self.env.cr.execute("SELECT xmin, ctid::text FROM helpdesk_lite_presence WHERE user_id = %s", [self.other.id])
        before = self.env.cr.fetchall()
        self.assertEqual(self.bus(lambda: [self.sign(self.other, tab=f"tab{i}") for i in range(200)]), [])
        self.env.cr.execute("SELECT xmin, ctid::text FROM helpdesk_lite_presence WHERE user_id = %s", [self.other.id])
        self.assertEqual(self.env.cr.fetchall(), before, "written once")

    def test_a_sign_takes_two_statements(self):
        self.sign(self.agent)
        as_agent = self.ticket.with_user(self.agent)
        as_agent.give_sign(False, "one")
        self.env.invalidate_all()
        # what every request reads of its user
        as_agent.env.user.has_group("helpdesk_lite.group_user"), as_agent.env.user.company_ids.ids
        with self.assertQueryCount(2):
            as_agent.give_sign(False, "one")

    def test_a_message_is_told_to_those_who_have_the_ticket_open(self):
        def post():
            self.call(self.agent, TICKET, "message_post", self.ticket.ids, body="Hello", message_type="comment")

        def told():
            return [payload for channel, payload in self.bus(post) if channel == "helpdesk_lite_messages"]

        self.assertEqual(told(), [], "nobody is there")
        self.sign(self.agent)
        self.assertEqual(told(), [], "its author has it")
        self.sign(self.other)
        payloads = told()
        self.env.invalidate_all()
        self.assertEqual(payloads, [{"ticket_id": self.ticket.id, "message_id": max(self.ticket.message_ids.ids)}])

    # ------------------------------------------------------------
    # WHO IS NOT TOLD
    # ------------------------------------------------------------

    def test_customers_and_strangers(self):
        hidden = self.make_ticket("private")
        self.ticket.message_subscribe(self.customer.ids)
        self.sign(self.agent)
        for method, arguments in (("give_sign", [False, "one"]), ("leave", ["one"]), ("get_presences", [])):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.customer_user, TICKET, method, self.ticket.ids, *arguments)
        self.sign(self.manager, ticket=hidden)
        self.assertIs(self.sign(self.agent, ticket=hidden), False)
        self.assertEqual(self.see(self.agent, hidden), {})
        self.assertEqual(set(self.see(self.manager, hidden | self.ticket)), {str(self.ticket.id)})

    def test_employees_who_are_not_agents_are_seen_and_see_nobody(self):
        """They may answer as agents do, and may be the customer."""
        self.sign(self.agent, writing=True)
        self.assertEqual(self.sign(self.employee)["people"], [])
        self.assertEqual(self.see(self.employee), {})
        self.assertEqual([one["id"] for one in self.sign(self.agent)["people"]], [self.employee.id])

    def test_losing_sight_while_looking(self):
        ticket = self.make_ticket("company")
        self.sign(self.agent, ticket=ticket)
        self.sign(self.manager, ticket=ticket)
        self.teams["company"].privacy_visibility = "private"
        self.assertIs(self.sign(self.agent, ticket=ticket), False)
        self.assertEqual(self.see(self.manager, ticket), {}, "they are not there any more")

    def test_nobody_reads_the_rows(self):
        self.sign(self.agent)
        for model in ("helpdesk_lite.presence", "helpdesk_lite.draft", "helpdesk_lite.held.reply"):
            for user in (self.customer_user, self.employee, self.agent, self.manager):
                with self.subTest(model=model, user=user.login), self.assertRaises(AccessError):
                    self.call(user, model, "search_read", [])

    def test_malformed_tabs(self):
        for wrong in ("", "x" * 41, "a\0b", 5, None, ["one"]):
            with self.subTest(wrong=wrong):
                with self.assertRaises(UserError):
                    self.sign(self.agent, tab=wrong)
                with self.assertRaises(UserError):
                    self.call(self.agent, TICKET, "leave", self.ticket.ids, wrong)

    # ------------------------------------------------------------
    # WHO MAY LISTEN
    # ------------------------------------------------------------

    def listen(self, user, *names):
        """What a user hears of tickets when their client asks for channels, by the route for servers without websockets."""
        self.authenticate(user and user.login, user and user.login)
        answer = self.url_open(
            "/websocket/peek_notifications", json={"params": {"channels": list(names), "last": 0, "is_first_poll": True}}
        ).json()
        # what is no name of a ticket stays a name, under which nothing is ever sent
        return {tuple(channel[2:]) for channel in answer["result"]["channels"] if channel[1] == TICKET and len(channel) > 2}

    def test_who_may_listen(self):
        private, company = self.make_ticket("private"), self.make_ticket("company")
        self.ticket.message_subscribe(self.customer.ids)
        names = [f"helpdesk_lite.ticket_{ticket.id}" for ticket in (self.ticket, private, company)]

        def heard(*tickets, subchannels=("helpdesk_lite_messages", "helpdesk_lite_presence")):
            return {(ticket.id, subchannel) for ticket in tickets for subchannel in subchannels}

        self.assertEqual(self.listen(self.agent, *names), heard(self.ticket, company))
        self.assertEqual(self.listen(self.manager, *names), heard(self.ticket, private, company))
        messages = heard(self.ticket, company, subchannels=["helpdesk_lite_messages"])
        self.assertEqual(self.listen(self.employee, *names), messages)
        self.assertEqual(self.listen(self.customer_user, *names), set(), "customers never see who reads")
        self.assertEqual(self.listen(None, *names), set())

    def test_malformed_channels(self):
        wrong = [
            "_0",
            "_-1",
            "_99999999999999999999",
            "_9999999999",
            "_1 OR 1=1",
            "",
            "_",
            "_١",
            f"_{self.ticket.id}\n",
            "_1_2",
        ]
        names = [f"helpdesk_lite.ticket{name}" for name in wrong]
        self.assertEqual(self.listen(self.agent, *names), set())
        own = f"helpdesk_lite.ticket_{self.ticket.id}"
        self.assertEqual(len(self.listen(self.agent, *names, *[own] * 3)), 2, "the others do no harm")
        # more than a page of a list is not listened to, and breaks nothing
        self.assertEqual(len(self.listen(self.agent, own, *(f"helpdesk_lite.ticket_{number}" for number in range(1, 1200)))), 2)
