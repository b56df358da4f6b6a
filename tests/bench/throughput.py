"""What writing costs: ``./dev bench throughput [--mails N] [--only mails|requests|records] [--json]``.

Mails to a team with and without automatic assignment, beside mails to a ``project.task`` alias whose first stage sends an
acknowledgement too; with 1, 2 and 4 processes that receive at the same time. Runs are interleaved, figures are medians, and
PostgreSQL writes each commit to the disk, as in production. The statements of one mail are counted first.

Then requests in as many processes, without a network: answers of customers in the portal and lists of 80 that agents read,
beside the same of ``project.task``, and the public form, which is read and sent, with and without automatic assignment.

Then, in one database with OCA's ``helpdesk_mgmt`` 19.0 from PyPI: a ticket of a customer that an agent creates for themselves
and one that is assigned automatically, beside one that is given by hand, and a selection that is closed. A case begins with
empty caches and ends with what Odoo does before it commits, the lines about changes and mails included; nothing is sent.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _peer import run_with_peer

from devtools.setup import Setup
from devtools.state import logs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_workers import Counter, Workers, plain_mail, process_mail
from own_postgres import own_database

CASES = {
    "a ticket": ("ours", "care@bench.example"),
    "a ticket that is assigned": ("ours", "turns@bench.example"),
    "project.task": ("standard", "tasks@bench.example"),
}
AIMS = {"a ticket": (70, 0.9), "a ticket that is assigned": (90, 0.8)}
# what is asked: the method of ``_requests.py``, the model, and who asks
TICKET, TASK = "helpdesk_lite.ticket", "project.task"
REQUESTS = {
    "an answer in the portal": ("answer", TICKET, "bench_customer"),
    "an answer in the portal, project.task": ("answer", TASK, "bench_customer"),
    "a list of 80": ("list", TICKET, "bench_agent_0"),
    "a list of 80, project.task": ("list", TASK, "bench_agent_0"),
    "the public form": ("post", "care", None),
    "the public form, assigned": ("post", "turns", None),
}
COMPARED = ("an answer in the portal", "a list of 80")
PROCESSES = (1, 2, 4)
ROUNDS, WARM_UP = 3, 5
PREPARE = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({"name": "bench.example"})
users = env["res.users"].with_context(no_reset_password=True).create([
    {"name": f"Agent {number}", "login": f"bench_agent_{number}", "email": f"agent{number}@bench.example",
     "password": f"bench_agent_{number}",
     "group_ids": [(6, 0, [env.ref("helpdesk_lite.group_user").id, env.ref("project.group_project_user").id])]}
    for number in range(5)])
Team = env["helpdesk_lite.team"]
care = Team.create({"name": "Care", "alias_name": "care", "alias_domain_id": domain.id, "privacy_visibility": "public",
                    "use_website_form": True})
Team.create({"name": "Turns", "alias_name": "turns", "alias_domain_id": domain.id, "auto_assignment": True,
             "privacy_visibility": "public", "use_website_form": True, "member_ids": users.ids})
template = env["mail.template"].create({
    "name": "Received", "model_id": env["ir.model"]._get_id("project.task"), "subject": "We got it", "use_default_to": True,
    "body_html": "<p>Hello, we received your request.</p>"})
stage = env["project.task.type"].create({"name": "New", "mail_template_id": template.id})
project = env["project.project"].create({"name": "Tasks", "alias_name": "tasks", "alias_domain_id": domain.id,
                               "privacy_visibility": "portal", "type_ids": stage.ids})
customer = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Zoe Quill", "login": "bench_customer", "password": "bench_customer", "email": "zoe@quill.example",
    "group_ids": [(6, 0, env.ref("base.group_portal").ids)]}).partner_id
env["helpdesk_lite.ticket"].create(
    [{"name": "Bench", "team_id": care.id, "partner_id": customer.id, "user_id": users[0].id}] * 4)
env["helpdesk_lite.ticket"].create([{"name": "Lamp", "team_id": care.id}] * 200)
tasks = env["project.task"].create([{"name": "Bench", "project_id": project.id, "partner_id": customer.id,
                                     "user_ids": users[0].ids}] * 4)
tasks.message_subscribe(customer.ids)
env["project.task"].create([{"name": "Lamp", "project_id": project.id}] * 200)
"""
PEER = ("odoo-addon-helpdesk-mgmt==19.0.*",)
CREATIONS, CLOSINGS, CLOSED = 20, 3, 500


