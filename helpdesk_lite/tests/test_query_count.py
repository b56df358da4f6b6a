from odoo.fields import Command
from odoo.tests import tagged, users
from odoo.tools import SQL

from .common import HelpdeskCase

KANBAN = {
    "name": {},
    "number": {},
    "priority": {},
    "is_rotting": {},
    "rotting_days": {},
    "is_closed": {},
    "is_waiting": {},
    "active": {},
    "date_last_stage_update": {},
    "activity_state": {},
    "activity_ids": {},
    "partner_name": {},
    "assignee_time_off": {},
    "sla_countdown": {},
    "waiting_since": {},
    "last_agent_date": {},
    "opened_on": {},
    "has_new_message": {},
    "is_snoozed": {},
    "stage_id": {"fields": {"display_name": {}}},
    "team_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "partner_id": {"fields": {"display_name": {}}},
    "tag_ids": {"fields": {"display_name": {}, "color": {}}},
}
CARD = {
    "name": {},
    "color": {},
    "alias_email": {},
    "open_ticket_count": {},
    "unassigned_ticket_count": {},
    "urgent_ticket_count": {},
    "my_ticket_count": {},
    "waiting_ticket_count": {},
    "closed_ticket_count": {},
    "late_ticket_count": {},
    "due_ticket_count": {},
    "sla_success_rate": {},
    "sla_judged_count": {},
    "dashboard_graph_data": {},
}


