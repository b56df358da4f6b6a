from string import ascii_lowercase

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase

MARK, SECRET = "secret-", "zebra"
# the fields of their ticket that customers may read; new fields stay closed until both lists have them
PORTAL_FIELDS = {
    "id",
    "display_name",
    "number",
    "name",
    "description",
    "active",
    "access_url",
    "team_id",
    "stage_id",
    "is_closed",
    "create_date",
    "opened_on",
    "date_last_stage_update",
    "close_date",
    "message_is_follower",
    "company_id",
    "access_token",
}
# all of these paths lead to a note, or to an activity, that the customer cannot read
WAYS_TO_SECRET = (
    "message_ids.body",
    "message_ids.preview",
    "website_message_ids.body",
    "message_ids.child_ids.body",
    "activity_ids.summary",
    "activity_summary",
    "activity_ids.note",
    "activity_ids.display_name",
    "stage_id.team_ids.ticket_ids.message_ids.body",
    "team_id.ticket_ids.message_ids.body",
)


class Doors:
    """Sends requests as the web client does: by RPC, with the user's own rights."""

    def finds(self, user, model, domain):
        """Whether a search finds something. A refusal counts as not found."""
        try:
            return bool(self.call(user, model, "search_count", domain))
        except AccessError:
            return False

    def spell(self, user, model, id_, way):
        """Guess a word letter by letter from the answers to searches."""
        word = ""
        while longer := next(
            (
                word + letter
                for letter in ascii_lowercase
                if self.finds(user, model, [("id", "=", id_), (way, "=ilike", f"%{MARK}{word}{letter}%")])
                and len(word) < len(SECRET)
            ),
            None,
        ):
            word = longer
        return word