def main():
    parser = argparse.ArgumentParser(prog="./dev bench throughput")
    parser.add_argument("--mails", type=int, default=60, help="of each process")
    parser.add_argument("--only", choices=("mails", "requests", "records"))
    parser.add_argument("--inside", choices=("mails", "records"), help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(count_statements() if options.inside == "mails" else measure_records()))
        return
    figures = {}
    if options.only != "records":
        figures |= measure_processes(options.mails, options.only)
    if options.only in (None, "records"):
        figures |= run_with_peer(PEER, "helpdesk_lite,helpdesk_mgmt,project", __file__, "--inside", "records")
    for name, value in figures.items():
        print(f"{name:<72} {value:>10}")
    if options.json:
        print(json.dumps(figures))


# MAILS


def measure_processes(count, only):
    """What processes do at the same time, each ``count`` times."""
    with own_database(Setup.from_environment(), durable=True) as (setup, database):
        workers = Workers(setup.environment(), database, logs() / f"{database}-bench.log")
        try:
            assert workers.run("execute", PREPARE) == 0, workers.log.read_text()
            figures = {}
            if only != "requests":
                inside = subprocess.run(
                    [sys.executable, __file__, "--inside", "mails"],
                    env=setup.environment() | {"HELPDESK_LITE_DATABASE": database},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                figures |= json.loads(inside.stdout.splitlines()[-1]) | measure_mails(workers, count)
            if only != "mails":
                figures |= measure_requests(workers, count)
            return figures
        finally:
            workers.close()


def count_statements():
    from devtools.odoo_env import odoo_env

    figures = {}
    with odoo_env() as env:
        counter = Counter()
        for case, (way, address) in CASES.items():
            found = []
            for number in range(WARM_UP + ROUNDS):
                before = counter.statements
                process_mail(env, way, plain_mail(address, f"count{address[:2]}{number}"))
                found.append(counter.statements - before)
            aim = f" (aim {AIMS[case][0]})" if case in AIMS else ""
            figures[f"{case}: statements{aim}"] = statistics.median(found[WARM_UP:])
    return figures


def measure_mails(workers, count):
    def start(case, processes, number, one, result):
        way, address = CASES[case]
        return workers.start("measure", way, address, f"{processes}-{number}-{address[:2]}-{one}", count, result)

    figures = {}
    for processes in PROCESSES:
        medians = measure(workers, CASES, processes, count, start)
        for case, rate in medians.items():
            figures[f"{case}: mails per second, {processes} processes"] = round(rate, 1)
        for case, (_statements, aim) in AIMS.items():
            share = medians[case] / medians["project.task"]
            figures[f"{case}: of project.task, {processes} processes (aim {aim})"] = round(share, 2)
    return figures


def measure_requests(workers, count):
    folder = str(Path(__file__).resolve().parent)

    def start(case, _processes, _number, one, result):
        arguments = (*REQUESTS[case], one, count, result)
        return workers.start(
            "execute", f"import sys; sys.path.insert(0, {folder!r}); import _requests; _requests.measure(env, *{arguments!r})"
        )

    figures = {}
    for processes in PROCESSES:
        medians = measure(workers, REQUESTS, processes, count, start)
        for case, rate in medians.items():
            figures[f"{case}: per second, {processes} processes"] = round(rate, 1)
        for case in COMPARED:
            share = medians[case] / medians[f"{case}, project.task"]
            figures[f"{case}: of project.task, {processes} processes"] = round(share, 2)
    return figures


def measure(workers, cases, processes, count, start):
    """The rates of cases in some processes at once, in turn.

    :param start: function that starts one process, and returns its number: of the case, how many processes there are, the
        round, the number of the process, and the file for its times
    :return: dict of case to the median of how many a second
    """
    rates = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            for case in cases:
                results = [os.path.join(folder, str(one)) for one in range(processes)]
                pids = [start(case, processes, number, one, result) for one, result in enumerate(results)]
                assert [workers.wait(pid) for pid in pids] == [0] * processes, workers.log.read_text()[-3000:]
                times = [json.loads(Path(result).read_text()) for result in results]
                spent = max(end for _begin, end in times) - min(begin for begin, _end in times)
                rates[case].append(processes * count / spent)
    return {case: statistics.median(found) for case, found in rates.items()}


# RECORDS


def measure_records():
    from devtools.odoo_env import odoo_env

    with odoo_env() as env:
        return Records(env).run()


class Records:
    """Tickets of ours and of OCA and tasks, created and closed as the same agent in turn."""

    def __init__(self, env):
        env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
        groups = [
            "helpdesk_lite.group_user",
            "helpdesk_mgmt.group_helpdesk_manager",
            "project.group_project_manager",
            "base.group_user",
        ]
        self.users = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "name": f"Agent {number}",
                        "login": f"bench_agent_{number}",
                        "email": f"agent{number}@bench.example",
                        "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
                    }
                    for number in range(5)
                ]
            )
        )
        self.customer = env["res.partner"].create({"name": "Zoe Quill", "email": "zoe@quill.example"})
        stages = env["helpdesk_lite.stage"].create([{"name": "New"}, {"name": "Done", "fold": True}])
        teams = env["helpdesk_lite.team"].create(
            [
                {"name": name, "member_ids": self.users.ids, "stage_ids": stages.ids, "auto_assignment": auto}
                for name, auto in (("Care", False), ("Turns", True))
            ]
        )
        peer_team = env["helpdesk.ticket.team"].create({"name": "Care", "user_ids": [(6, 0, self.users.ids)]})
        peer_stages = env["helpdesk.ticket.stage"].create([{"name": "New"}, {"name": "Done", "closed": True}])
        peer_stages.team_ids = peer_team
        task_stages = env["project.task.type"].create([{"name": "New"}, {"name": "Done", "fold": True}])
        project = project = env["project.project"].create({"name": "Tasks", "type_ids": task_stages.ids})
        env.cr.commit()
        # as the web client does it: a user with their rights
        self.env = env(user=self.users[0].id, su=False)
        agent, other = self.users[:2].ids
        values = {"name": "Lamp", "description": "<p>The shade is broken.</p>", "partner_id": self.customer.id}
        ours, theirs = {"team_id": teams[0].id}, {"team_id": peer_team.id, "stage_id": peer_stages[0].id}
        tasks = {"project_id": project.id, "stage_id": task_stages[0].id}
        self.creations = {
            "create, ours": ("helpdesk_lite.ticket", {**values, **ours, "user_id": agent}),
            "create, OCA": ("helpdesk.ticket", {**values, **theirs, "user_id": agent}),
            "create, project.task": ("project.task", {**values, **tasks, "user_ids": [(6, 0, [agent])]}),
            "create assigned automatically, ours": ("helpdesk_lite.ticket", {**values, "team_id": teams[1].id}),
            "create given to a colleague, ours": ("helpdesk_lite.ticket", {**values, **ours, "user_id": other}),
            "create given to a colleague, OCA": ("helpdesk.ticket", {**values, **theirs, "user_id": other}),
            "create given to a colleague, project.task": ("project.task", {**values, **tasks, "user_ids": [(6, 0, [other])]}),
        }
        self.closings = {
            f"close {CLOSED}, ours": ("helpdesk_lite.ticket", {**values, **ours}, stages[1]),
            f"close {CLOSED}, OCA": ("helpdesk.ticket", {**values, **theirs}, peer_stages[1]),
        }

    def run(self):
        creations = {name: lambda case=case: self.env[case[0]].create(dict(case[1])) for name, case in self.creations.items()}
        figures = self.measure(creations, CREATIONS)
        closings = {}
        for name, (model, values, closed) in self.closings.items():
            tickets = self.env[model].create([dict(values) for _number in range(CLOSED)])
            closings[name] = lambda tickets=tickets, closed=closed: tickets.write({"stage_id": closed.id})
        self.env.cr.commit()
        figures |= self.measure(closings, CLOSINGS)
        figures["creates a second, assigned automatically (aim 20)"] = round(
            1000 / figures["create assigned automatically, ours: ms"], 1
        )
        for name, aim in ((f"close {CLOSED}", 1.0), ("create", 1.0), ("create given to a colleague", 1.0)):
            ratio = figures[f"{name}, ours: ms"] / figures[f"{name}, OCA: ms"]
            figures[f"{name}, ours of OCA (aim {aim})"] = round(ratio, 2)
        return figures

    def measure(self, cases, rounds):
        """Medians of the milliseconds and statements of cases that alternate, each undone."""
        seconds = {name: [] for name in cases}
        statements = {name: [] for name in cases}
        cr = self.env.cr
        for _round in range(1 + rounds):
            for name, call in cases.items():
                self.env.invalidate_all()
                before, begun = cr.sql_log_count, time.perf_counter()
                call()
                cr.flush()
                seconds[name].append(time.perf_counter() - begun)
                statements[name].append(cr.sql_log_count - before)
                cr.rollback()
        figures = {}
        for name in cases:
            # the first round fills Odoo's caches
            figures[f"{name}: ms"] = round(1000 * statistics.median(seconds[name][1:]), 1)
            figures[f"{name}: statements"] = statistics.median(statements[name][1:])
        return figures


if __name__ == "__main__":
    main()
