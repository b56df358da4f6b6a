from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.duplicates import rule_run
from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMergeRule(MergeCase):
    """Rules find the duplicates that they describe, except for those that somebody decided about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Group = cls.env["helpdesk_lite.merge.group"]
        cls.env["helpdesk_lite.merge.rule"].search([]).active = False
        cls.first = cls.make_ticket(
            name="The coffee machine leaks", description="<p>Water under machine 12.</p>", partner_id=cls.customer.id
        )
        cls.second = cls.make_ticket(
            name="Coffee machine leaks", description="<p>Water under machine 12.</p>", partner_id=cls.customer.id
        )
        cls.third = cls.make_ticket(name="Password of the web shop", partner_id=cls.customer.id)

    def make_rule(self, **values):
        return (
            self.env["helpdesk_lite.merge.rule"]
            .with_user(self.manager)
            .create({"name": "Twice", "similarity_threshold": 60, "same_customer": False, **values})
        )

    def run_rule(self, rule):
        """Run a rule to the end, as the button does.

        :return: the tickets of each open group of the rule, as a set of sets
        """
        while not rule.run_step()["complete"]:
            pass
        groups = self.Group.search([("rule_id", "=", rule.id), ("state", "=", "new")])
        return {frozenset(group.record_ids.ticket_id) for group in groups}

    def pair(self, *tickets):
        return {frozenset(self.env["helpdesk_lite.ticket"].union(*tickets))} if tickets else set()

    def test_alike_tickets_become_a_group_with_a_master(self):
        rule = self.make_rule()
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))
        group = self.Group.search([("rule_id", "=", rule.id)])
        self.assertEqual(group.master_id, self.first)
        self.assertGreaterEqual(group.similarity, 60)
        self.assertIn("machine", group.record_ids.filtered(lambda record: not record.is_master).explanation)

    def test_running_again_finds_nothing_twice(self):
        rule = self.make_rule()
        found = self.run_rule(rule)
        self.assertEqual(self.run_rule(rule), found)
        rule.similarity_threshold = 61
        self.assertFalse(rule.last_run, "all tickets are compared again")
        self.assertEqual(self.run_rule(rule), found)

    def test_a_new_ticket_joins_the_existing_group(self):
        rule = self.make_rule()
        self.run_rule(rule)
        fourth = self.make_ticket(name="Coffee machine leaks again", description="<p>Water under machine 12</p>")
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second, fourth))

    def test_discarded_pairs_are_not_proposed_again(self):
        rule = self.make_rule()
        self.run_rule(rule)
        self.Group.search([("rule_id", "=", rule.id)]).with_user(self.agent).action_discard()
        rule.similarity_threshold = 59
        self.assertEqual(self.run_rule(rule), set())
        other_rule = self.make_rule(name="Another")
        self.assertEqual(self.run_rule(other_rule), set())

    def test_tickets_that_were_discarded_together_are_not_joined_by_a_third(self):
        rule = self.make_rule()
        self.run_rule(rule)
        self.Group.search([("rule_id", "=", rule.id)]).with_user(self.agent).action_discard()
        fourth = self.make_ticket(name="Coffee machine leaks", description="<p>Water under machine 12.</p>")
        for group in self.run_rule(rule):
            self.assertFalse({self.first, self.second} <= set(group))
            self.assertIn(fourth, group)

    def test_related_tickets_are_not_proposed(self):
        """Neither for their texts nor for their fields, from either side, and without keeping a third one away."""
        self.second.with_user(self.agent)._relate("follow_up", self.first)
        self.assertEqual(self.run_rule(self.make_rule()), set())
        domain = str([("partner_id", "=", self.customer.id)])
        line = Command.create({"field_name": "partner_name", "match": "insensitive"})
        rule = self.make_rule(name="Fields", similarity_threshold=0, window_days=0, domain=domain, line_ids=[line])
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.third))

    def test_only_tickets_of_the_domain(self):
        rule = self.make_rule(domain=str([("id", "!=", self.second.id)]))
        self.assertEqual(self.run_rule(rule), set())

    def test_window(self):
        self.env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET opened_on = opened_on - interval '20 days' WHERE id = %s", [self.first.id]
        )
        self.first.invalidate_recordset()
        rule = self.make_rule(window_days=19, similarity_threshold=40)
        self.assertEqual(self.run_rule(rule), set())
        rule.window_days = 21
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))

    def test_same_customer_means_contact_company_or_address(self):
        company = self.env["res.partner"].create({"name": "Roasters", "is_company": True})
        ann, ben = self.env["res.partner"].create(
            [{"name": name, "parent_id": company.id, "email": f"{name}@roasters.test.example"} for name in ("ann", "ben")]
        )
        for values, expected in (
            ({"partner_id": False, "partner_email": "who@test.example"}, False),
            ({"partner_id": False, "partner_email": "Customer@test.example"}, True),
            ({"partner_id": self.customer.id}, True),
        ):
            with self.subTest(values=values):
                self.second.write(values)
                rule = self.make_rule(same_customer=True, name=str(values))
                self.assertEqual(bool(self.run_rule(rule)), expected)
                self.Group.search([]).sudo().unlink()
        self.first.partner_id, self.second.partner_id = ann, ben
        self.assertTrue(self.run_rule(self.make_rule(same_customer=True, name="company")))

    def test_fields_must_match(self):
        line = {"field_name": "partner_name", "match": "exact"}
        rule = self.make_rule(line_ids=[Command.create(line)])
        self.first.partner_name, self.second.partner_name = "José Ruiz", "jose ruiz "
        self.assertEqual(self.run_rule(rule), set())
        rule.line_ids = [Command.update(rule.line_ids.id, {"match": "insensitive"})]
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))

    def test_fields_alone_need_no_text(self):
        rule = self.make_rule(
            similarity_threshold=0,
            window_days=0,
            domain=str([("partner_id", "=", self.customer.id)]),
            line_ids=[Command.create({"field_name": "partner_name", "match": "insensitive"})],
        )
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second, self.third))
        self.env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET opened_on = opened_on - interval '20 days' WHERE id = %s", [self.first.id]
        )
        self.first.invalidate_recordset()
        self.Group.search([("rule_id", "=", rule.id)]).sudo().unlink()
        rule.window_days = 10
        self.assertEqual(self.run_rule(rule), self.pair(self.second, self.third))

    def test_across_companies(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        self.manager.company_ids = self.env["res.company"].search([])
        team = self.env["helpdesk_lite.team"].create({"name": "There", "company_id": company.id})
        there = self.make_ticket(name=self.first.name, description=self.first.description, team_id=team.id)
        rule = self.make_rule(company_id=False)
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))
        rule.with_user(self.env.ref("base.user_root")).cross_company = True
        self.Group.search([]).sudo().unlink()
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second, there))

    def test_a_rule_of_one_company_finds_no_pair_of_another(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        self.manager.company_ids = self.env["res.company"].search([])
        team = self.env["helpdesk_lite.team"].create({"name": "There", "company_id": company.id})
        for _ticket in range(2):
            self.make_ticket(name=self.first.name, description=self.first.description, team_id=team.id)
        rule = self.make_rule(company_id=self.env.company.id)
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))

    def test_automatic_merges_above_its_threshold(self):
        copy = self.make_ticket(name=self.first.name, description=self.first.description, partner_id=self.customer.id)
        rule = self.make_rule(mode="automatic", automatic_threshold=60)
        self.assertEqual(self.run_rule(rule), set())
        self.assertEqual((self.second | copy).mapped("active"), [False, False])
        self.assertEqual((self.second | copy).merged_into_id, self.first)
        self.assertTrue(self.third.active)

    def test_automatic_leaves_less_similar_tickets_to_people(self):
        rule = self.make_rule(mode="automatic", automatic_threshold=100)
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second))
        self.assertTrue(self.second.active)

    def test_a_domain_that_names_a_missing_field(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name', '=', ]",
            "nonsense",
            "[('name', 'resembles', 'x')]",
            "(" * 200,
        ):
            with self.subTest(domain=domain[:30]), self.assertRaises(ValidationError):
                self.make_rule(domain=domain)
        rule, sound = self.make_rule(name="Broken"), self.make_rule(name="Sound")
        # as if the addon of the field had been uninstalled
        self.env.cr.execute("UPDATE helpdesk_lite_merge_rule SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", rule.id])
        rule.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Broken.*gone"):
            rule.run_step()
        with self.assertRaisesRegex(UserError, "Broken.*gone"):
            rule.action_deduplicate()
        self.assertFalse(rule.run_started, "nothing half done")
        self.run_job()
        self.assertIn("gone", rule.last_error)
        self.assertTrue(self.Group.search([("rule_id", "=", sound.id)]), "the other rules run all the same")

    def test_thresholds_that_make_no_sense(self):
        with self.assertRaises(ValidationError):
            self.make_rule(similarity_threshold=0)
        with self.assertRaises(ValidationError):
            self.make_rule(mode="automatic", automatic_threshold=50)

    def test_only_administrators_make_rules(self):
        rule = self.make_rule()
        self.assertTrue(rule.with_user(self.agent).name)
        for call in (
            lambda: rule.with_user(self.agent).run_step(),
            lambda: rule.with_user(self.agent).action_deduplicate(),
            lambda: rule.with_user(self.agent).write({"name": "Mine"}),
            lambda: self.env["helpdesk_lite.merge.rule"].with_user(self.agent).create({"name": "Mine"}),
            lambda: rule.with_user(self.employee).name,
        ):
            with self.assertRaises(AccessError):
                call()

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    def run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_lite_data_cleaning.ir_cron_find_duplicates").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_job_runs_every_rule_and_tells_its_users(self):
        rule = self.make_rule(notify_user_ids=[Command.set((self.agent | self.employee).ids)])
        self.run_job()
        self.assertTrue(self.Group.search([("rule_id", "=", rule.id)]))
        self.assertTrue(rule.last_run)
        notified = self.env["mail.message"].search([("subject", "=", "Duplicate tickets: Twice")])
        self.assertEqual(notified.notified_partner_ids, self.agent.partner_id, "an employee could not see the group")

    def test_an_interrupted_run_continues_where_it_stopped(self):
        tickets = self.env["helpdesk_lite.ticket"].union(
            *(
                self.make_ticket(name=name)
                for name in (
                    "Lamp flickers",
                    "Gate motor humming",
                    "Boiler pressure drops",
                    "Forklift battery swollen",
                    "Elevator stuck upstairs",
                    "Window handle broken",
                )
                for _copy in range(2)
            )
        )
        rule = self.make_rule(domain=str([("id", "in", tickets.ids)]), similarity_threshold=80)
        with patch.object(rule_run, "BATCH", 5):
            self.assertEqual(rule.sudo()._run_batch(), (5, False))
            self.assertEqual(rule.run_cursor, tickets[4].id)
            self.assertEqual(rule.sudo()._run_batch(), (5, False))
            self.assertEqual(rule.sudo()._run_batch(), (2, True))
        self.assertFalse(rule.run_started)
        groups = self.Group.search([("rule_id", "=", rule.id)])
        self.assertEqual(
            {frozenset(group.record_ids.ticket_id) for group in groups},
            {frozenset(tickets[at : at + 2]) for at in range(0, 12, 2)},
        )

    def test_later_runs_compare_only_changed_tickets(self):
        with freeze_time("2026-03-02 08:00:00"):
            rule = self.make_rule()
            self.run_rule(rule)
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET write_date = '2026-03-01 08:00:00'")
        self.env.invalidate_all()
        with freeze_time("2026-03-02 20:00:00"):
            self.assertEqual(rule.sudo()._run_batch(), (0, True))
        self.third.write({"name": "The coffee machine leaks", "description": "<p>Water under machine 12.</p>"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET write_date = '2026-03-03 08:00:00' WHERE id = %s", [self.third.id])
        self.env.invalidate_all()
        self.assertEqual(self.run_rule(rule), self.pair(self.first, self.second, self.third))

    def test_a_batch_costs_a_constant_number_of_queries_per_pair_found(self):
        counts = []
        for number in (20, 200):
            tickets = self.env["helpdesk_lite.ticket"].union(
                *(self.make_ticket(name=f"Unique matter {number} {at}x{at * 7}") for at in range(number))
            )
            rule = self.make_rule(name=str(number), domain=str([("id", "in", tickets.ids)]), similarity_threshold=99.9).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            rule._run_batch()
            counts.append((self.env.cr.sql_log_count - start) / number)
        self.assertLess(counts[1], counts[0], "per ticket it becomes less")
