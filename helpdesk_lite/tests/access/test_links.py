from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

SECRET = "Zebra"
NAMES = {"fields": {"display_name": {}}}


class LinksCase(HelpdeskCase):
    """Hidden records with a secret word in their names, and requests as a client sends them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams["private"].name = f"{SECRET} team"
        cls.hidden_ticket = cls.make_ticket("private", name=f"{SECRET} ticket")
        cls.hidden_stage = cls.env["helpdesk_lite.stage"].create(
            {"name": f"{SECRET} stage", "team_ids": cls.teams["private"].ids}
        )
        cls.far_away = cls.env["res.company"].create({"name": f"{SECRET} company"})
        cls.env.ref("base.res_partner_rule").active = True
        cls.hidden_partner = cls.env["res.partner"].create(
            {"name": f"{SECRET} customer", "email": f"{SECRET}@test.example", "company_id": cls.far_away.id}
        )
        # in standard Odoo, internal users can read each other's names; portal users of other companies cannot
        cls.hidden_user = new_test_user(
            cls.env,
            "hl_far_away",
            "base.group_portal",
            name=f"{SECRET} user",
            company_id=cls.far_away.id,
            company_ids=[Command.set(cls.far_away.ids)],
        )

    def assert_refused(self, user, model, method, *args, **kwargs):
        """Check that the request is refused with a message that contains no name."""
        with (
            mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
            self.assertRaises(AccessError) as caught,
            self.env.cr.savepoint(),
        ):
            self.call(user, model, method, *args, **kwargs)
        self.assertNotIn(SECRET, str(caught.exception))


@tagged("post_install", "-at_install")
class TestLinks(LinksCase):
    """Users cannot link to records that they cannot see, because a link shows the record's name."""

    def hidden(self):
        return {
            "team_id": self.teams["private"].id,
            "stage_id": self.hidden_stage.id,
            "partner_id": self.hidden_partner.id,
            "user_id": self.hidden_user.id,
        }

    def test_tickets_by_all_doors(self):
        ticket = self.make_ticket()
        Ticket = ticket._name
        for fname, hidden_id in self.hidden().items():
            values = {"name": "x", "team_id": self.team.id, fname: hidden_id}
            others = {name: value for name, value in values.items() if name != fname}
            with self.subTest(fname=fname):
                self.assert_refused(self.agent, Ticket, "create", values)
                self.assert_refused(self.agent, Ticket, "create", others, context={f"default_{fname}": hidden_id})
                self.assert_refused(self.agent, Ticket, "web_save", [], values, {fname: NAMES})
                self.assert_refused(self.agent, Ticket, "web_save", [ticket.id], {fname: hidden_id}, {fname: NAMES})
                self.assert_refused(self.agent, Ticket, "write", [ticket.id], {fname: hidden_id})
                self.assert_refused(self.agent, Ticket, "copy", [ticket.id], {fname: hidden_id})
                self.assert_refused(
                    self.agent,
                    Ticket,
                    "name_create",
                    "x",
                    context={"default_team_id": self.team.id, f"default_{fname}": hidden_id},
                )

    def test_import(self):
        answer = self.call(
            self.agent,
            "helpdesk_lite.ticket",
            "load",
            ["name", "team_id/.id", "partner_id/.id"],
            [["x", str(self.team.id), str(self.hidden_partner.id)]],
            context={"import_file": True},
        )
        self.assertFalse(answer["ids"])
        self.assertNotIn(SECRET, str(answer))

    def test_lines_of_another_record(self):
        """Save a team with tickets in it."""
        self.teams["private"].message_subscribe(self.manager.partner_id.ids)
        self.assert_refused(
            self.manager,
            "helpdesk_lite.team",
            "write",
            [self.team.id],
            {"ticket_ids": [Command.create({"name": "x", "partner_id": self.hidden_partner.id})]},
        )

    def test_settings(self):
        self.assert_refused(
            self.manager, "helpdesk_lite.team", "write", [self.team.id], {"member_ids": [Command.link(self.hidden_user.id)]}
        )
        foreign = self.env["helpdesk_lite.team"].create({"name": f"{SECRET} far away", "company_id": self.far_away.id})
        self.assert_refused(
            self.manager, "helpdesk_lite.stage", "create", {"name": "x", "team_ids": [Command.link(foreign.id)]}
        )
        self.assert_refused(
            self.manager, "helpdesk_lite.stage", "create", {"name": "x"}, context={"default_team_id": foreign.id}
        )

        self.assert_refused(
            self.manager,
            "helpdesk_lite.stage",
            "onchange",
            [],
            {},
            [],
            {"team_ids": {"fields": {"display_name": {}}}},
            context={"default_team_id": foreign.id},
        )

    def test_every_model_of_ours_checks_its_links(self):
        """Every model of ours that users can create or change inherits the check, in all addons."""
        changed = {
            access.model_id.model
            for access in self.env["ir.model.access"].search([("group_id", "!=", False)])
            if access.perm_write or access.perm_create
        }
        bare = [
            name
            for name, model in self.env.registry.items()
            if name.startswith("helpdesk_lite") and name in changed and not hasattr(model, "_refuse_given_links")
        ]
        self.assertFalse(bare)

    def test_existing_links_are_not_checked_again(self):
        """An agent who is invited to a private ticket can work on it without seeing its team or customer."""
        ticket = self.make_ticket("private", partner_id=self.customer.id)
        ticket.message_subscribe(self.agent.partner_id.ids)
        self.assertFalse(ticket.team_id.with_user(self.agent).has_access("read"))
        spec = {"name": {}, "team_id": NAMES, "stage_id": NAMES, "partner_id": NAMES, "tag_ids": NAMES}
        values = {"name": "Renamed", "team_id": ticket.team_id.id, "partner_id": self.customer.id}
        self.call(self.agent, ticket._name, "web_read", [ticket.id], spec)
        answer = self.call(self.agent, ticket._name, "onchange", [ticket.id], values, ["name"], spec)
        self.assertNotIn("warning", answer)
        self.call(self.agent, ticket._name, "web_save", [ticket.id], values, spec)
        self.assertEqual(ticket.name, "Renamed")

    def test_forms(self):
        spec = {"name": {}, "partner_name": {}, "partner_email": {}, **dict.fromkeys(self.hidden(), NAMES)}
        ticket = self.make_ticket()
        for user in (self.employee, self.agent, self.manager):
            for fname, hidden_id in self.hidden().items():
                if user == self.manager and fname in ("team_id", "stage_id"):
                    continue
                with self.subTest(user=user.login, fname=fname):
                    for ids in ([], [ticket.id]) if user != self.employee else ([],):
                        self.assert_refused(user, ticket._name, "onchange", ids, {fname: hidden_id}, [fname], spec)
                        self.assert_refused(user, ticket._name, "onchange", ids, {fname: {"id": hidden_id}}, [fname], spec)
                    self.assert_refused(
                        user, ticket._name, "onchange", [], {}, [], spec, context={f"default_{fname}": hidden_id}
                    )

    def test_forms_with_lines(self):
        nested = {"ticket_ids": {"fields": {"partner_id": NAMES, "partner_email": {}}}}
        foreign = self.env["helpdesk_lite.team"].create({"name": f"{SECRET} far away", "company_id": self.far_away.id})
        hidden = self.env["helpdesk_lite.ticket"].create({"name": SECRET, "team_id": foreign.id})
        for command in (Command.create({"partner_id": self.hidden_partner.id}), Command.link(hidden.id)):
            with self.subTest(command=command):
                self.assert_refused(
                    self.manager, "helpdesk_lite.team", "onchange", [], {"ticket_ids": [command]}, ["ticket_ids"], nested
                )
        # defaults of the lines come in the context of the specification
        nested["ticket_ids"]["context"] = {"default_partner_id": self.hidden_partner.id}
        self.assert_refused(
            self.manager, "helpdesk_lite.team", "onchange", [], {"ticket_ids": [Command.create({})]}, ["ticket_ids"], nested
        )

    def test_composer_and_activity(self):
        """Forms of standard Odoo that compute the name of a record as superuser."""
        model, ids = self.hidden_ticket._name, self.hidden_ticket.ids
        values = {"model": model, "res_ids": str(ids), "composition_mode": "comment"}
        spec = {"subject": {}, "body": {}, "res_ids": {}, "model": {}}
        self.assert_refused(self.agent, "mail.compose.message", "onchange", [], values, list(values), spec)
        self.assert_refused(self.agent, "mail.compose.message", "create", values)
        values = {"res_model": model, "res_id": ids[0], "res_model_id": self.env["ir.model"]._get_id(model)}
        spec = {"res_name": {}, "display_name": {}}
        self.assert_refused(self.agent, "mail.activity", "onchange", [], values, ["res_id"], spec)
        # the form "Who Can See This"
        seen = {**values, "res_id": self.make_ticket(name="Seen").id}
        answer = self.call(self.agent, "mail.activity", "onchange", [], seen, ["res_id"], spec)
        self.assertIn("Seen", str(answer))

    def test_who_can_see_this(self):
        values = {"ticket_id": self.hidden_ticket.id}
        self.assert_refused(self.agent, "helpdesk_lite.access", "create", values)
        self.assert_refused(self.agent, "helpdesk_lite.access", "create", {"team_id": self.teams["private"].id})
        self.assert_refused(self.agent, "helpdesk_lite.access", "onchange", [], values, ["ticket_id"], {"ticket_id": NAMES})
        self.assert_refused(
            self.agent,
            "helpdesk_lite.access",
            "onchange",
            [],
            {},
            [],
            {"ticket_id": NAMES},
            context={"default_ticket_id": self.hidden_ticket.id},
        )
        seen = self.make_ticket()
        action = self.call(self.agent, seen._name, "action_show_access", [seen.id])
        page = self.call(
            self.agent,
            "helpdesk_lite.access",
            "onchange",
            [],
            {},
            [],
            {"ticket_id": NAMES, "line_ids": {}},
            context=action["context"],
        )
        self.assertEqual(page["value"]["ticket_id"]["id"], seen.id)
        wizard = self.call(self.agent, "helpdesk_lite.access", "web_save", [], {"ticket_id": seen.id}, {"ticket_id": NAMES})
        self.assertEqual(wizard[0]["ticket_id"]["id"], seen.id)

    def test_rows_of_wizards_are_their_creators(self):
        other = new_test_user(self.env, "hl_agent_2", "helpdesk_lite.group_user", email="agent2@test.example")
        mine = self.call(self.agent, "helpdesk_lite.access", "create", {"ticket_id": self.make_ticket().id})
        self.call(self.agent, "helpdesk_lite.access", "read", [mine], ["ticket_id"])
        for user in (other, self.manager):
            self.assert_refused(user, "helpdesk_lite.access", "read", [mine], ["ticket_id"])
            self.assert_refused(user, "helpdesk_lite.access", "write", [mine], {"user_id": user.id})
            self.assertFalse(self.call(user, "helpdesk_lite.access", "search", []))

    def test_every_wizard_has_rows_of_ones_own(self):
        """Odoo keeps nobody from the rows of others in a dialog."""
        # a dialog has rows that somebody may make; visits to the form are counted by the server alone
        opened = self.env["ir.model.access"].search([("perm_create", "=", True)]).model_id.mapped("model")
        ours = [name for name in opened if name.startswith("helpdesk_lite") and self.env[name]._transient]
        self.assertIn("helpdesk_lite.snooze", ours)
        rules = self.env["ir.rule"].search([("model_id.model", "in", ours), ("groups", "=", False)])
        creator = '[("create_uid","=",user.id)]'
        own = {rule.model_id.model for rule in rules if "".join((rule.domain_force or "").split()) == creator}
        self.assertEqual(set(ours) - own, set(), "without a rule for all groups, which nothing widens")

    def test_snoozes_are_their_creators(self):
        other = new_test_user(self.env, "hl_agent_2", "helpdesk_lite.group_user", email="agent2@test.example")
        values = {"ticket_ids": [Command.set(self.make_ticket().ids)], "choice": "week"}
        mine = self.call(self.agent, "helpdesk_lite.snooze", "create", values)
        self.call(self.agent, "helpdesk_lite.snooze", "read", [mine], ["until"])
        for user in (other, self.manager):
            self.assert_refused(user, "helpdesk_lite.snooze", "read", [mine], ["until"])
            self.assert_refused(user, "helpdesk_lite.snooze", "write", [mine], {"until": "2031-01-01 00:00:00"})
            self.assert_refused(user, "helpdesk_lite.snooze", "action_snooze", [mine])
            self.assertFalse(self.call(user, "helpdesk_lite.snooze", "search", []))

    def test_reassign_takes_its_own_proposal_only(self):
        action = self.call(self.manager, "helpdesk_lite.team", "action_reassign", [self.team.id])
        ticket = self.make_ticket()
        line = {"ticket_id": ticket.id, "former_user_id": self.agent.id}
        self.assert_refused(
            self.manager, "helpdesk_lite.reassign", "write", [action["res_id"]], {"line_ids": [Command.create(line)]}
        )
        self.assert_refused(self.manager, "helpdesk_lite.reassign", "create", {"team_id": self.team.id})

    def test_refusals_tell_no_name_in_debug_mode(self):
        """Standard Odoo lists the names of refused records when ``debug=1`` is in the URL."""
        # the effect of the URL on ``has_group``
        with patch.object(
            type(self.env["res.users"]), "has_group", lambda user, group: group in ("base.group_no_one", "base.group_user")
        ):
            for record in (self.hidden_ticket, self.teams["private"], self.hidden_stage):
                with self.subTest(model=record._name):
                    self.assert_refused(self.employee, record._name, "read", [record.id], ["name"])
                    self.assert_refused(self.employee, record._name, "web_read", [record.id], {"name": {}})


@tagged("post_install", "-at_install")
class TestOutsiders(HelpdeskCase):
    """Portal users are customers: they can be neither assignees nor team members."""

    def test_assignee(self):
        ticket = self.make_ticket()
        for user in (self.agent, self.manager):
            with self.assertRaisesRegex(ValidationError, "not an internal user"), self.env.cr.savepoint():
                ticket.with_user(user).write({"user_id": self.customer_user.id})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.make_ticket(user_id=self.customer_user.id)

    def test_members(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "Lamps"})
        for values in (
            {"member_ids": [Command.link(self.customer_user.id)]},
            {"tag_member_ids": [Command.create({"tag_id": tag.id, "user_ids": [Command.link(self.customer_user.id)]})]},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.team.with_user(self.manager).write(values)
