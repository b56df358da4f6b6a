from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_doors import Doors
from .test_links import NAMES, LinksCase


@tagged("post_install", "-at_install")
class TestSingleGuards(Doors, LinksCase):
    """Requests that a single line refuses: each test has failed without its line, see ``tests/mutations.diff``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id, partner_email="zoe@quill.example")
        cls.note = (
            cls.hidden_ticket.with_user(cls.manager)
            .with_context(mail_notify_noemail=True)
            .message_post(
                body="Zebra note",
                subject="Zebra note",
                subtype_xmlid="mail.mt_note",
                message_type="comment",
                partner_ids=cls.env.ref("base.user_admin").partner_id.ids,
            )
        )
        cls.hidden_ticket.message_subscribe(cls.manager.partner_id.ids)

    def assert_closed(self, user, model, method, *args, **kwargs):
        """The request is refused with an access error."""
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(user, model, method, *args, **kwargs)

    # ------------------------------------------------------------
    # SEARCHES
    # ------------------------------------------------------------

    def test_whom_a_search_names_is_not_who_looks(self):
        followers = self.manager.partner_id.ids
        self.assertTrue(self.finds(self.manager, self.Ticket._name, [("message_partner_ids", "in", followers)]))
        self.assertFalse(
            self.finds(
                self.employee,
                self.Ticket._name,
                [("message_partner_ids", "in", followers), ("team_id", "=", self.hidden_ticket.team_id.id)],
            )
        )

    def test_a_ticket_of_one_team_shows_no_stage_of_another(self):
        other = self.env["helpdesk_lite.team"].create({"name": "Other", "privacy_visibility": "private"})
        self.make_ticket(team_id=other.id).message_subscribe(self.employee.partner_id.ids)
        self.assertFalse(self.finds(self.employee, "helpdesk_lite.stage", [("id", "=", self.hidden_stage.id)]))
        self.assert_closed(self.employee, "helpdesk_lite.stage", "read", [self.hidden_stage.id], ["name"])

    def test_customers_sort_and_group_by_no_field_of_another_record(self):
        self.ticket.message_subscribe(self.customer.ids)
        names = [name for name, field in self.Ticket._fields.items() if field.related and not field.store]
        self.assertIn("activity_summary", names)
        for name in names:
            with self.subTest(name=name):
                self.assert_closed(self.customer_user, self.Ticket._name, "search", [], order=name)
                self.assert_closed(self.customer_user, self.Ticket._name, "formatted_read_group", [], [name], ["__count"])

    def test_who_gets_which_tickets_is_told_in_teams_that_one_sees(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "Lamps"})
        lines = self.env["helpdesk_lite.tag.member"].create(
            [{"team_id": team.id, "tag_id": tag.id, "user_ids": self.agent.ids} for team in (self.team, self.teams["private"])]
        )
        seen = self.call(self.employee, lines._name, "search", [("id", "in", lines.ids)])
        self.assertEqual(seen, lines[0].ids)
        self.assert_closed(self.employee, lines._name, "read", lines[1].ids, ["user_ids"])

    def test_members_of_a_hidden_team_are_not_named(self):
        self.teams["private"].member_ids = self.agent
        self.assert_closed(self.employee, "helpdesk_lite.team", "get_workload_members", self.teams["private"].ids)

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    def test_a_default_of_ones_own_is_a_link_as_well(self):
        """Every user may set defaults of their own; the request that creates the record does not name it then."""
        self.call(self.agent, "ir.default", "set", self.Ticket._name, "partner_id", self.hidden_partner.id, user_id=True)
        self.assert_refused(self.agent, self.Ticket._name, "create", {"name": "x", "team_id": self.team.id})
        spec = {"partner_id": NAMES, "partner_name": {}, "partner_email": {}}
        self.assert_refused(self.agent, self.Ticket._name, "onchange", [], {}, [], spec)

    def test_what_only_the_server_writes(self):
        for user, context in ((self.agent, {}), (self.agent, {"import_file": True}), (self.manager, {})):
            for values in ({"access_token": "mine"}, {"number": "T1"}, {"close_date": "2020-01-01 00:00:00"}):
                with self.subTest(user=user.login, values=values, context=context):
                    self.assert_closed(user, self.Ticket._name, "write", self.ticket.ids, values, context=context)
        imported = {"import_file": True}
        self.assert_closed(self.manager, self.Ticket._name, "write", self.ticket.ids, {"access_token": "x"}, context=imported)
        self.call(self.manager, self.Ticket._name, "write", self.ticket.ids, {"number": "OLD-1"}, context=imported)
        self.assertEqual(self.ticket.number, "OLD-1")

    def test_an_alias_makes_tickets_of_its_own_team(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.call(
                self.manager,
                "helpdesk_lite.team",
                "write",
                [self.team.id],
                {"alias_defaults": repr({"team_id": self.teams["private"].id})},
            )

    # ------------------------------------------------------------
    # ROWS OF ODOO THAT POINT AT TICKETS
    # ------------------------------------------------------------

    def test_tables_that_an_addon_opens_to_customers_tell_nothing_of_ours(self):
        """In standard Odoo customers can read their own notifications, and no followers at all."""
        portal = self.env.ref("base.group_portal")
        for model in ("mail.followers", "mail.notification"):
            model_id = self.env["ir.model"]._get_id(model)
            self.env["ir.model.access"].create({"name": model, "model_id": model_id, "group_id": portal.id, "perm_read": True})
            self.env["ir.rule"].create(
                {"name": model, "model_id": model_id, "groups": portal.ids, "domain_force": "[(1, '=', 1)]"}
            )
        self.ticket.message_subscribe((self.customer | self.manager.partner_id).ids)
        self.team.message_subscribe(self.manager.partner_id.ids)
        quiet = {"mail_notify_noemail": True}
        said = {
            subtype: record.with_user(self.manager)
            .with_context(**quiet)
            .message_post(body="x", subtype_xmlid=subtype, message_type="comment", partner_ids=self.agent.partner_id.ids)
            for record, subtype in (
                (self.ticket, "mail.mt_note"),
                (self.ticket, "mail.mt_comment"),
                (self.team, "helpdesk_lite.mt_team_ticket_new"),
            )
        }
        for subtype, seen in (("mail.mt_note", False), ("mail.mt_comment", True), ("helpdesk_lite.mt_team_ticket_new", False)):
            rows = said[subtype].notification_ids
            self.assertTrue(rows)
            with self.subTest(subtype=subtype):
                self.assertEqual(self.finds(self.customer_user, rows._name, [("id", "in", rows.ids)]), seen)
        for record, seen in ((self.ticket, True), (self.team, False)):
            rows = record.message_follower_ids
            with self.subTest(model=record._name):
                self.assertEqual(self.finds(self.customer_user, rows._name, [("id", "in", rows.ids)]), seen)

    def test_an_activity_goes_to_no_hidden_ticket(self):
        own = self.make_ticket(user_id=self.agent.id)
        activity = self.call(
            self.agent,
            "mail.activity",
            "create",
            {
                "res_model_id": self.env["ir.model"]._get_id(own._name),
                "res_id": own.id,
                "summary": "x",
                "user_id": self.agent.id,
            },
        )
        self.assert_closed(self.agent, "mail.activity", "write", [activity], {"res_id": self.hidden_ticket.id})
        self.assertFalse(self.hidden_ticket.activity_ids)

    def test_a_composer_answers_no_hidden_message(self):
        values = {"model": self.ticket._name, "res_ids": str(self.ticket.ids), "composition_mode": "comment"}
        self.assert_refused(self.agent, "mail.compose.message", "create", {**values, "parent_id": self.note.id})
        composer = self.call(self.agent, "mail.compose.message", "create", values)
        self.assert_refused(self.agent, "mail.compose.message", "write", [composer], {"parent_id": self.note.id})

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def test_following_is_no_right_to_post(self):
        """In standard Odoo it is. Customers can follow tickets that they cannot see, to get the mails."""
        for mode in ("company", "private"):
            ticket = self.make_ticket(mode)
            ticket.message_subscribe(self.customer.ids)
            before = ticket.message_ids
            for values in ({}, {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}):
                self.assert_closed(self.customer_user, ticket._name, "message_post", ticket.ids, body="Hello?", **values)
            self.assertEqual(ticket.message_ids, before)

    def test_nobody_writes_to_an_address_of_their_choice(self):
        post = {"body": "Buy", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        for user in (self.employee, self.agent, self.manager):
            for address in ("victim@elsewhere.example", "zoe@quill.example, victim@elsewhere.example"):
                with self.subTest(user=user.login, address=address), self.assertRaises(UserError), self.env.cr.savepoint():
                    self.call(user, self.ticket._name, "message_post", self.ticket.ids, outgoing_email_to=address, **post)

    def test_nobody_says_of_themselves_that_they_answer_our_mail(self):
        """Only the mail gateway finds that out, by a reference in the mail; the customer then gets the answer."""
        ticket = self.make_ticket(partner_email="quiet@quill.example")
        message_id = self.call(
            self.employee,
            ticket._name,
            "message_post",
            ticket.ids,
            body="Buy",
            message_type="email",
            subtype_id=self.env.ref("mail.mt_comment").id,
            author_id=self.manager.partner_id.id,
            answers_our_mail=True,
        )
        message = self.env["mail.message"].browse(message_id)
        self.assertFalse(message.outgoing_email_to)

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def test_nobody_from_outside_goes_with_a_ticket_to_a_team_that_is_not_public(self):
        """They would get its mails, and see the ticket again if the team became public."""
        for mode in ("company", "private"):
            ticket = self.make_ticket(partner_id=self.customer.id)
            outsider = new_test_user(self.env, f"hl_outsider_{mode}", "base.group_portal").partner_id
            ticket.message_subscribe((self.customer | outsider | self.employee.partner_id).ids)
            self.call(self.manager, ticket._name, "write", ticket.ids, {"team_id": self.teams[mode].id})
            self.assertFalse(ticket.message_partner_ids & (self.customer | outsider))
            self.assertIn(self.employee.partner_id, ticket.message_partner_ids)

    # ------------------------------------------------------------
    # RIGHTS THAT ENDED
    # ------------------------------------------------------------

    def test_who_can_see_this_is_told_to_those_who_still_do(self):
        ticket = self.make_ticket("company")
        wizard = self.call(self.agent, "helpdesk_lite.access", "create", {"ticket_id": ticket.id})
        self.call(self.agent, "helpdesk_lite.access", "read", [wizard], ["line_ids"])
        self.teams["company"].privacy_visibility = "private"
        self.assert_closed(
            self.agent, "helpdesk_lite.access", "web_read", [wizard], {"line_ids": {"fields": {"name": {}}}, "answer": {}}
        )

    def test_customers_make_no_ticket_by_rpc(self):
        self.assert_closed(self.customer_user, self.Ticket._name, "create", {"name": "x", "team_id": self.team.id})
        self.assert_closed(self.customer_user, self.Ticket._name, "create", {"name": "x"})


@tagged("post_install", "-at_install")
class TestSingleGuardsByRequest(LinksCase, HttpCase):
    """The same for HTTP routes."""

    def make_contacts(self, login, ticket, emails):
        """Send the request that the composer sends before it opens.

        :return: the contacts with these addresses, afterwards
        """
        self.authenticate(login, login)
        self.make_jsonrpc_request(
            "/mail/partner/from_email", {"thread_model": ticket._name, "thread_id": ticket.id, "emails": emails}
        )
        return self.env["res.partner"].search([("email_normalized", "in", emails)])

    def test_no_address_opens_a_file_of_a_team_that_is_not_public(self):
        """In standard Odoo every reader of a file can create a URL that opens it for anybody."""
        for mode, status in (("public", 200), ("company", 404)):
            ticket = self.make_ticket(mode)
            file = self.env["ir.attachment"].create(
                {"name": "x.txt", "raw": b"x", "res_model": ticket._name, "res_id": ticket.id}
            )
            token = self.call(self.manager, file._name, "generate_access_token", file.ids)[0]
            self.env.flush_all()
            self.authenticate(None, None)
            with self.subTest(mode=mode):
                self.assertEqual(self.url_open(f"/web/content/{file.id}?access_token={token}").status_code, status)

    def test_no_mail_of_a_team_that_is_not_public_leaves_a_link_behind(self):
        """It would open the ticket once the team becomes public."""
        ticket = self.make_ticket("company", partner_id=self.customer.id)
        self.call(
            self.agent,
            ticket._name,
            "message_post",
            ticket.ids,
            body="On its way",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        self.assertFalse(ticket.access_token)

    def test_who_makes_contacts(self):
        """Only agents create contacts, only of a ticket's own addresses, and only if they can change the ticket."""
        ticket = self.make_ticket(partner_email="zoe@quill.example")
        far_away = self.make_ticket("private", partner_email="far@quill.example")
        outsider = new_test_user(self.env, "hl_plain", "base.group_user", email="plain@test.example")
        for login, record, emails in (
            (outsider.login, ticket, ["zoe@quill.example"]),
            ("hl_agent", ticket, ["victim@elsewhere.example"]),
            ("hl_agent", far_away, ["far@quill.example"]),
        ):
            with self.subTest(login=login, emails=emails):
                self.assertFalse(self.make_contacts(login, record, emails))
        self.assertEqual(self.make_contacts("hl_agent", ticket, ["zoe@quill.example"]).email, "zoe@quill.example")
