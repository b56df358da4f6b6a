"""Mails per second: ``./dev bench throughput [--mails N] [--json]``.

Mails to a team with and without automatic assignment, beside mails to a ``project.task`` alias whose first stage sends an
acknowledgement too; with 1, 2 and 4 processes that receive at the same time. Runs are interleaved, figures are medians, and
PostgreSQL writes each commit to the disk, as in production. The statements of one mail are counted first.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

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
ROUNDS, WARM_UP = 3, 5
PREPARE = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({"name": "bench.example"})
users = env["res.users"].with_context(no_reset_password=True).create([
    {"name": f"Agent {number}", "login": f"bench_agent_{number}", "email": f"agent{number}@bench.example",
     "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]} for number in range(5)])
Team = env["helpdesk_lite.team"]
Team.create({"name": "Care", "alias_name": "care", "alias_domain_id": domain.id})
Team.create({"name": "Turns", "alias_name": "turns", "alias_domain_id": domain.id, "auto_assignment": True,
             "member_ids": users.ids})
template = env["mail.template"].create({
    "name": "Received", "model_id": env["ir.model"]._get_id("project.task"), "subject": "We got it", "use_default_to": True,
    "body_html": "<p>Hello, we received your request.</p>"})
stage = env["project.task.type"].create({"name": "New", "mail_template_id": template.id})
env["project.project"].create({"name": "Tasks", "alias_name": "tasks", "alias_domain_id": domain.id,
                               "privacy_visibility": "portal", "type_ids": stage.ids})
"""


def main():
    parser = argparse.ArgumentParser(prog="./dev bench throughput")
    parser.add_argument("--mails", type=int, default=60, help="of each process")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(count_statements()))
        return
    with own_database(Setup.from_environment(), durable=True) as (setup, database):
        workers = Workers(setup.environment(), database, logs() / f"{database}-bench.log")
        try:
            assert workers.run("execute", PREPARE) == 0, workers.log.read_text()
            inside = subprocess.run(
                [sys.executable, __file__, "--inside"],
                env=setup.environment() | {"HELPDESK_LITE_DATABASE": database},
                stdout=subprocess.PIPE,
                check=True,
            )
            figures = json.loads(inside.stdout.splitlines()[-1]) | measure(workers, options.mails)
        finally:
            workers.close()
    for name, value in figures.items():
        print(f"{name:<72} {value:>10}")
    if options.json:
        print(json.dumps(figures))


def count_statements():
    from devtools.odoo_env import odoo_env

    figures = {}
    with odoo_env() as env:
        counter = Counter()
        for case, (way, address) in CASES.items():
            found = []
            for number in range(WARM_UP + ROUNDS):
                before = counter.statements
                process_mail(env, way, plain_mail(address, f"count{address[0]}{number}"))
                found.append(counter.statements - before)
            aim = f" (aim {AIMS[case][0]})" if case in AIMS else ""
            figures[f"{case}: statements{aim}"] = statistics.median(found[WARM_UP:])
    return figures


def measure(workers, mails):
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for processes in (1, 2, 4):
            rates = {case: [] for case in CASES}
            for number in range(ROUNDS):
                for case, (way, address) in CASES.items():
                    labels = [f"{processes}-{number}-{address[:2]}-{one}" for one in range(processes)]
                    results = [os.path.join(folder, label) for label in labels]
                    pids = [
                        workers.start("measure", way, address, label, mails, result)
                        for label, result in zip(labels, results, strict=True)
                    ]
                    assert [workers.wait(pid) for pid in pids] == [0] * processes, workers.log.read_text()[-3000:]
                    times = [json.loads(Path(result).read_text()) for result in results]
                    spent = max(end for _begin, end in times) - min(begin for begin, _end in times)
                    rates[case].append(processes * mails / spent)
            medians = {case: statistics.median(found) for case, found in rates.items()}
            for case, rate in medians.items():
                figures[f"{case}: mails per second, {processes} processes"] = round(rate, 1)
            for case, (_statements, aim) in AIMS.items():
                share = medians[case] / medians["project.task"]
                figures[f"{case}: of project.task, {processes} processes (aim {aim})"] = round(share, 2)
    return figures


if __name__ == "__main__":
    main()
