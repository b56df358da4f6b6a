from datetime import timedelta
from itertools import product

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .rating_case import RatingCase

WORD = "Zebra was never answered"


@tagged("post_install", "-at_install")
class TestRatingAccess(RatingCase):
    """Ratings are read by those who read the ticket, and written by nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams["private"].use_rating = True
        cls.teams["company"].use_rating = True
        cls.tickets = {mode: cls.make_closed(mode) for mode in cls.teams}
        # at the real time, whatever the closing
        cls.ratings = {}
        for mode, ticket in cls.tickets.items():
            cls.Request._find_by_ticket(ticket)._answer(1, f"{WORD} {mode}", False, own=True)
            cls.ratings[mode] = ticket.rating_ids
        cls.env.flush_all()

    def find(self, user, domain):
        return self.call(user, "rating.rating", "search", domain)

    def assert_refused(self, user, method, *args, model="rating.rating", error=AccessError):
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"), self.assertRaises(error):
            self.call(user, model, method, *args)

    def test_who_reads_which(self):
        by_word = [("feedback", "ilike", WORD)]
        everything = {rating.id for rating in self.ratings.values()}
        self.assertEqual(set(self.find(self.manager, by_word)), everything)
        for user in (self.agent, self.employee):
            hidden = set() if user == self.agent else {self.ratings["private"].id}
            with self.subTest(user=user.login):
                # the agent is the assignee of each
                self.assertEqual(set(self.find(user, by_word)), everything - hidden)
        self.assert_refused(self.customer_user, "search", by_word)

    def test_what_is_hidden_cannot_be_asked_for_in_any_way(self):
        hidden = self.ratings["private"]
        domain = [("id", "=", hidden.id)]
        employee = self.employee
        employee.group_ids += self.env.ref("base.group_allow_export")
        self.assertEqual(self.find(employee, domain), [])
        self.assertEqual(self.call(employee, "rating.rating", "search_count", domain), 0)
        self.assertEqual(self.call(employee, "rating.rating", "name_search", "", domain), [])
        self.assertEqual(
            self.call(employee, "rating.rating", "formatted_read_group", domain, ["rating_text"], ["__count", "rating:avg"]), []
        )
        self.assert_refused(employee, "read", hidden.ids, ["feedback"])
        self.assert_refused(employee, "export_data", hidden.ids, ["feedback", "rating"])
        by_ticket = [("rating_ids.feedback", "ilike", WORD)]
        found = self.call(employee, "helpdesk_lite.ticket", "search", by_ticket)
        self.assertNotIn(self.tickets["private"].id, found)
        self.assertIn(self.tickets["public"].id, found)

    def test_a_rating_that_is_not_flushed_yet_is_hidden_too(self):
        model = self.env["ir.model"]._get_id("helpdesk_lite.ticket")
        made = {
            mode: self.Rating.create({"res_model_id": model, "res_id": self.tickets[mode].id}) for mode in ("private", "public")
        }
        # in the same transaction, so that the database does not know yet what the ratings are about
        ids = [rating.id for rating in made.values()]
        found = self.Rating.with_user(self.employee).search([("id", "in", ids)])
        self.assertEqual(found.ids, made["public"].ids)

    def test_nobody_writes_makes_or_deletes_one(self):
        rating = self.ratings["public"]
        model = self.env["ir.model"]._get_id("helpdesk_lite.ticket")
        forged = {"res_model_id": model, "res_id": self.tickets["public"].id, "rating": 5, "consumed": True}
        # of nothing, as Odoo looks the parent of anything else up
        nothing = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": 0}
        team_model = self.env["ir.model"]._get_id("helpdesk_lite.team")
        of_team = {**nothing, "parent_res_model_id": team_model, "parent_res_id": self.team.id}
        for user in (self.manager, self.agent, self.employee, self.customer_user):
            with self.subTest(user=user.login):
                self.assert_refused(user, "write", rating.ids, {"rating": 5})
                for values in (forged, of_team):
                    self.assert_refused(user, "create", [values])
                    self.assert_refused(user, "web_save", [], values, {"id": {}})
                self.assert_refused(user, "unlink", rating.ids)
                self.assert_refused(user, "reset", rating.ids)
        # who administers the database deletes other ratings
        self.assert_refused(self.env.ref("base.user_admin"), "unlink", rating.ids)
        self.assertEqual(rating.exists().rating, 1)

    def test_no_rating_of_something_else_becomes_one_of_a_ticket(self):
        other = self.Rating.create({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.customer.id})
        model = self.env["ir.model"]._get_id("helpdesk_lite.ticket")
        self.assert_refused(self.employee, "write", other.ids, {"res_model_id": model, "res_id": self.tickets["public"].id})
        parent = {"parent_res_model_id": self.env["ir.model"]._get_id("helpdesk_lite.team"), "parent_res_id": self.team.id}
        self.assert_refused(self.employee, "write", other.ids, parent)

    def test_no_link_tells_the_title_of_a_hidden_ticket(self):
        hidden, ticket = self.ratings["private"], self.tickets["private"]
        message = ticket.message_post(body="Hello", subject=WORD)
        other = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.customer.id}
        own = self.Rating.create(other)
        note = self.env["mail.message"].with_user(self.employee).create({"body": "Hello"})
        spec = {name: {} for name in ("display_name", "res_name", "parent_res_name", "message_id")}
        ticket_model = {"res_model_id": self.env["ir.model"]._get_id(ticket._name)}
        link = {"rating_id": {"fields": {"display_name": {}}}}
        told = self.call(self.employee, "mail.message", "web_save", note.ids, {"rating_id": hidden.id}, link)
        self.assertNotIn(hidden.res_name, str(told))
        self.assert_refused(self.employee, "create", [{**other, "message_id": message.id}])
        self.assert_refused(self.employee, "write", own.ids, {"message_id": message.id})
        for ids, values in (
            ([], {**other, "message_id": message.id}),
            ([], {**ticket_model, "res_id": ticket.id}),
            ([], {"res_model": ticket._name, "res_id": ticket.id}),
            (own.ids, {"parent_res_model": self.team._name, "parent_res_id": self.teams["private"].id}),
        ):
            self.assert_refused(self.employee, "onchange", ids, values, list(values), spec)

    def test_no_rating_tells_the_title_of_what_is_hidden(self):
        """Odoo stores the title as superuser: of reports and messages of a ticket as of the ticket itself."""
        ticket = self.tickets["private"]
        message = ticket.message_post(body="Hello", subject=WORD)
        file = self.env["ir.attachment"].create({"name": WORD, "res_model": ticket._name, "res_id": ticket.id})
        self.env.flush_all()
        hidden = [("helpdesk_lite.ticket.report", ticket.id), (message._name, message.id), (file._name, file.id)]
        own = self.Rating.create({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.customer.id})
        spec = {"res_name": {}, "parent_res_name": {}}
        stranger = new_test_user(self.env, "hl_stranger", "helpdesk_lite.group_user")
        for user, (name, record_id) in product((self.employee, stranger), hidden):
            values = {"res_model_id": self.env["ir.model"]._get_id(name), "res_id": record_id}
            parent = {f"parent_{key}": value for key, value in values.items()}
            with self.subTest(user=user.login, name=name):
                self.assert_refused(user, "create", [values])
                self.assert_refused(user, "write", own.ids, values)
                self.assert_refused(user, "write", own.ids, parent)
                for form in (values, parent):
                    self.assert_refused(user, "onchange", [], form, list(form), spec)
        # of what one reads, a rating can be made as ever
        contact = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.customer.id}
        self.assertTrue(self.call(self.employee, "rating.rating", "create", [contact]))
        self.assertTrue(self.call(self.employee, "rating.rating", "onchange", [], contact, list(contact), {"res_name": {}}))

    def test_ratings_of_other_models_are_left_as_they_are(self):
        other = self.Rating.create({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.customer.id})
        self.call(self.employee, "rating.rating", "write", other.ids, {"rating": 3})
        self.assertEqual(other.rating, 3)

    def test_who_posts_a_message_gives_no_rating(self):
        ticket = self.tickets["public"]
        for user, record in ((self.employee, ticket), (self.manager, self.team)):
            before = self.Rating.search_count([])
            self.call(user, record._name, "message_post", record.ids, body="Hello", rating_value=5)
            self.assertEqual(self.Rating.search_count([]), before)
        self.assert_refused(self.employee, "rating_apply", ticket.ids, 5, model="helpdesk_lite.ticket")

    def test_deleting_the_note_leaves_the_rating(self):
        ticket, rating = self.tickets["public"], self.ratings["public"]
        self.find_request(ticket).message_id.unlink()
        self.assertTrue(rating.exists())

    def test_nobody_reads_what_was_asked(self):
        for user in (self.manager, self.agent, self.employee, self.customer_user):
            self.assert_refused(user, "search", [], model="helpdesk_lite.rating.request")

    def test_only_administrators_publish_and_only_what_was_agreed_to(self):
        rating = self.ratings["public"]
        self.assert_refused(self.manager, "action_publish_comment", rating.ids, error=UserError)
        rating.comment_agreed = True
        for user in (self.agent, self.employee, self.customer_user):
            self.assert_refused(user, "action_publish_comment", rating.ids)
        # the customer could put another text in its place at the same moment
        self.assert_refused(self.manager, "action_publish_comment", rating.ids, error=UserError)
        self.find_request(self.tickets["public"]).answered_on -= timedelta(days=2)
        self.call(self.manager, "rating.rating", "action_publish_comment", rating.ids)
        self.assertTrue(rating.comment_published)
        for user in (self.agent, self.employee, self.customer_user):
            self.assert_refused(user, "action_unpublish_comment", rating.ids)
