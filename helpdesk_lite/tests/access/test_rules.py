from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import tagged

from ...models.access import ticket_rules
from ..common import COMPANY_MODES, HelpdeskCase

USERS = ("employee", "agent", "manager", "customer_user")
# (FEW, MANY): listed by id; a hash; one look-up for each
FORMS = ((1000, 1000), (0, 1000), (0, 0))


@tagged("post_install", "-at_install")
class TestRules(HelpdeskCase):
    """The optimized forms of the rules grant the same as the rules, evaluated literally."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        solved = cls.env.ref("helpdesk_lite.stage_solved").id
        cls.followed_team = cls.env["helpdesk_lite.team"].create({"name": "Invited", "privacy_visibility": "private"})
        cls.followed_team.message_subscribe(cls.employee.partner_id.ids)
        other = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreign_team = cls.env["helpdesk_lite.team"].create({"name": "Elsewhere", "company_id": other.id})
        cls.tickets = cls.make_ticket(team_id=cls.foreign_team.id) + cls.make_ticket(team_id=cls.followed_team.id)
        followers = (cls.employee + cls.customer_user).partner_id
        for mode in COMPANY_MODES:
            cls.tickets += cls.make_ticket(mode, priority="2")
            cls.tickets += cls.make_ticket(mode, active=False)
            cls.tickets += cls.make_ticket(mode, user_id=cls.agent.id, stage_id=solved)
            followed = cls.make_ticket(mode, name="Followed") + cls.make_ticket(mode, active=False, priority="3")
            followed += cls.make_ticket(team_id=cls.foreign_team.id)
            followed.message_subscribe(followers.ids)
            cls.tickets += followed
        archived = cls.env["helpdesk_lite.team"].create({"name": "Former", "privacy_visibility": "company", "active": False})
        cls.tickets += cls.make_ticket(team_id=archived.id)

    def read_literally(self, records, user):
        """Evaluate the domain of the rules record by record."""
        records = records.with_user(user)
        domain = self.env["ir.rule"].with_user(user)._compute_domain(records._name, "read")
        return records.sudo().with_context(active_test=False).filtered_domain(domain).sudo(False)

    def test_every_form_grants_what_the_rules_say(self):
        me = {name: getattr(self, name).partner_id.ids for name in USERS}
        asked = {
            "all": lambda name: [],
            "a team": lambda name: [("team_id", "=", self.teams["private"].id)],
            "teams": lambda name: [("team_id", "in", (self.teams["private"] + self.team + self.foreign_team).ids)],
            "followed": lambda name: [("message_partner_ids", "in", me[name])],
            "I follow": lambda name: [("message_is_follower", "=", True)],
            "I do not follow": lambda name: [("message_is_follower", "=", False)],
            "any of": lambda name: ["|", ("team_id", "=", self.team.id), ("name", "=", "Followed")],
            "every team": lambda name: [("team_id", "!=", False)],
            "no customer": lambda name: [("message_partner_ids", "=", False)],
            "not that team": lambda name: ["!", ("team_id", "=", self.team.id)],
            "given": lambda name: [("id", "in", self.tickets.ids[::2])],
        }
        # customers cannot use this field; their domains use "I follow"
        internal = {"followed", "no customer"}
        for name in USERS:
            user = getattr(self, name)
            granted = self.read_literally(self.tickets, user)
            self.assertTrue(granted < self.tickets.with_user(user))
            for few, many in FORMS:
                for what in asked.keys() - (internal if user.share else set()):
                    with (
                        self.subTest(user=name, asked=what, few=few, many=many),
                        patch.object(ticket_rules, "FEW", few),
                        patch.object(ticket_rules, "MANY", many),
                    ):
                        self.compare(user, granted, asked[what](name))

    def compare(self, user, granted, domain):
        Ticket = self.env["helpdesk_lite.ticket"].with_user(user).with_context(active_test=False)
        tickets = self.tickets.with_user(user)
        here = Domain(domain) & Domain("id", "in", tickets.ids)
        expected = tickets.sudo().with_context(active_test=False).search(here).sudo(False) & granted
        everywhere = Ticket.search(domain)
        self.assertEqual(everywhere & tickets, expected)
        self.assertEqual(Ticket.search_count(domain), len(everywhere))
        self.assertEqual(Ticket.search_count(domain, limit=2), min(2, len(everywhere)))
        # customers do not learn the priority from an order either
        order = "is_closed desc, id desc" if user.share else "priority desc, id desc"
        self.assertEqual(Ticket.search(here, order=order, limit=100), expected.sorted(order))
        self.assertEqual(Ticket.search(domain, order=order, limit=3), everywhere.sorted(order)[:3])
        groups = Ticket._read_group(here, ["team_id"], ["__count"])
        self.assertEqual(sum(count for _team, count in groups), len(expected))
        self.assertEqual(tickets._filtered_access("read"), granted)

    def test_stages_of_visible_teams_and_tickets_are_visible(self):
        hidden = self.env["helpdesk_lite.team"].create({"name": "Hidden", "privacy_visibility": "private"})
        stage = self.env["helpdesk_lite.stage"].create({"name": "Hidden", "team_ids": [(6, 0, hidden.ids)]})
        ticket = self.make_ticket(team_id=hidden.id)
        stages = self.env["helpdesk_lite.stage"].with_context(active_test=False).search([])
        reasons = {
            "none": lambda: None,
            "follower of a ticket": lambda: ticket.message_subscribe(self.employee.partner_id.ids),
            "assignee": lambda: ticket.write({"user_id": self.employee.id}),
            "follower of the team": lambda: hidden.message_subscribe(self.employee.partner_id.ids),
            "visible team": lambda: hidden.write({"privacy_visibility": "company"}),
        }
        for reason, give in reasons.items():
            with self.subTest(reason=reason), self.cr.savepoint() as savepoint:
                give()
                for user in (self.employee, self.agent, self.manager):
                    seen = stages.with_user(user)
                    granted = self.read_literally(stages, user)
                    self.assertEqual(seen.search([("id", "in", stages.ids)]), granted)
                    self.assertEqual(seen._filtered_access("read"), granted)
                    sees = user == self.manager or reason == "visible team" or (user == self.employee and reason != "none")
                    self.assertEqual(stage.with_user(user) in granted, sees, user.login)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_access_ends_within_the_transaction(self):
        ticket = self.make_ticket("private")
        seen = ticket.with_user(self.employee)
        ticket.message_subscribe(self.employee.partner_id.ids)
        self.assertTrue(seen.has_access("read"))
        ticket.message_unsubscribe(self.employee.partner_id.ids)
        self.assertFalse(seen.has_access("read"))
        self.teams["private"].privacy_visibility = "company"
        self.assertTrue(seen.has_access("read"))
        self.teams["private"].privacy_visibility = "private"
        self.assertFalse(seen.has_access("read"))
