"""What the safe intake of mails costs, and what it saves: ``./dev bench mail [--storm] [--mails N] [--kills N] [--json]``.

Without ``--storm``: statements, commits and time of a plain mail against the same by the ``message_process`` of Odoo's own
class. Runs are interleaved, figures are medians, and PostgreSQL writes each commit to the disk, as in production. How many
mails a second that makes is measured by ``throughput``.

With ``--storm``: mails by IMAP, POP and script while processes are killed, and the same against standard Odoo.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from devtools.setup import Setup
from devtools.state import logs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_storm import Helpdesk, Stock, storm
from mail_workers import Counter, Workers, plain_mail, process_mail
from own_postgres import own_database

ROUNDS = 60
WARM_UP = 5
CASES = {
    "ticket, kept first": ("ours", "care@bench.example"),
    "ticket, standard processing": ("standard", "care@bench.example"),
    "project.task, standard processing": ("standard", "tasks@bench.example"),
}
PREPARE = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({"name": "bench.example"})
env["helpdesk_lite.team"].create({"name": "Care", "alias_name": "care", "alias_domain_id": domain.id})
env["project.project"].create({"name": "Tasks", "alias_name": "tasks", "alias_domain_id": domain.id})
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--storm", action="store_true")
    parser.add_argument("--mails", type=int, default=10_000, help="of a storm")
    parser.add_argument("--kills", type=int, default=200, help="of a storm")
    parser.add_argument("--only", choices=("ours", "standard"), help="one side of a storm")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure_one_mail()))
        return
    figures = run_storms(options) if options.storm else measure_speed()
    for name, value in figures.items():
        print(f"{name:<72} {value:>10}")
    if options.json:
        print(json.dumps(figures))


def run_storms(options):
    figures = {}
    for name, world in (("ours", Helpdesk()), ("standard", Stock())):
        if options.only in (None, name):
            done = storm(Setup.from_environment(), world, options.mails, options.kills)
            figures |= {f"{world.name}: {what}": value for what, value in done.figures.items()}
    return figures


def measure_speed():
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
            return json.loads(inside.stdout.splitlines()[-1])
        finally:
            workers.close()


# ONE MAIL


def measure_one_mail():
    from devtools.odoo_env import odoo_env

    with odoo_env() as env:
        counter = Counter()
        seconds = {name: [] for name in CASES}
        statements, commits = {name: [] for name in CASES}, {name: [] for name in CASES}
        for number in range(ROUNDS + WARM_UP):
            for case, (way, address) in CASES.items():
                mail = plain_mail(address, f"one{way}{address[0]}{number}")
                before = counter.statements, counter.commits
                start = time.perf_counter()
                process_mail(env, way, mail)
                seconds[case].append(time.perf_counter() - start)
                statements[case].append(counter.statements - before[0])
                commits[case].append(counter.commits - before[1])
    figures = {}
    for case in CASES:
        figures[f"{case}: ms"] = round(1000 * statistics.median(seconds[case][WARM_UP:]), 1)
        figures[f"{case}: statements"] = statistics.median(statements[case][WARM_UP:])
        figures[f"{case}: commits that write"] = statistics.median(commits[case][WARM_UP:])
    ours, standard, task = CASES
    ratios = [a / b for a, b in zip(seconds[ours][WARM_UP:], seconds[standard][WARM_UP:], strict=True)]
    figures["kept first, of standard processing: ratio of time (aim 1.3)"] = round(statistics.median(ratios), 3)
    for what in ("statements", "commits that write"):
        aim = {"statements": 4, "commits that write": 1}[what]
        figures[f"kept first, beyond standard processing: {what} (aim {aim})"] = (
            figures[f"{ours}: {what}"] - figures[f"{standard}: {what}"]
        )
    figures["kept first, of project.task: ratio of time"] = round(figures[f"{ours}: ms"] / figures[f"{task}: ms"], 3)
    return figures


if __name__ == "__main__":
    main()
