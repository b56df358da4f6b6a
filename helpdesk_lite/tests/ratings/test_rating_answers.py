from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .rating_case import CLOSED, RatingCase


@tagged("post_install", "-at_install")
class TestRatingAnswers(RatingCase):
    """What an answer changes, who follows up, and what of it is published."""

    def make_rated(self, *rates, **values):
        """Tickets of different customers, each rated."""
        tickets = [
            self.make_closed(partner_id=False, partner_email=f"customer{number}@quill.example", **values)
            for number, _rate in enumerate(rates)
        ]
        for ticket, rate in zip(tickets, rates, strict=True):
            self.rate(ticket, rate)
        return tickets

    def get_published(self, on=CLOSED + timedelta(days=3)):
        with freeze_time(on):
            return self.team._get_published_ratings()

    def test_an_answer_is_a_rating_and_a_note_and_reopens_nothing(self):
        ticket = self.make_closed()
        before = ticket.message_ids
        rating = self.rate(ticket, 3, "It took <b>long</b>.")
        self.assertEqual((rating.rating, rating.feedback, rating.consumed), (3, "It took <b>long</b>.", True))
        self.assertEqual((rating.partner_id, rating.rated_partner_id), (self.customer, self.agent.partner_id))
        self.assertEqual((rating.parent_res_model, rating.parent_res_id), (self.team._name, self.team.id))
        self.assertFalse(rating.access_token)
        note = ticket.message_ids - before
        self.assertEqual(len(note), 1)
        self.assertTrue(note.is_internal)
        self.assertIn("It took &lt;b&gt;long&lt;/b&gt;.", note.body)
        self.assertFalse(note.notified_partner_ids)
        self.assertTrue(ticket.is_closed)
        self.assertEqual(ticket.with_user(self.agent).customer_rating, "ok")

    def test_only_the_same_person_changes_an_answer_and_only_for_a_day(self):
        ticket = self.make_closed()
        self.rate(ticket, 5, "Good")
        request = self.find_request(ticket)
        with freeze_time(CLOSED + timedelta(days=2, hours=1)):
            self.assertFalse(request._answer(1, "Somebody else", False, own=False))
            self.assertTrue(request._answer(3, "On second thoughts", False, own=True))
        with freeze_time(CLOSED + timedelta(days=3, seconds=1)):
            self.assertFalse(request._answer(1, "Too late", False, own=True))
        self.assertEqual((request.rating_id.rating, request.rating_id.feedback), (3, "On second thoughts"))
        notes = ticket.message_ids.filtered(lambda message: "second thoughts" in message.body or "Good" in message.body)
        self.assertEqual(len(notes), 1, "the note says what they say now")

    def test_a_changed_comment_is_published_no_more(self):
        ticket = self.make_closed()
        rating = self.rate(ticket, 5, "Good", agreed=True)
        self.call(self.manager, "rating.rating", "action_publish_comment", rating.ids)
        self.assertTrue(rating.comment_published)
        self.rate(ticket, 5, "Something else", agreed=True)
        self.assertFalse(rating.comment_published)

    def test_agents_do_not_rate_themselves(self):
        """Who makes themselves the customer for a moment would have the best rating, and the customer none."""
        ticket = self.make_closed()
        ticket.partner_id = self.agent.partner_id
        self.assertFalse(ticket._can_rate_from_portal(self.agent))
        ticket.user_id = self.manager
        self.assertFalse(ticket._can_rate_from_portal(self.agent), "who has answered is no customer of their own")
        # an employee who is helped by others rates as anybody
        ticket.partner_id = self.employee.partner_id
        self.assertTrue(ticket._can_rate_from_portal(self.employee))

    def test_the_agent_of_a_ticket_is_not_asked_about_it(self):
        ticket = self.make_closed()
        ticket.partner_id = self.agent.partner_id
        self.assertFalse(self.run_action(CLOSED + timedelta(hours=24)))
        self.assertEqual((self.find_request(ticket).state, self.find_request(ticket).reason), ("skipped", "agent"))

    def test_the_link_of_a_former_customer_has_ended(self):
        """Also without contacts, and when the present customer has opened the portal."""
        ticket = self.make_closed(partner_id=False, partner_email="wrong@quill.example")
        token = self.ask(ticket)
        with freeze_time(CLOSED + timedelta(days=2)):
            self.assertTrue(self.Request._find_by_token(token))
            ticket.partner_email = "zoe@quill.example"
            self.assertFalse(self.Request._find_by_token(token))
            ticket.partner_email = "Wrong@Quill.example"
            self.assertTrue(self.Request._find_by_token(token))
            ticket.partner_id = self.customer
            self.assertFalse(self.Request._find_by_token(token))
            request = self.Request._find_by_ticket(ticket)
            self.assertEqual((request.partner_id, request.token_hash), (self.customer, False))
            self.assertFalse(self.Request._find_by_token(token), "not in the name of the present customer either")

    def test_an_unhappy_customer_is_followed_up_once(self):
        ticket = self.make_closed()
        self.rate(ticket, 1)
        self.rate(ticket, 1, "Still")
        activity = ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(activity.activity_type_id, self.env.ref("helpdesk_lite.activity_type_low_rating"))

    def test_others_are_not_followed_up(self):
        for rate in (3, 5):
            ticket = self.make_closed()
            self.rate(ticket, rate)
            self.assertFalse(ticket.activity_ids)

    def test_who_follows_up_gains_no_sight(self):
        with freeze_time(CLOSED - timedelta(days=1)):
            self.teams["private"].write({"use_rating": True, "rating_low_user_id": self.employee.id})
        ticket = self.make_closed("private")
        self.rate(ticket, 1)
        self.assertEqual(ticket.activity_ids.user_id, self.agent)
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))
        public = self.make_closed()
        self.team.rating_low_user_id = self.employee
        self.rate(public, 1)
        self.assertEqual(public.activity_ids.user_id, self.employee)
        self.assertNotIn(self.employee.partner_id, public.message_partner_ids)

    def test_a_ticket_that_left_the_team_is_not_rated(self):
        ticket = self.make_closed()
        token = self.ask(ticket)
        with freeze_time(CLOSED + timedelta(days=2)):
            self.assertTrue(self.Request._find_by_token(token))
            ticket.team_id = self.teams["private"]
            self.assertFalse(self.Request._find_by_token(token))
            ticket.team_id = self.team
            ticket.active = False
            self.assertFalse(self.Request._find_by_token(token))

    def test_a_link_ends_when_the_ticket_becomes_somebody_elses(self):
        ticket = self.make_closed()
        token = self.ask(ticket)
        with freeze_time(CLOSED + timedelta(days=2)):
            ticket.partner_id = self.env["res.partner"].create({"name": "Somebody Else"})
            self.assertFalse(self.Request._find_by_token(token))

    def test_a_link_ends_after_sixty_days(self):
        ticket = self.make_closed()
        token = self.ask(ticket)
        asked = CLOSED + timedelta(days=1)
        with freeze_time(asked + timedelta(days=59, hours=23)):
            self.assertTrue(self.Request._find_by_token(token))
        with freeze_time(asked + timedelta(days=60)):
            self.assertFalse(self.Request._find_by_token(token))

    def test_shares_are_published_from_five_answers_on(self):
        self.make_rated(5, 5, 5, 1)
        self.assertEqual(self.get_published()["shares"], {})
        self.make_rated(3)
        self.assertEqual(self.get_published(), {"count": 5, "shares": {5: 60, 3: 20, 1: 20}, "comments": []})

    def test_old_answers_and_those_of_tickets_that_left_are_not_published(self):
        tickets = self.make_rated(5, 5, 5, 5, 5)
        self.assertEqual(self.get_published()["count"], 5)
        self.assertEqual(self.get_published(CLOSED + timedelta(days=33))["count"], 0)
        tickets[0].team_id = self.teams["private"]
        self.env.flush_all()
        self.assertEqual(self.get_published()["shares"], {})

    def test_a_comment_is_published_when_customer_and_manager_agree(self):
        self.make_rated(5, 5, 5, 5)
        agreed = self.rate(self.make_closed(), 5, "You may print this.", agreed=True)
        self.assertEqual(self.get_published()["comments"], [])
        self.call(self.manager, "rating.rating", "action_publish_comment", agreed.ids)
        self.assertEqual(self.get_published()["comments"], [{"rate": 5, "text": "You may print this."}])
        self.call(self.manager, "rating.rating", "action_unpublish_comment", agreed.ids)
        self.assertEqual(self.get_published()["comments"], [])
