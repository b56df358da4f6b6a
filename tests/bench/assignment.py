"""The cost of automatic assignment: ``./dev bench assignment [--tickets N] [--json]``.

It measures tickets with and without assignment, by method, with few and with ``--tickets`` closed tickets in
the team, and for comparison CRM's lead assignment and the creation of project tasks. No mails are
sent, because all members use the inbox.
"""

import argparse
import json
import statistics
import time

from devtools.odoo_env import odoo_env

ROUNDS = 60
BATCH = 50


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=1_000_000, help="closed tickets of the large team")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = Bench(env, options.tickets).run()
    for name, value in figures.items():
        print(f"{name:<58} {value:>12}")
    if options.json:
        print(json.dumps(figures))


class Bench:
    def __init__(self, env, closed):
        self.env, self.closed = env(context={**env.context, "no_reset_password": True}), closed
        self.figures = {}

    def run(self):
        self.install_crm()
        env = self.env
        calendar = env["resource.calendar"].create(
            {
                "name": "Always",
                "tz": "UTC",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24, "day_period": "morning"})
                    for day in range(7)
                ],
            }
        )
        self.agents = env["res.users"].create(
            [
                {
                    "name": f"Agent {i}",
                    "login": f"agent{i}",
                    "notification_type": "inbox",
                    "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)],
                }
                for i in range(1, 11)
            ]
        )
        env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "resource_calendar_id": calendar.id, "tz": "UTC"}
                for user in self.agents[:8]
            ]
        )
        values = {"member_ids": self.agents.ids, "resource_calendar_id": calendar.id}
        self.small, self.large = env["helpdesk_lite.team"].create([{"name": name, **values} for name in ("Small", "Large")])
        self.fill(self.small, 100)
        self.fill(self.large, self.closed)
        env.cr.commit()
        env.cr.execute("ANALYZE helpdesk_lite_ticket")
        env.cr.commit()
        self.compare_mails()
        self.compare_tickets()
        self.compare_batches()
        self.compare_others()
        return self.figures

    def install_crm(self):
        """Install CRM, which is not a dependency of ours, in the bench's own database."""
        crm = self.env["ir.module.module"].search([("name", "=", "crm")])
        if crm.state != "installed":
            crm.button_immediate_install()
            from odoo.api import Environment
            from odoo.modules.registry import Registry

            self.env = Environment(Registry(self.env.cr.dbname).cursor(), 1, {"no_reset_password": True})

    def fill(self, team, count):
        """Insert closed tickets directly into the table."""
        solved = self.env.ref("helpdesk_lite.stage_solved")
        self.env.cr.execute(
            """ INSERT INTO helpdesk_lite_ticket (name, number, team_id, company_id, stage_id, is_closed, active, user_id,
                                                  priority, opened_on, create_date, close_date, assign_date)
                SELECT 'Old', 'X' || %s || '-' || n, %s, %s, %s, TRUE, TRUE, (%s::int[])[1 + n %% 10],
                       '0', now(), now(), now(), now()
                  FROM generate_series(1, %s) n
            """,
            [team.id, team.id, team.company_id.id, solved.id, self.agents.ids, count],
        )

    def measure(self, cases, rounds=ROUNDS):
        """Measure the milliseconds and statements of each case, as medians of rounds in which the cases alternate."""
        seconds = {name: [] for name in cases}
        statements = {name: [] for name in cases}
        for _round in range(rounds + 5):
            for name, function in cases.items():
                self.env.flush_all()
                self.env.cr.commit()
                self.env.invalidate_all()
                before, start = self.env.cr.sql_log_count, time.perf_counter()
                function()
                self.env.flush_all()
                seconds[name].append(time.perf_counter() - start)
                statements[name].append(self.env.cr.sql_log_count - before)
                self.env.cr.rollback()
        return {name: (1000 * statistics.median(seconds[name][5:]), statistics.median(statements[name])) for name in cases}

    def create(self, team, method=None, size=1, user=False):
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agents[0])

        def function():
            team.write({"auto_assignment": bool(method), "assign_method": method or "equal_open"})
            self.env.flush_all()
            Ticket.create([{"name": "x", "team_id": team.id, "user_id": user} for _i in range(size)])

        return function

    def compare_tickets(self):
        # the assignee is notified in both cases, because the notification is not a cost of choosing
        cases = {"given by hand": self.create(self.small, user=self.agents[4].id)}
        for method in ("equal_total", "equal_open"):
            cases[f"{method}, 100 closed"] = self.create(self.small, method)
            cases[f"{method}, {self.closed} closed"] = self.create(self.large, method)
        self.report("one bare ticket", self.measure(cases))

    def compare_mails(self):
        """Measure tickets by mail, the usual channel, with their acknowledgements."""
        domain = self.env["mail.alias.domain"].create({"name": "bench.example"})
        self.small.write({"alias_name": "bench", "alias_domain_id": domain.id})
        self.small.alias_id.alias_status = "valid"
        self.env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
        self.env.cr.commit()
        count = iter(range(10**6))

        def receive(method, user=False):
            def function():
                self.small.write({"auto_assignment": bool(method), "assign_method": method or "equal_open"})
                self.small.alias_id.alias_defaults = repr({"team_id": self.small.id, **({"user_id": user} if user else {})})
                self.env.flush_all()
                number = next(count)
                self.env["mail.thread"].message_process(
                    False,
                    (
                        f"From: Zoe <zoe{number}@quill.example>\r\nTo: bench@bench.example\r\nSubject: Lamp\r\n"
                        f"Message-ID: <{number}@quill.example>\r\n\r\nThe shade is broken."
                    ),
                )
                self.env.cr.flush()

            return function

        self.report(
            "one ticket by mail",
            self.measure(
                {
                    "given by hand": receive(None, self.agents[4].id),
                    **{method: receive(method) for method in ("equal_total", "equal_open")},
                },
                rounds=30,
            ),
        )

    def report(self, what, measured):
        base, queries = measured.pop("given by hand")
        self.figures[f"{what}, given by hand: ms"] = round(base, 1)
        for name, (spent, count) in measured.items():
            self.figures[f"{what}, {name}: ms"] = round(spent, 1)
            self.figures[f"{what}, {name}: ratio of time"] = round(spent / base, 3)
            self.figures[f"{what}, {name}: more statements"] = count - queries

    def compare_batches(self):
        users = self.agents.ids * BATCH

        def by_hand():
            self.small.write({"auto_assignment": False, "assign_method": "equal_open"})
            self.env.flush_all()
            self.env["helpdesk_lite.ticket"].with_user(self.agents[0]).create(
                [{"name": "x", "team_id": self.small.id, "user_id": users[i]} for i in range(BATCH)]
            )

        measured = self.measure(
            {
                "by hand": by_hand,
                **{method: self.create(self.small, method, BATCH) for method in ("equal_total", "equal_open")},
            },
            rounds=15,
        )
        base, queries = measured.pop("by hand")
        self.figures[f"batch of {BATCH} given by hand, ms a ticket"] = round(base / BATCH, 2)
        for method, (spent, count) in measured.items():
            self.figures[f"batch by {method}: ratio of time"] = round(spent / base, 3)
            self.figures[f"batch by {method}: more statements a ticket"] = round((count - queries) / BATCH, 2)

    def compare_others(self):
        env = self.env
        project = env["project.project"].create({"name": "P"})
        crm_team = env["crm.team"].create({"name": "T", "assignment_optout": False})
        env["crm.team.member"].create(
            [{"crm_team_id": crm_team.id, "user_id": user.id, "assignment_max": 3000} for user in self.agents]
        )
        env["ir.config_parameter"].set_param("crm.lead.auto.assignment", "True")
        env.cr.commit()

        def lead():
            made = env["crm.lead"].create({"name": "x", "team_id": crm_team.id, "user_id": False, "type": "lead"})
            env.flush_all()
            made._handle_salesmen_assignment(self.agents.ids, team_id=crm_team.id)

        def lead_assignment():
            env["crm.lead"].create({"name": "x", "team_id": crm_team.id, "user_id": False, "type": "lead"})
            env.flush_all()
            crm_team._action_assign_leads(force_quota=True)

        measured = self.measure(
            {
                "helpdesk ticket, equal_open": self.create(self.small, "equal_open"),
                "project.task given by hand": lambda: env["project.task"].create(
                    {"name": "x", "project_id": project.id, "user_ids": [(6, 0, self.agents[4].ids)]}
                ),
                "crm.lead given round robin": lead,
                "crm.lead by lead assignment": lead_assignment,
            },
            rounds=20,
        )
        ours = measured.pop("helpdesk ticket, equal_open")[0]
        for name, (spent, count) in measured.items():
            self.figures[f"{name}: ms"] = round(spent, 1)
            self.figures[f"{name}: statements"] = count
            self.figures[f"{name}: ratio to ours"] = round(spent / ours, 2)


if __name__ == "__main__":
    main()
