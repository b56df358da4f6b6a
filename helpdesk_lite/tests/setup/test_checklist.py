import json

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase

MAIL = b"""From: Zoe Quill <zoe@quill.example>\r
To: %s\r
Subject: It works\r
Message-ID: <works@quill.example>\r
\r
Hello"""


@tagged("post_install", "-at_install")
class TestChecklist(HelpdeskCase):
    """What a new helpdesk needs, for its administrators and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = new_test_user(
            cls.env, "hl_system", "helpdesk_lite.group_manager,base.group_system", email="system@test.example"
        )

    def get_steps(self, user):
        checklist = self.call(user, "helpdesk_lite.setup", "get_checklist")
        return checklist and {step["key"]: step for step in checklist["steps"]}

    def deliver(self, team):
        alias = team.alias_email.encode()
        self.env["mail.thread"].with_context(mail_gateway_test=True).message_process(None, MAIL % alias)

    def prepare(self):
        """Do all of it but the mail that arrives."""
        domain = self.env["mail.alias.domain"].search([], limit=1) or self.env["mail.alias.domain"].create(
            {"name": "test.example"}
        )
        self.env.company.alias_domain_id = domain
        teams = self.env["helpdesk_lite.team"].search([])
        teams.filtered("alias_name").alias_domain_id = domain
        self.team.member_ids = self.agent
        self.env["helpdesk_lite.mail"].search([]).sudo().unlink()
        self.env["ir.mail_server"].create({"name": "Out", "smtp_host": "smtp.test.example"})

    def test_it_ends_when_all_is_done(self):
        self.prepare()
        steps = self.get_steps(self.manager)
        self.assertEqual([key for key, step in steps.items() if not step["done"]], ["incoming"])
        start = self.call(self.manager, "helpdesk_lite.setup", "get_arrival")
        self.deliver(self.team)
        arrival = self.call(self.manager, "helpdesk_lite.setup", "get_arrival", start["last"])
        self.assertIn("“It works” from", arrival["text"])
        self.assertEqual(self.env["helpdesk_lite.ticket"].browse(arrival["ticket_id"]).name, "It works")
        for since in (2**31, 2**40, -1, True, "1", [1]):
            with self.subTest(since=since):
                self.assertEqual(
                    self.call(self.manager, "helpdesk_lite.setup", "get_arrival", since), {"last": arrival["last"]}
                )
        self.assertFalse(self.get_steps(self.manager))

    def get_opened(self, step):
        """The views and the record of the action that a step opens, as the web client gets them."""
        action = json.loads(json.dumps(step["action"]))
        return action["views"], action["res_id"]

    def test_the_only_team_is_opened(self):
        self.prepare()
        self.env["helpdesk_lite.team"].search([("id", "!=", self.team.id)]).active = False
        self.team.member_ids = False
        self.assertEqual(self.get_opened(self.get_steps(self.manager)["members"]), ([[False, "form"]], self.team.id))
        self.teams["private"].active = True
        self.assertEqual(self.get_steps(self.manager)["members"]["action"], "helpdesk_lite.team_action", "one is chosen")

    def test_what_is_missing(self):
        self.prepare()
        self.team.alias_domain_id = False
        self.env["helpdesk_lite.team"].search([]).member_ids = False
        self.env["ir.mail_server"].search([]).active = False
        missing = {key for key, step in self.get_steps(self.manager).items() if not step["done"]}
        self.assertEqual(missing - {"outgoing"}, {"members", "alias_domain", "incoming"})
        self.env["helpdesk_lite.ticket"].search([]).unlink()
        self.env["helpdesk_lite.team"].search([]).active = False
        steps = self.get_steps(self.manager)
        self.assertFalse(steps["team"]["done"])
        self.assertEqual(self.get_opened(steps["team"]), ([[False, "form"]], False), "a new one")
        self.assertTrue(steps["alias_domain"]["done"], "the one that the first team will get")
        self.env.company.alias_domain_id = False
        self.assertFalse(self.get_steps(self.manager)["alias_domain"]["done"])

    def test_only_what_can_be_opened_is_offered(self):
        self.prepare()
        for user, offered in ((self.manager, False), (self.system, True)):
            steps = self.get_steps(user)
            self.assertEqual(bool(steps["incoming"]["action"]), offered)
            self.assertEqual("An administrator of Odoo" in (steps["incoming"]["ask"] or ""), not offered)
        for key, step in steps.items():
            with self.subTest(key=key):
                self.assertTrue(self.env["ir.actions.actions"].with_user(self.system)._for_xml_id(step["action"]))

    def test_who_does_not_see_it(self):
        for user in (self.agent, self.employee, self.customer_user):
            for method, arguments in (("get_checklist", []), ("get_arrival", []), ("get_arrival", [0])):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.call(user, "helpdesk_lite.setup", method, *arguments)

    def test_the_mail_of_each_team(self):
        self.prepare()
        self.deliver(self.team)
        teams = self.call(self.manager, "helpdesk_lite.team", "web_search_read", [], {"alias_state": {}, "last_mail_date": {}})
        told = {team["id"]: (team["alias_state"], bool(team["last_mail_date"])) for team in teams["records"]}
        self.assertEqual(told[self.team.id], ("Ready", True))
        self.assertEqual(told[self.teams["company"].id], ("Ready", False))
        with self.assertRaises(AccessError):
            self.call(self.agent, "helpdesk_lite.team", "read", self.team.ids, ["last_mail_date"])
