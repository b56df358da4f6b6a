from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestRights(ConvertCase):
    """Agents can convert tickets that they can see; other users cannot convert tickets."""

    def test_who_may_convert(self):
        for mode in ("private", "company", "public"):
            for user, may in (
                (self.agent, True),
                (self.both, True),
                (self.manager, True),
                (self.employee, False),
                (self.salesperson, False),
                (self.customer_user, False),
            ):
                with self.subTest(mode=mode, user=user.login):
                    ticket = self.make_ticket(mode)
                    ticket.message_subscribe(user.partner_id.ids)
                    if may:
                        self.assertTrue(self.convert(ticket, user))
                    else:
                        with self.assertRaises(AccessError), self.env.cr.savepoint():
                            self.convert(ticket, user)
                        self.assertFalse(ticket.converted_lead_id)

    def test_agent_who_is_not_invited(self):
        self.teams["private"].message_unsubscribe(self.agent.partner_id.ids)
        ticket = self.make_ticket("private", name="Fire at the plant")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.make_wizard(ticket, partner_action="none")
        self.assertTrue(ticket.active)

    def test_links_to_hidden_records(self):
        ticket = self.make_ticket()
        lead = self.env["crm.lead"].create({"name": "Secret", "type": "opportunity", "user_id": self.salesperson.id})
        company = self.env["res.company"].create({"name": "Far Away"})
        self.env.ref("base.res_partner_rule").active = True
        partner = self.env["res.partner"].create({"name": "Secret", "company_id": company.id})
        team = self.env["crm.team"].create({"name": "Secret", "company_id": company.id})
        for values in ({"lead_id": lead.id}, {"partner_id": partner.id, "partner_action": "link"}, {"sales_team_id": team.id}):
            with self.subTest(values=values), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.make_wizard(ticket, **values)

    def test_agent_without_crm_follows_nothing_of_sales(self):
        lead = self.convert(self.make_ticket())
        self.assertNotIn(self.agent.partner_id, lead.message_partner_ids)
        with self.assertRaises(AccessError):
            lead.with_user(self.agent).check_access("read")

    def test_nobody_links_records_that_they_cannot_change(self):
        private = self.make_ticket("private")
        lead = self.env["crm.lead"].create({"name": "Mine", "user_id": self.salesperson.id})
        for fname in ("ticket_id", "converted_ticket_id"):
            with self.subTest(fname=fname), self.assertRaises(AccessError):
                lead.with_user(self.salesperson).write({fname: private.id})
            with self.subTest(fname=fname), self.assertRaises(AccessError):
                self.env["crm.lead"].with_user(self.salesperson).create({"name": "New", fname: private.id})
        self.other_salesperson.group_ids += self.env.ref("helpdesk_lite.group_user")
        with self.assertRaises(AccessError):
            self.make_ticket().with_user(self.other_salesperson).write({"converted_lead_id": lead.id})

    def test_a_forged_link_restores_nothing(self):
        there = self.env["crm.lead"].create({"name": "Chairs", "type": "opportunity", "user_id": self.both.id})
        ticket = self.make_request()
        self.convert(ticket, self.both, lead_id=there.id)
        forged = self.env["crm.lead"].create(
            {"name": "Mine", "type": "opportunity", "user_id": self.salesperson.id, "ticket_id": ticket.id}
        )
        with self.assertRaisesRegex(UserError, "not created from"):
            forged.with_user(self.salesperson).action_undo_convert()
        self.assertFalse(ticket.active)

    def test_buttons_for_those_who_may(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        for user, shown in ((self.agent, True), (self.employee, False)):
            views = Ticket.with_user(user).get_views([(False, "form"), (False, "list")])["views"]
            for kind in ("form", "list"):
                with self.subTest(user=user.login, kind=kind):
                    self.assertEqual("Convert to Opportunity" in views[kind]["arch"], shown)
                    self.assertNotIn("Convert to Lead", views[kind]["arch"])
        self.use_leads()
        arch = Ticket.with_user(self.agent).get_views([(False, "list")])["views"]["list"]["arch"]
        self.assertIn("Convert to Lead", arch)
        self.assertNotIn("Convert to Opportunity", arch)
