"""Importing tickets through Odoo's import screen, against importing as many tasks of a project in the same run.

    ./dev bench importing [--rows N] [--json]

Both files have the same columns: subject, text, team or project, stage, customer, assignee, priority, dates and tags. They
are imported as a browser does it, in batches of 2,000 rows without history, by an administrator with their own rights.
The target is half the time of the tasks.
"""

import argparse
import csv
import io
import json
import time
from datetime import datetime, timedelta

from devtools.odoo_env import odoo_env

BATCH = 2000
TARGET = 2
CUSTOMERS, AGENTS = 500, 10
MODELS = {"helpdesk_lite.ticket": "helpdesk_lite.group_manager", "project.task": "project.group_project_manager"}
OPTIONS = {
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "has_headers": True,
    "datetime_format": "%Y-%m-%d %H:%M:%S",
    "date_format": "%Y-%m-%d",
    "fallback_values": {},
    "import_skip_records": [],
    "import_set_empty_fields": [],
}


class World:
    """A team and a project with the same people, and one person who imports for each of them."""

    def __init__(self, env):
        from odoo.fields import Command
        from odoo.tests import new_test_user

        env = env(context={"no_reset_password": True})
        self.env = env
        self.people = {
            model: new_test_user(env, model, f"{group},base.group_partner_manager") for model, group in MODELS.items()
        }
        self.agents = [
            new_test_user(env, f"agent{n}", "helpdesk_lite.group_user,project.group_project_user", name=f"Agent {n}")
            for n in range(AGENTS)
        ]
        stages = [{"name": name, "fold": fold} for name, fold in (("Start", False), ("Doing", False), ("Finished", True))]
        members = [Command.set([agent.id for agent in self.agents])]
        env["helpdesk_lite.team"].create(
            {
                "name": "Bench",
                "privacy_visibility": "public",
                "stage_ids": [Command.create(s) for s in stages],
                "member_ids": members,
            }
        )
        project = env["project.project"].create({"name": "Bench", "privacy_visibility": "portal"})
        env["project.task.type"].create([{**stage, "project_ids": [Command.set(project.ids)]} for stage in stages])
        self.customers = env["res.partner"].create(
            [{"name": f"Customer {n}", "email": f"c{n}@bench.example"} for n in range(CUSTOMERS)]
        )
        env["helpdesk_lite.tag"].create([{"name": "Lamp"}, {"name": "Desk"}])
        env["project.tags"].create([{"name": "Lamp"}, {"name": "Desk"}])
        env.cr.commit()

    def content(self, model, rows):
        """A file for a model, and the fields of its columns."""
        task = model == "project.task"
        fields = {
            "name": lambda n: f"Request {n}",
            "description": lambda n: f"Hello,\nplease look at order {n}.\n\nThank you",
            "project_id" if task else "team_id": lambda _n: "Bench",
            "stage_id": lambda n: ("Start", "Doing", "Finished")[n % 3],
            # a task's customer is found by name; the tickets' by address
            "partner_id" if task else "partner_email": lambda n: (
                f"Customer {n % CUSTOMERS}" if task else f"c{n % CUSTOMERS}@bench.example"
            ),
            "user_ids" if task else "user_id": lambda n: f"Agent {n % AGENTS}",
            "priority": lambda n: ("Low", "High")[n % 2] if not task else ("Low priority", "High priority")[n % 2],
            "date_deadline" if task else "opened_on": lambda n: str(datetime(2023, 1, 1) + timedelta(minutes=37 * n)),
            "tag_ids": lambda n: ("Lamp", "Desk", "Lamp,Desk")[n % 3],
        }
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(fields)
        writer.writerows([make(n) for make in fields.values()] for n in range(rows))
        return file.getvalue().encode(), list(fields)

    def measure(self, model, rows):
        """Import a file and throw the records away.

        :return: tuple (seconds, statements)
        """
        content, fields = self.content(model, rows)
        env = self.env(user=self.people[model].id, su=False, context={"tracking_disable": True, "lang": "en_US"})
        wizard = env["base_import.import"].create(
            {"res_model": model, "file": content, "file_name": "x.csv", "file_type": "text/csv"}
        )
        env.flush_all()
        started, before, skip, made = time.perf_counter(), env.cr.sql_log_count, 0, 0
        while True:
            answer = wizard.execute_import(fields, fields, {**OPTIONS, "limit": BATCH, "skip": skip})
            assert not answer["messages"], answer["messages"][:3]
            env.flush_all()
            env.invalidate_all()
            made += len(answer["ids"])
            skip = answer["nextrow"]
            if not skip:
                break
        figures = time.perf_counter() - started, env.cr.sql_log_count - before
        assert made == rows, (made, rows)
        env.cr.rollback()
        return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        if env["ir.module.module"].search([("name", "=", "project"), ("state", "!=", "installed")]):
            env["ir.module.module"].search([("name", "=", "project")]).button_immediate_install()
            from odoo.api import Environment
            from odoo.modules.registry import Registry

            env = Environment(Registry(env.cr.dbname).cursor(), 1, {})
        world = World(env)
        for model in MODELS:
            world.measure(model, 50)  # caches of the registry
        figures = {model: world.measure(model, options.rows) for model in MODELS}
    ours, theirs = figures["helpdesk_lite.ticket"], figures["project.task"]
    print(f"{options.rows} rows in batches of {BATCH}     seconds   rows a second   statements")
    for model, (seconds, statements) in figures.items():
        print(f"{model:<30}{seconds:>10.1f}{options.rows / seconds:>16.0f}{statements:>13}")
    ratio = theirs[0] / ours[0]
    print(f"{ratio:.1f} times as fast; target ({TARGET}): " + ("met" if ratio >= TARGET else "NOT met"))
    if options.json:
        print(
            json.dumps(
                {
                    "rows": options.rows,
                    "seconds": {model: round(seconds, 2) for model, (seconds, _n) in figures.items()},
                    "statements": {model: statements for model, (_s, statements) in figures.items()},
                    "ratio": round(ratio, 2),
                    "met": ratio >= TARGET,
                }
            )
        )


if __name__ == "__main__":
    main()
