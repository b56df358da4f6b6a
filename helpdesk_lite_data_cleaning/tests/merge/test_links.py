from odoo.addons.helpdesk_lite.tests.access.test_links import NAMES, LinksCase
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMergeLinks(LinksCase, MergeCase):
    """Forms of merged tickets and of groups show no name of a record that their reader cannot see."""

    def test_master_in_a_form(self):
        spec = {"merged_into_id": NAMES, "merged_ticket_ids": {"fields": {"display_name": {}}}}
        ticket = self.make_ticket()
        for ids in ([], ticket.ids):
            for value in (self.hidden_ticket.id, {"id": self.hidden_ticket.id}):
                self.assert_refused(
                    self.agent, ticket._name, "onchange", ids, {"merged_into_id": value}, ["merged_into_id"], spec
                )
        self.assert_refused(
            self.agent, ticket._name, "onchange", [], {}, [], spec, context={"default_merged_into_id": self.hidden_ticket.id}
        )
        for fname in ("merge_target_id", "merge_words"):
            self.assert_refused(self.manager, ticket._name, "write", ticket.ids, {fname: False})

    def test_group_in_a_form(self):
        tickets = self.make_ticket() + self.make_ticket()
        action = tickets.with_user(self.agent).action_merge()
        model, ids = "helpdesk_lite.merge.group", [action["res_id"]]
        lines = [Command.create({"ticket_id": self.hidden_ticket.id})]
        spec = {"master_id": NAMES, "record_ids": {"fields": {"ticket_id": NAMES, "ticket_name": {}, "values_text": {}}}}
        for values in ({"master_id": self.hidden_ticket.id}, {"record_ids": lines}):
            self.assert_refused(self.agent, model, "onchange", ids, values, list(values), spec)
        for values in (
            {"record_ids": [Command.update(self.env[model].browse(ids).record_ids[0].id, {"accepted": ["everybody"]})]},
            {"master_id": self.hidden_ticket.id},
            # the outcome of a merge, and no choice
            {"state": "merged"},
            {"company_id": self.env.company.id},
        ):
            self.assert_refused(self.agent, model, "write", ids, values)

    def test_only_employees_are_told_by_rules(self):
        values = {"name": "Same", "notify_user_ids": [Command.link(self.customer_user.id)]}
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.call(self.manager, "helpdesk_lite.merge.rule", "create", values)
        rule = self.call(self.manager, "helpdesk_lite.merge.rule", "create", {"name": "Same"})
        for fname in ("run_cursor", "last_run", "last_error"):
            with self.assertRaises(AccessError):
                self.call(self.manager, "helpdesk_lite.merge.rule", "write", [rule], {fname: False})
        # a change of a condition makes the rule start again
        self.env["helpdesk_lite.merge.rule"].browse(rule).last_run = "2026-01-01 00:00:00"
        self.call(self.manager, "helpdesk_lite.merge.rule", "write", [rule], {"window_days": 3})
        self.assertFalse(self.env["helpdesk_lite.merge.rule"].browse(rule).last_run)

    def test_only_people_with_access_to_all_companies_make_rules_for_all(self):
        """Rules run as superuser, so they would find and merge tickets of other companies."""
        Rule = "helpdesk_lite.merge.rule"
        rule = self.call(self.manager, Rule, "create", {"name": "Ours"})
        wide = self.env[Rule].create({"name": "Everybody's", "company_id": False})
        for values in ({"company_id": False}, {"cross_company": True}):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.call(self.manager, Rule, "create", {"name": "x", **values})
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.call(self.manager, Rule, "write", [rule], values)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(self.manager, Rule, "write", [wide.id], {"domain": "[('message_ids.body', 'ilike', 'x')]"})
        self.manager.company_ids = self.env["res.company"].search([])
        self.assertTrue(self.call(self.manager, Rule, "create", {"name": "x", "company_id": False}))