@tagged("post_install", "-at_install")
class TestQueryCount(HelpdeskCase):
    """The number of queries in hot paths does not grow with the number of rows."""

    def queries(self, function):
        """Count the queries of a call, with empty record caches and warm registry caches."""
        function()
        self.env.flush_all()
        self.env.invalidate_all()
        # data that every request reads first
        self.env.user.partner_id.mapped("name"), self.env.company.mapped("name")
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    @users("hl_agent")
    def test_kanban_is_constant(self):
        tags = self.env["helpdesk_lite.tag"].create([{"name": "a"}, {"name": "b"}])
        for _i in range(80):
            self.make_ticket(partner_id=self.customer.id, user_id=self.agent.id, tag_ids=tags.ids)
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET waiting_since = now(), last_customer_date = now()")
        Ticket = self.env["helpdesk_lite.ticket"]
        counts = {
            limit: self.queries(lambda limit=limit: Ticket.web_search_read([], KANBAN, limit=limit)) for limit in (10, 80)
        }
        self.assertEqual(counts[10], counts[80])
        # two queries read what the agent can see (their teams, the tickets they follow), two more repeat this for an
        # addon's rule on activities, two read the assignees' time off, and one what the agent has looked at
        self.assertLessEqual(counts[80], 18)

    @users("hl_agent")
    def test_dashboard_is_constant(self):
        Team = self.env["helpdesk_lite.team"]
        for team in Team.sudo().create([{"name": f"Team {i}"} for i in range(20)]):
            self.env["helpdesk_lite.ticket"].sudo().create({"name": "x", "team_id": team.id})
        counts = {limit: self.queries(lambda limit=limit: Team.web_search_read([], CARD, limit=limit)) for limit in (2, 20)}
        self.assertEqual(counts[2], counts[20])
        self.assertLessEqual(counts[20], 9)

    @users("hl_agent")
    def test_who_asks_is_looked_up_once_for_a_list(self):
        """And not for each value of each record, which took half of the time of a list."""
        for _i in range(80):
            self.make_ticket(partner_id=self.customer.id)
        Users, asked = self.env.registry["res.users"], []
        is_internal = Users._is_internal
        self.patch(Users, "_is_internal", lambda user: asked.append(user) or is_internal(user))
        counts = []
        for limit in (10, 80):
            self.env.invalidate_all()
            asked.clear()
            found = self.env["helpdesk_lite.ticket"].web_search_read([], KANBAN, limit=limit)
            self.assertEqual(len(found["records"]), limit)
            counts.append(len(asked))
        self.assertEqual(*counts)
        self.assertLess(counts[0], 10)

    @users("hl_agent")
    def test_searches_use_partial_indexes(self):
        """Conditions of an index that the ORM writes otherwise would make it useless, at any number of tickets."""
        Ticket = self.env["helpdesk_lite.ticket"]
        is_open = [("team_id", "in", self.team.ids), ("is_closed", "=", False)]
        asked = {
            "helpdesk_lite_ticket_open_index": (
                [*is_open, "|", ("snooze_until", "=", False), ("snooze_until", "<=", "2026-03-02 10:00:00")],
                ["team_id", "user_id", "priority", "waiting_since"],
            ),
            "helpdesk_lite_ticket_waiting_index": ([("assignment_waiting", "=", True), ("user_id", "=", False)], ["id"]),
        }
        others = """
            SELECT format('DROP INDEX %%I', relname) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
             WHERE indrelid = 'helpdesk_lite_ticket'::regclass AND NOT indisunique AND relname != %s"""
        for index, (domain, columns) in asked.items():
            with self.subTest(index), self.cr.savepoint() as savepoint:
                query = Ticket._search(domain)
                columns = [SQL.identifier(query.table, column) for column in columns]
                # among a few tickets PostgreSQL would read all of them, or take whatever index comes first
                self.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                self.cr.execute(others, [index])
                for (drop,) in self.cr.fetchall():
                    self.cr.execute(drop)
                plan = "\n".join(row for (row,) in self.env.execute_query(SQL("EXPLAIN %s", query.select(*columns))))
                self.assertIn(index, plan)
                if index.endswith("open_index"):
                    self.assertIn("Index Only Scan", plan)
                savepoint.rollback()

    def batch(self, size, **values):
        return self.queries(
            lambda: self.env["helpdesk_lite.ticket"].create(
                [{"name": str(i), "team_id": self.team.id, **values} for i in range(size)]
            )
        )

    @users("hl_agent")
    def test_single_ticket(self):
        """One ticket of a customer: for its author, for a colleague who is notified, and assigned automatically."""
        colleague = self.manager
        values = {"description": "<p>The shade is broken.</p>", "partner_id": self.customer.id}
        self.assertLessEqual(self.batch(1, user_id=self.agent.id, **values), 16)
        self.assertLessEqual(self.batch(1, user_id=colleague.id, **values), 44)
        self.team.sudo().write({"member_ids": [Command.set(colleague.ids)], "auto_assignment": True})
        self.assertLessEqual(self.batch(1, **values), 56)

    @users("hl_agent")
    def test_batch_without_customer_and_assignee(self):
        self.assertLessEqual(self.batch(50), 60)

    @users("hl_agent")
    def test_batch_with_customers(self):
        customers = self.env["res.partner"].sudo().create([{"name": f"C{i}", "email": f"c{i}@test.example"} for i in range(50)])
        count = self.queries(
            lambda: self.env["helpdesk_lite.ticket"].create(
                [{"name": partner.name, "team_id": self.team.id, "partner_id": partner.id} for partner in customers]
            )
        )
        self.assertLessEqual(count, 120)
        self.assertLessEqual(self.batch(50, partner_id=customers[0].id), self.batch(10, partner_id=customers[0].id) + 5)

    @users("hl_agent")
    def test_batch_is_assigned_in_few_statements(self):
        # one member, so that the number of notified people is the same with and without assignment
        self.team.sudo().member_ids = self.agent
        by_hand = {size: self.batch(size, user_id=self.agent.id) for size in (10, 50)}
        self.team.sudo().auto_assignment = True
        for method in ("equal_total", "equal_open"):
            self.team.sudo().assign_method = method
            more = {size: self.batch(size) - by_hand[size] for size in (10, 50)}
            self.assertEqual(more[10], more[50], "as many for 50 tickets as for 10")
            self.assertLessEqual(more[50], 20)

    @users("hl_agent")
    def test_what_the_event_log_costs(self):
        """A batch, a write and a message: one statement, one, and five, of which two measure how long the answer took."""
        Ticket = self.env["helpdesk_lite.ticket"]
        tickets = Ticket.create([{"name": str(i), "team_id": self.team.id} for i in range(50)])
        tickets.sudo().message_subscribe(self.employee.partner_id.ids)
        calls = {
            "batch": (lambda: Ticket.create([{"name": str(i), "team_id": self.team.id} for i in range(50)]), 1),
            "write": (lambda: tickets.write({"priority": "1" if tickets[0].priority == "0" else "0"}), 1),
            "message": (lambda: tickets[0].message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment"), 5),
        }
        log = type(Ticket)._log_events
        for name, (call, limit) in calls.items():
            with self.subTest(name):
                counted = []

                def count(ticket, events, counted=counted, **kwargs):
                    before = self.cr.sql_log_count
                    log(ticket, events, **kwargs)
                    counted.append(self.cr.sql_log_count - before)

                self.patch(type(Ticket), "_log_events", count)
                with_log = self.queries(call)
                self.patch(type(Ticket), "_log_events", lambda *_args, **_kwargs: None)
                self.assertLessEqual(with_log - self.queries(call), limit)
                self.assertTrue(counted)

    def make_policies(self):
        """Twenty policies with two targets that all apply, as old as nothing else."""
        Sla = self.env["helpdesk_lite.sla"].sudo()
        policies = Sla.create(
            [
                {
                    "name": f"Policy {number}",
                    "target_ids": [
                        Command.create({"kind": kind, "minutes_low": 60 + number, "minutes_medium": 30})
                        for kind in ("first_response", "resolution")
                    ],
                }
                for number in range(20)
            ]
        )
        policies.versions = False
        self.env.registry.clear_cache()
        return policies

    @users("hl_agent")
    def test_what_policies_cost(self):
        """With 20 policies: a batch, a write and a message two statements each, the kanban none, the dashboard three."""
        Ticket, Team = self.env["helpdesk_lite.ticket"], self.env["helpdesk_lite.team"]
        tickets = Ticket.create([{"name": str(i), "team_id": self.team.id} for i in range(50)])
        tickets.sudo().message_subscribe(self.employee.partner_id.ids)
        calls = {
            "batch": (lambda: Ticket.create([{"name": str(i), "team_id": self.team.id} for i in range(50)]), 3),
            "write": (lambda: tickets.write({"priority": "1" if tickets[0].priority == "0" else "0"}), 3),
            "message": (lambda: tickets[0].message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment"), 5),
            "kanban": (lambda: Ticket.web_search_read([], KANBAN, limit=80), 0),
            "dashboard": (lambda: Team.web_search_read([], CARD, limit=20), 3),
        }
        without = {name: self.queries(call) for name, (call, _limit) in calls.items()}
        self.make_policies()
        for name, (call, limit) in calls.items():
            with self.subTest(name):
                self.assertLessEqual(self.queries(call) - without[name], limit)
        self.env.invalidate_all()
        self.assertEqual(tickets[1].sla_state, "running", "they do apply")
        self.assertEqual(len(tickets[1].sla_status_ids), 20, "an employee's ticket awaits no first response yet")

    def test_new_deadlines_after_a_change_of_calendar(self):
        """Two statements for a batch of open tickets, whatever its size."""
        self.make_policies()
        tickets = self.env["helpdesk_lite.ticket"].create([{"name": str(i), "team_id": self.team.id} for i in range(200)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE helpdesk_lite_event SET date = date - interval '1 day'")
        counts = {}
        for size in (10, 200):
            before = self.cr.sql_log_count
            changed = tickets[:size]._write_sla(correct=True)
            counts[size] = self.cr.sql_log_count - before
            self.assertTrue(changed)
            self.env.cr.execute("UPDATE helpdesk_lite_event SET date = date - interval '1 day'")
        self.assertLessEqual(counts[200], 3)
        self.assertEqual(counts[10], counts[200])