@tagged("post_install", "-at_install")
class TestDoors(Doors, HelpdeskCase):
    """Searches do not reveal data that the user cannot read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id, user_id=cls.agent.id)
        cls.ticket.message_subscribe(cls.customer.ids)
        cls.make_secrets(cls.ticket)
        cls.hidden = cls.make_ticket("private", user_id=cls.agent.id, partner_id=cls.customer.id)
        cls.make_secrets(cls.hidden)

    @classmethod
    def make_secrets(cls, ticket):
        ticket.with_user(cls.manager).with_context(mail_notify_noemail=True).message_post(
            body=MARK + SECRET,
            subject=MARK + SECRET,
            subtype_xmlid="mail.mt_note",
            partner_ids=cls.agent.partner_id.ids,
            message_type="comment",
        )
        ticket.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.manager.id, summary=MARK + SECRET, note=MARK + SECRET
        )

    # ------------------------------------------------------------
    # CUSTOMERS
    # ------------------------------------------------------------

    def test_customer_spells_no_internal_word(self):
        for way in WAYS_TO_SECRET:
            with self.subTest(way=way):
                self.assertEqual(self.spell(self.customer_user, "helpdesk_lite.ticket", self.ticket.id, way), "")

    def test_customer_asks_by_the_listed_fields_only(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        ask = [("id", "=", self.ticket.id)]
        for name, field in Ticket._fields.items():
            if name in PORTAL_FIELDS or (not field.store and not field.search):
                continue
            for domain in ([(name, "!=", False)], [(name, "=", False)], ["|", (name, "=", False), ("id", "!=", 0)]):
                with self.subTest(domain=domain), self.assertRaises(AccessError):
                    self.call(self.customer_user, Ticket._name, "search_count", ask + domain)

    def test_customer_sorts_groups_and_sums_by_the_listed_fields_only(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        for name, field in Ticket._fields.items():
            if name in PORTAL_FIELDS or not field.store or field.type in ("one2many", "many2many", "properties"):
                continue
            dated = f"{name}:month" if field.type in ("date", "datetime") else name
            for method, args, kwargs in (
                ("search", [[]], {"order": f"{name} desc"}),
                ("web_search_read", [[], {"name": {}}], {"order": name}),
                ("formatted_read_group", [[], [dated], ["__count"]], {}),
                ("formatted_read_group", [[], ["stage_id"], [f"{name}:count_distinct"]], {}),
                ("web_read_group", [[], [dated], ["__count"]], {}),
            ):
                with self.subTest(name=name, method=method), self.assertRaises(AccessError):
                    self.call(self.customer_user, Ticket._name, method, *args, **kwargs)
        for name in ("activity_state", "message_ids", "tag_ids", "team_id.privacy_visibility", "stage_id.fold"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.call(self.customer_user, Ticket._name, "formatted_read_group", [], [name], ["__count"])

    def test_customer_reads_the_listed_fields_only(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        listed = self.call(self.customer_user, Ticket._name, "fields_get")
        self.assertEqual(set(listed), PORTAL_FIELDS)
        self.assertTrue(all(field["readonly"] for field in listed.values()))
        read = self.call(self.customer_user, Ticket._name, "read", self.ticket.ids, sorted(PORTAL_FIELDS))[0]
        self.assertEqual(read["number"], self.ticket.number)
        self.customer_user.group_ids += self.env.ref("base.group_allow_export")
        for name in sorted(set(Ticket._fields) - PORTAL_FIELDS):
            for method, args in (
                ("read", [[name]]),
                ("web_read", [{name: {}}]),
                ("export_data", [[name]]),
                ("export_data", [[f"{name}/id"]]),
            ):
                with self.subTest(name=name, method=method), self.assertRaises(AccessError):
                    self.call(self.customer_user, Ticket._name, method, self.ticket.ids, *args)

    def test_customer_is_found_tickets_by_number_and_subject_only(self):
        self.ticket.partner_email = "zebra@test.example"
        for text, found in ((self.ticket.number, True), ("question", True), ("zebra", False)):
            with self.subTest(text=text):
                names = self.call(self.customer_user, "helpdesk_lite.ticket", "name_search", text)
                self.assertEqual(self.ticket.id in [id_ for id_, _name in names], found)
        self.assertIn(
            self.ticket.id, [id_ for id_, _name in self.call(self.customer_user, "helpdesk_lite.ticket", "name_search", "")]
        )

    def test_customer_writes_nothing(self):
        for name in PORTAL_FIELDS:
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.call(self.customer_user, "helpdesk_lite.ticket", "write", self.ticket.ids, {name: False})

    def test_customer_posts_all_the_same(self):
        self.ticket.message_subscribe(self.manager.partner_id.ids)
        self.ticket.action_close()
        for values in ({"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}, {}):
            self.call(self.customer_user, "helpdesk_lite.ticket", "message_post", self.ticket.ids, body="And now?", **values)
        answer = self.ticket.message_ids.filtered(lambda message: message.author_id == self.customer)
        self.assertEqual(len(answer), 2)
        self.assertIn(self.agent.partner_id, answer.notified_partner_ids)
        self.assertFalse(self.ticket.is_closed)

    def test_links_to_tickets_are_for_those_who_read_them(self):
        """An access link opens the ticket to everybody who has it, so only readers may get it."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["helpdesk_lite.team"].create({"name": "Elsewhere", "company_id": company.id})
        elsewhere = self.env["helpdesk_lite.ticket"].create({"name": "x", "team_id": team.id})
        stranger = new_test_user(self.env, "hl_link_stranger", "base.group_portal")
        for user, tickets in (
            (self.employee, elsewhere + self.hidden),
            (self.agent, elsewhere),
            (stranger, elsewhere + self.hidden + self.ticket + self.make_ticket("company")),
        ):
            for ticket in tickets:
                for model, method, args, context in (
                    (ticket._name, "get_portal_url", [ticket.ids], {}),
                    ("portal.share", "default_get", [["share_link"]], {"active_model": ticket._name, "active_id": ticket.id}),
                ):
                    with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                        self.call(user, model, method, *args, context=context)
        self.assertIn("access_token=", self.call(self.customer_user, self.ticket._name, "get_portal_url", self.ticket.ids))

    def test_customers_choose_no_address(self):
        with self.assertRaises(AccessError):
            self.call(
                self.customer_user,
                self.ticket._name,
                "message_post",
                self.ticket.ids,
                body="Buy",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                outgoing_email_to="victim@elsewhere.example",
            )

    # ------------------------------------------------------------
    # EMPLOYEES
    # ------------------------------------------------------------

    def test_nobody_tries_addresses_on_a_ticket_that_they_cannot_read(self):
        """A refusal of an address reveals whether the ticket contains it."""
        self.hidden.partner_email = "zoe@quill.example"
        refusals = set()
        for address in ("zoe@quill.example", "nobody@quill.example"):
            with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
                self.call(
                    self.employee,
                    self.hidden._name,
                    "message_post",
                    self.hidden.ids,
                    body="x",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    outgoing_email_to=address,
                )
            refusals.add(str(caught.exception))
        self.assertEqual(len(refusals), 1)

    def test_no_field_of_ours_lets_domains_pass_by_access(self):
        for model in ("helpdesk_lite.ticket", "helpdesk_lite.team"):
            for name in ("message_ids", "website_message_ids", "activity_ids"):
                if field := self.env[model]._fields.get(name):
                    with self.subTest(model=model, name=name):
                        self.assertFalse(field.bypass_search_access)

    def test_employee_spells_no_word_of_hidden_tickets(self):
        for model, id_, way in (
            ("helpdesk_lite.ticket", self.hidden.id, "message_ids.body"),
            ("helpdesk_lite.ticket", self.hidden.id, "activity_summary"),
            ("helpdesk_lite.team", self.hidden.team_id.id, "ticket_ids.message_ids.body"),
            ("helpdesk_lite.stage", self.hidden.stage_id.id, "team_ids.ticket_ids.message_ids.body"),
            ("helpdesk_lite.stage", self.hidden.stage_id.id, "team_ids.ticket_ids.activity_ids.summary"),
        ):
            if way.startswith("team_ids"):
                # the tickets of the public team are readable, with their words
                self.ticket.message_ids.sudo().unlink()
                self.ticket.activity_ids.unlink()
            with self.subTest(model=model, way=way):
                self.assertEqual(self.spell(self.employee, model, id_, way), "")
        self.assertEqual(
            self.spell(self.agent, "helpdesk_lite.ticket", self.hidden.id, "message_ids.body"),
            SECRET,
            "an assignee finds their tickets by what was said",
        )
        self.assertEqual(self.spell(self.agent, "helpdesk_lite.ticket", self.hidden.id, "activity_summary"), SECRET)

    # ------------------------------------------------------------
    # ROWS OF ODOO THAT POINT AT TICKETS
    # ------------------------------------------------------------

    def test_notifications_are_for_readers_of_the_message(self):
        other = new_test_user(self.env, "hl_other", "base.group_user", email="other@test.example")
        # nobody is notified who cannot read the ticket, at that moment
        self.hidden.message_subscribe(other.partner_id.ids)
        notice = (
            self.hidden.with_user(self.manager)
            .with_context(mail_notify_noemail=True)
            .message_notify(body="notice", subject=MARK + SECRET, partner_ids=other.partner_id.ids)
        )
        self.hidden.message_unsubscribe(other.partner_id.ids)
        note = self.hidden.message_ids.filtered("notification_ids")
        seen = self.ticket.message_ids.filtered("notification_ids")
        for user, message, expected in (
            (self.employee, note, False),
            (self.employee, notice, False),
            (self.employee, seen, True),
            (self.agent, note, True),
            (self.agent, notice, False),
            (other, notice, True),
            (other, note, False),
            (self.manager, note, True),
            (self.manager, notice, True),
            (self.customer_user, note, False),
            (self.customer_user, seen, False),
            (self.customer_user, notice, False),
        ):
            notification = message.notification_ids
            self.assertTrue(notification)
            with self.subTest(user=user.login, message=message.subject):
                rows = self.call(
                    user,
                    "mail.notification",
                    "search_read",
                    [("id", "in", notification.ids)],
                    ["mail_message_id", "res_partner_id"],
                )
                self.assertEqual(bool(rows), expected)
                found = self.finds(user, "mail.notification", [("mail_message_id", "=", message.id)])
                self.assertEqual(found, expected)
                for method, args in (("read", [["res_partner_id"]]), ("web_read", [{"mail_message_id": {}}])):
                    if expected:
                        self.call(user, "mail.notification", method, notification.ids, *args)
                    else:
                        with self.assertRaises(AccessError):
                            self.call(user, "mail.notification", method, notification.ids, *args)

    def test_followers_and_aliases_are_for_those_who_see_the_team(self):
        team = self.teams["private"]
        follower = self.hidden.message_follower_ids[:1]
        self.assertTrue(follower)
        for user, expected in ((self.employee, False), (self.manager, True)):
            for model, record in (("mail.alias", team.alias_id), ("mail.followers", follower)):
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(self.finds(user, model, [("id", "=", record.id)]), expected)
                    if expected:
                        self.call(user, model, "read", record.ids, ["display_name"])
                    else:
                        with self.assertRaises(AccessError):
                            self.call(user, model, "read", record.ids, ["display_name"])
        self.assertTrue(self.finds(self.employee, "mail.alias", [("id", "=", self.team.alias_id.id)]))

    def test_unsaved_activities_reveal_no_names(self):
        note = self.hidden.message_ids.filtered("notification_ids")
        for user, expected in ((self.employee, False), (self.manager, True)):
            with self.subTest(user=user.login):
                values = self.call(
                    user,
                    "mail.activity",
                    "onchange",
                    [],
                    {"res_model_id": self.env["ir.model"]._get_id("helpdesk_lite.ticket"), "res_id": self.hidden.id},
                    ["res_id"],
                    {"res_name": {}, "res_id": {}},
                )["value"]
                self.assertEqual(bool(values.get("res_name")), expected)
                message_id = self.call(user, "mail.message", "create", {"body": "x", "parent_id": note.id})
                other_id = self.call(user, "mail.message", "create", {"body": "x"})
                self.call(user, "mail.message", "write", [other_id], {"parent_id": note.id})
                for row in self.call(user, "mail.message", "read", [message_id, other_id], ["parent_id"]):
                    self.assertEqual(bool(row["parent_id"]), expected)

    def test_customer_is_told_no_notification_that_a_message_answers(self):
        told = self.ticket.message_notify(subject=MARK + SECRET, body="x", partner_ids=self.agent.partner_id.ids)
        said = self.ticket.message_post(body="Hello", subtype_xmlid="mail.mt_comment")
        post = self.ticket.with_user(self.customer_user).message_post
        answers = [post(body="x", subtype_xmlid="mail.mt_comment", parent_id=parent).id for parent in (told.id, said.id)]

        def ask(*args):
            return self.call(self.customer_user, "mail.message", *args)

        for answer in answers:
            ask("write", [answer], {"parent_id": told.id})
        self.assertFalse(any(row["parent_id"] for row in ask("read", answers, ["parent_id"])))
        ask("write", answers, {"parent_id": said.id})
        self.assertEqual([row["parent_id"][0] for row in ask("read", answers, ["parent_id"])], [said.id] * 2)

    # ------------------------------------------------------------
    # VALUES THAT MAKE NO SENSE
    # ------------------------------------------------------------

    def test_true_among_ids_means_any(self):
        for user in (self.employee, self.agent, self.manager):
            for model, names in (
                (
                    "helpdesk_lite.ticket",
                    (
                        "id",
                        "team_id",
                        "stage_id",
                        "user_id",
                        "partner_id",
                        "company_id",
                        "tag_ids",
                        "create_uid",
                        "message_partner_ids",
                        "message_follower_ids",
                        "message_ids",
                        "activity_ids",
                        "team_id.id",
                        "stage_id.team_ids",
                    ),
                ),
                ("helpdesk_lite.team", ("id", "member_ids", "stage_ids", "company_id", "ticket_ids", "message_partner_ids")),
                ("helpdesk_lite.stage", ("id", "team_ids", "template_id")),
                ("helpdesk_lite.tag", ("id", "create_uid")),
                ("helpdesk_lite.tag.member", ("id", "tag_id", "team_id", "user_ids")),
            ):
                for name in names:
                    for operator in ("=", "!=", "in", "not in"):
                        for value in (True, False, [True], [False], [True, False], [True, 7], []):
                            with self.subTest(user=user.login, model=model, condition=(name, operator, value)):
                                self.call(user, model, "search_count", [(name, operator, value)])
            ask = [("id", "=", self.ticket.id)]
            for condition, found in (
                (("team_id", "in", [True]), True),
                (("team_id", "not in", [True]), False),
                (("id", "in", [True]), True),
                (("partner_id", "=", True), True),
                (("tag_ids", "in", [True]), False),
                (("tag_ids", "not in", [True]), True),
                (("tag_ids", "in", [True, False]), True),
                (("stage_id", "not in", [True, False]), False),
            ):
                with self.subTest(condition=condition):
                    self.assertEqual(self.finds(user, "helpdesk_lite.ticket", [*ask, condition]), found)
