from unittest.mock import patch

from odoo.addons.helpdesk_lite.tests.access.test_doors import Doors
from odoo.addons.helpdesk_lite.tests.access.test_links import LinksCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConvertCase

LEAD = "crm.lead"
CONVERT = "helpdesk_lite_crm.convert"


@tagged("post_install", "-at_install")
class TestSalesGuards(Doors, LinksCase, ConvertCase):
    """Requests that a single line refuses: each test has failed without its line, see ``tests/mutations.diff``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.private = cls.make_ticket("private", name="Zebra", partner_email="zoe@quill.example")

    def assert_closed(self, user, model, method, *args, **kwargs):
        """The request is refused with an access error."""
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(user, model, method, *args, **kwargs)

    # ------------------------------------------------------------
    # BACK AND FORTH
    # ------------------------------------------------------------

    def test_who_may_not_change_the_lead_takes_nothing_back(self):
        lead = self.env[LEAD].create({"name": "Help", "type": "lead", "user_id": self.salesperson.id})
        wizard = self.call(
            self.salesperson, "helpdesk_lite_crm.convert_lead", "create", {"lead_id": lead.id, "team_id": self.team.id}
        )
        self.call(self.salesperson, "helpdesk_lite_crm.convert_lead", "action_convert", [wizard])
        ticket = lead.converted_ticket_id
        self.assertTrue(ticket)
        for user in (self.employee, self.agent, self.other_salesperson):
            with self.subTest(user=user.login):
                self.assert_closed(user, LEAD, "action_undo_convert_to_ticket", lead.ids)
        self.assertEqual(lead.converted_ticket_id, ticket)

    def test_a_lead_opens_no_hidden_ticket(self):
        lead = self.convert(self.private, user_id=self.salesperson.id)
        with self.assertRaises(UserError) as caught:
            self.call(self.salesperson, LEAD, "action_open_helpdesk_tickets", lead.ids)
        self.assertNotIn("Zebra", str(caught.exception))
        action = self.call(self.both, LEAD, "action_open_helpdesk_tickets", lead.ids)
        self.assertEqual(action["res_id"], self.private.id)

    def test_a_ticket_opens_no_hidden_lead(self):
        ticket = self.make_ticket()
        self.convert(ticket, user_id=self.salesperson.id)
        with self.assertRaises(UserError):
            self.call(self.agent, ticket._name, "action_open_leads", ticket.ids)

    def test_nobody_links_by_hand_what_they_may_change(self):
        """The link records what a conversion made; undoing relies on it."""
        ticket = self.make_ticket()
        lead = self.env[LEAD].create({"name": "Mine", "user_id": self.both.id})
        for name in ("ticket_id", "converted_ticket_id"):
            with self.subTest(name=name):
                self.assert_closed(self.both, LEAD, "write", lead.ids, {name: ticket.id})
                self.assert_closed(self.both, LEAD, "create", {"name": "x", name: ticket.id})
        self.assert_closed(self.both, ticket._name, "write", ticket.ids, {"converted_lead_id": lead.id})

    # ------------------------------------------------------------
    # CONVERTING
    # ------------------------------------------------------------

    def make_choice(self, user, ticket, **values):
        return self.call(user, CONVERT, "create", {"ticket_ids": ticket.ids, "partner_action": "none", **values})

    def test_who_lost_sight_of_what_they_chose_converts_nothing(self):
        wizard = self.make_choice(self.agent, self.private)
        self.teams["private"].message_unsubscribe(self.agent.partner_id.ids)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.call(self.agent, CONVERT, "action_convert", [wizard])
        self.assertFalse(self.private.converted_lead_id)

    def test_who_may_only_read_a_ticket_converts_it_not(self):
        """A record rule of the administrator lets agents read more tickets than they can change."""
        ticket = self.make_ticket()
        wizard = self.make_choice(self.agent, ticket)
        self.env["ir.rule"].create(
            {
                "name": "Changes",
                "model_id": self.env["ir.model"]._get_id(self.Ticket._name),
                "domain_force": [("user_id", "!=", False)],
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.call(self.agent, CONVERT, "action_convert", [wizard])
        self.assertFalse(ticket.converted_lead_id)

    def test_an_opportunity_that_was_given_to_others_takes_no_ticket(self):
        self.both.group_ids = self.env.ref("helpdesk_lite.group_user") + self.env.ref("sales_team.group_sale_salesman")
        lead = self.env[LEAD].create({"name": "Zebra", "type": "opportunity", "user_id": self.both.id})
        ticket = self.make_ticket()
        wizard = self.make_choice(self.both, ticket, lead_id=lead.id)
        lead.user_id = self.salesperson
        self.assert_refused(self.both, CONVERT, "action_convert", [wizard])
        self.assertFalse(ticket.converted_lead_id)

    def test_a_customer_whom_one_does_not_see_is_not_proposed(self):
        """A computed customer is checked like one that the user chooses."""
        ticket = self.make_ticket(partner_id=self.env["res.partner"].create({"name": "Zebra"}).id)
        ticket.partner_id.company_id = self.far_away
        values = {"ticket_ids": ticket.ids, "partner_action": "link"}
        self.assert_refused(self.agent, CONVERT, "create", values)
        wizard = self.call(self.agent, CONVERT, "create", {**values, "partner_action": "none"})
        self.assert_refused(self.agent, CONVERT, "write", [wizard], {"partner_action": "link"})

    def test_an_opportunity_of_another_company_takes_no_ticket(self):
        self.both.company_ids += self.far_away
        lead = self.env[LEAD].create(
            {"name": "There", "type": "opportunity", "user_id": self.both.id, "company_id": self.far_away.id, "team_id": False}
        )
        ticket = self.make_ticket()
        companies = {"allowed_company_ids": self.both.company_ids.ids}
        wizard = self.call(
            self.both,
            CONVERT,
            "create",
            {"ticket_ids": ticket.ids, "partner_action": "none", "lead_id": lead.id},
            context=companies,
        )
        with self.assertRaisesRegex(UserError, "another company"), self.env.cr.savepoint():
            self.call(self.both, CONVERT, "action_convert", [wizard], context=companies)
        self.assertFalse(ticket.converted_lead_id)

    def test_copies_of_public_files_are_not_public(self):
        """The copy is for the lead's readers, even if the original is open to everybody."""
        ticket = self.make_ticket()
        file = self.env["ir.attachment"].create(
            {"name": "x.png", "raw": b"x", "res_model": ticket._name, "res_id": ticket.id, "public": True}
        )
        copies = self.files(self.convert(ticket, copy_conversation=True))
        self.assertTrue(file.public)
        self.assertEqual((len(copies), copies.public), (1, False))

    def test_who_may_only_read_a_lead_converts_it_not(self):
        lead = self.env[LEAD].create({"name": "Help", "type": "lead", "user_id": self.salesperson.id})
        wizard = self.call(
            self.salesperson, "helpdesk_lite_crm.convert_lead", "create", {"lead_id": lead.id, "team_id": self.team.id}
        )
        self.env["ir.rule"].create(
            {
                "name": "Changes",
                "model_id": self.env["ir.model"]._get_id(LEAD),
                "domain_force": [("priority", "=", "3")],
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )
        self.assertTrue(lead.with_user(self.salesperson).has_access("read"))
        self.assert_closed(self.salesperson, "helpdesk_lite_crm.convert_lead", "action_convert", [wizard])
        self.assertTrue(lead.active)

    def test_a_lead_goes_to_no_team_that_one_does_not_see_any_more(self):
        lead = self.env[LEAD].create({"name": "Help", "type": "lead", "user_id": self.salesperson.id})
        wizard = self.call(
            self.salesperson,
            "helpdesk_lite_crm.convert_lead",
            "create",
            {"lead_id": lead.id, "team_id": self.teams["company"].id},
        )
        self.teams["company"].write({"name": "Zebra", "privacy_visibility": "private"})
        self.assert_refused(self.salesperson, "helpdesk_lite_crm.convert_lead", "action_convert", [wizard])
        self.assertFalse(lead.converted_ticket_id)

    def test_opportunities_are_proposed_to_those_who_may_change_them(self):
        """That a customer is in touch with sales is shown only to salespeople with access to the opportunity."""
        self.both.group_ids = self.env.ref("helpdesk_lite.group_user") + self.env.ref("sales_team.group_sale_salesman")
        mine, other = self.env[LEAD].create(
            [
                {"name": "Zebra", "type": "opportunity", "user_id": user.id, "email_from": "zoe@quill.example"}
                for user in (self.both, self.salesperson)
            ]
        )
        ticket = self.make_ticket(partner_email="zoe@quill.example")
        for user, proposed in ((self.agent, []), (self.both, mine.ids)):
            with self.subTest(user=user.login):
                wizard = self.make_choice(user, ticket)
                values = self.call(user, CONVERT, "read", [wizard], ["open_lead_ids"])[0]
                self.assertEqual(values["open_lead_ids"], proposed)
                self.assertNotIn(other.id, values["open_lead_ids"])

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def test_rows_of_the_report_by_their_ids(self):
        lead = self.convert(self.private, user_id=self.salesperson.id)
        self.env.flush_all()
        self.assert_closed(
            self.salesperson, "helpdesk_lite_crm.opportunity_report", "read", lead.ids, ["ticket_id", "expected_revenue"]
        )
        report = self.env["helpdesk_lite_crm.opportunity_report"].browse(lead.id)
        self.assertFalse(report.with_user(self.salesperson).has_access("read"))
        self.assertTrue(report.with_user(self.both).has_access("read"))

    def test_a_refused_lead_is_not_named(self):
        """Its title is the ticket's subject; in debug mode, standard Odoo names the records that it refuses."""
        lead = self.convert(self.make_ticket(name="Zebra"), user_id=self.salesperson.id)
        with patch.object(
            type(self.env["res.users"]),
            "has_group",
            lambda user, group: group in ("base.group_no_one", "base.group_user", "sales_team.group_sale_salesman"),
        ):
            self.assert_refused(self.other_salesperson, LEAD, "read", lead.ids, ["name"])
