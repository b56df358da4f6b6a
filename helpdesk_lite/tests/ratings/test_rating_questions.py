from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .rating_case import CLOSED, LINK, RatingCase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@tagged("post_install", "-at_install")
class TestRatingQuestions(RatingCase):
    """Who is asked how satisfied they are, when, and how often; and who is not."""

    def test_the_customer_is_asked_a_day_later_and_once(self):
        ticket = self.make_closed()
        self.assertFalse(self.run_action(CLOSED + 24 * HOUR - timedelta(seconds=1)))
        mail = self.run_action(CLOSED + 24 * HOUR)
        self.assertEqual(mail.mapped("email_to"), [f'"{self.customer.name}" <{self.customer.email}>'])
        self.assertIn(ticket.number, mail.subject)
        for days in (2, 6, 40):
            self.assertFalse(self.run_action(CLOSED + days * DAY), f"asked again after {days} days")

    def test_who_has_no_contact_is_asked_at_the_address_of_the_ticket(self):
        self.make_closed(partner_id=False, partner_name="Zoe", partner_email="Zoe@Quill.example")
        mail = self.run_action(CLOSED + DAY)
        # nobody wrote to a contact, so the answer of the agent went to the bare address
        self.assertEqual(mail.mapped("email_to"), ["zoe@quill.example"])

    def test_followers_and_copies_are_not_asked(self):
        colleague = self.env["res.partner"].create({"name": "Colleague", "email": "colleague@test.example"})
        ticket = self.make_closed(email_cc="copy@test.example")
        ticket.message_subscribe(colleague.ids)
        mail = self.run_action(CLOSED + DAY)
        self.assertEqual(len(mail), 1)
        self.assertNotIn("colleague@test.example", mail.email_to)
        self.assertFalse(mail.recipient_ids | mail.partner_ids)
        self.assertFalse(mail.email_cc)

    def test_silent_reopened_and_archived_tickets_are_not_asked_about(self):
        silent = self.make_closed(answered=False)
        reopened = self.make_closed(partner_id=False, partner_email="reopened@test.example")
        archived = self.make_closed(partner_id=False, partner_email="archived@test.example")
        with freeze_time(CLOSED + HOUR):
            reopened.with_user(self.agent).stage_id = self.new
            archived.active = False
        self.assertFalse(self.run_action(CLOSED + DAY))
        self.assertFalse(self.find_request(silent | reopened | archived))
        with freeze_time(CLOSED + 2 * DAY):
            reopened.with_user(self.agent).stage_id = self.solved
            self.env.flush_all()
        self.assertFalse(self.run_action(CLOSED + 2 * DAY + HOUR), "the day counts from the last closing")
        self.assertEqual(self.run_action(CLOSED + 3 * DAY).mapped("email_to"), ["reopened@test.example"])

    def test_tickets_of_before_the_switch_and_of_other_teams_are_not_asked_about(self):
        self.make_closed(on=CLOSED - 2 * DAY)
        self.make_closed("company", partner_id=False, partner_email="other@test.example")
        self.assertFalse(self.run_action(CLOSED + DAY))

    def test_turning_the_switch_off_and_on_begins_anew(self):
        self.make_closed()
        with freeze_time(CLOSED + HOUR):
            self.team.use_rating = False
            self.team.use_rating = True
        self.assertFalse(self.run_action(CLOSED + DAY))

    def test_after_an_outage_of_a_week_nobody_is_asked_about_the_time_before(self):
        self.make_closed()
        self.assertFalse(self.run_action(CLOSED + 8 * DAY + HOUR))

    def test_nobody_is_asked_twice_within_the_pause(self):
        first = self.make_closed()
        self.assertTrue(self.run_action(CLOSED + DAY))
        second = self.make_closed(on=CLOSED + 2 * DAY)
        self.assertFalse(self.run_action(CLOSED + 3 * DAY))
        self.assertEqual(self.find_request(first).state, "asked")
        self.assertEqual((self.find_request(second).state, self.find_request(second).reason), ("skipped", "pause"))
        third = self.make_closed(on=CLOSED + 15 * DAY)
        self.assertTrue(self.run_action(CLOSED + 16 * DAY))
        self.assertEqual(self.find_request(third).state, "asked")

    def test_of_two_tickets_of_one_address_in_one_run_one_is_asked_about(self):
        for _number in range(2):
            self.make_closed(partner_id=False, partner_email="zoe@quill.example")
        self.assertEqual(len(self.run_action(CLOSED + DAY)), 1)

    def test_without_an_address_nobody_is_asked(self):
        ticket = self.make_closed(partner_id=self.env["res.partner"].create({"name": "No Address"}).id)
        self.assertFalse(self.run_action(CLOSED + DAY))
        self.assertEqual(self.find_request(ticket).reason, "address")

    def test_the_link_is_in_no_message_of_the_ticket_and_its_token_is_not_stored(self):
        ticket = self.make_closed()
        token = self.ask(ticket)
        self.assertGreaterEqual(len(token), 22, "128 bits")
        for message in self.env["mail.message"].search([("model", "=", ticket._name), ("res_id", "=", ticket.id)]):
            self.assertNotIn("/helpdesk/rate/", message.body or "")
        request = self.find_request(ticket)
        self.assertNotIn(token, str(request.read()))
        self.assertEqual(self.Request._find_by_token(token), self.Request, "it has ended in the real time of this test")
        with freeze_time(CLOSED + 2 * DAY):
            self.assertEqual(self.Request._find_by_token(token), request)
            self.assertFalse(self.Request._find_by_token(request.token_hash))

    def test_each_recipient_has_a_token_of_their_own(self):
        for name in ("zoe", "quinn"):
            self.make_closed(partner_id=False, partner_email=f"{name}@quill.example")
        mails = self.run_action(CLOSED + DAY)
        self.assertEqual(len({LINK.search(mail.body_html)[1] for mail in mails}), 2)

    def test_an_answer_by_mail_comes_back_to_the_ticket(self):
        ticket = self.make_closed()
        mail = self.run_action(CLOSED + DAY)
        self.assertIn(f"hl-public@{self.team.alias_domain_id.name}", mail.reply_to)
        self.assertIn("auto-generated", mail.headers)
        answer = self.env["mail.message"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id), ("body", "ilike", "Turn it on")]
        )
        self.assertEqual(mail.references, answer.message_id)

    def test_a_failing_template_is_told_to_administrators_and_stops_no_other_team(self):
        # before there is a ticket with which Odoo would try it
        bad = self.team.rating_template_id.copy({"subject": "{{ object.no_such_field }}"})
        ticket = self.make_closed()
        other = self.teams["company"]
        with freeze_time(CLOSED - DAY):
            other.use_rating = True
        self.make_closed("company", partner_id=False, partner_email="other@test.example")
        self.team.rating_template_id = bad
        with mute_logger(
            "odoo.addons.helpdesk_lite.models.ratings.ticket_question", "odoo.addons.mail.models.mail_render_mixin"
        ):
            mail = self.run_action(CLOSED + DAY)
        self.assertEqual(mail.mapped("email_to"), ["other@test.example"])
        self.assertFalse(self.find_request(ticket), "asked when the template is corrected")
        self.assertIn(self.manager, ticket.activity_ids.user_id)
        self.team.rating_template_id = self.env.ref("helpdesk_lite.mail_template_rating")
        self.assertEqual(len(self.run_action(CLOSED + 2 * DAY)), 1)

    def test_the_settings_refuse_nonsense(self):
        for values in (
            {"rating_delay_hours": 169},
            {"rating_delay_hours": -1},
            {"rating_pause_days": 366},
            {"rating_pause_days": -1},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.team.with_user(self.manager).write(values)

    def test_the_switch_chooses_the_template(self):
        team = self.env["helpdesk_lite.team"].create({"name": "Quiet"})
        self.assertFalse(team.rating_template_id)
        with Form(team.with_user(self.manager)) as form:
            form.use_rating = True
        self.assertEqual(team.rating_template_id, self.env.ref("helpdesk_lite.mail_template_rating"))
        self.assertTrue(team.rating_since)
