"""Eight processes write on the same few tickets: no message fails, no event is lost, and the columns and promises are those
of the log.

The suite takes 10 turns each. To take 200, as before a release::

    HELPDESK_LITE_STORM=1 ./dev test tests/test_event_concurrency.py
"""

import json
import os
import select
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from mail_workers import Workers

from devtools import databases
from devtools.patience import PATIENCE
from devtools.setup import Setup
from devtools.state import logs
from devtools.terminal import die_with_parent

WORKER = Path(__file__).with_name("event_worker.py")
KINDS = ("agent", "agent", "note", "portal", "portal", "mail", "mail", "mover")
TURNS = 200 if os.environ.get("HELPDESK_LITE_STORM") else 10
COLUMNS = (
    "waiting_since, first_response_date, last_customer_date, last_agent_date, idle_since, response_count, reopen_count, "
    "sla_state, sla_deadline"
)
PROMISES = "ticket_id, kind, round, state, start_date, deadline, reached_date, worked_minutes, budget_minutes, failed"
PREPARE = """
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
domain = env["mail.alias.domain"].create({"name": "events.example"})
Users = env["res.users"].with_context(no_reset_password=True)
Users.create([
    {"name": f"Agent {i}", "login": f"agent{i}", "email": f"agent{i}@events.example", "notification_type": "inbox",
     "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]} for i in range(1, 9)])
customer = Users.create({"name": "Zoe", "login": "customer", "email": "zoe@quill.example",
                         "group_ids": [(6, 0, env.ref("base.group_portal").ids)]})
team = env["helpdesk_lite.team"].create({"name": "Care", "alias_name": "care", "alias_domain_id": domain.id,
                                         "privacy_visibility": "public", "mail_limit": 100_000})
team.alias_id.alias_status = "valid"
policy = env["helpdesk_lite.sla"].create({"name": "Storm", "around_the_clock": True, "target_ids": [
    (0, 0, {"kind": kind, "minutes_low": 6000, "minutes_medium": 3000})
    for kind in ("first_response", "next_response", "resolution")]})
# older than the tickets
policy.versions = False
tickets = env["helpdesk_lite.ticket"].create(
    [{"name": "Lamp", "team_id": team.id, "partner_id": customer.partner_id.id} for _i in range(2)])
# agents follow from the start: following is a row of its own, which two of their messages could not both add
tickets.message_subscribe(Users.search([("login", "like", "agent")]).partner_id.ids)
# Odoo makes the access link with the first mail to the customer
for ticket in tickets:
    ticket._portal_ensure_token()
"""
REPLAY = """
env["helpdesk_lite.ticket"].search([])._replay_events()
"""


CLOSING_WORLD = """
team = env["helpdesk_lite.team"].search([("name", "=", "Care")])
team.write({"auto_close": True, "auto_close_days": 1, "auto_close_warn_days": 0, "auto_close_only_answered": False,
            "auto_close_spread_days": 0, "auto_close_old_mails": True})
env["helpdesk_lite.ticket"].search([("team_id", "=", team.id)]).active = False
env["helpdesk_lite.ticket"].create(
    [{"name": "Idle", "team_id": team.id, "partner_email": f"c{i}@quill.example"} for i in range(60)])
env.flush_all()
env.cr.execute("UPDATE helpdesk_lite_ticket SET opened_on = opened_on - interval '9 days', "
               "idle_since = NULL WHERE name = 'Idle'")
"""
CLOSE = """
from odoo.addons.helpdesk_lite.models.closing import ticket_closing
# so that all processes find something
ticket_closing.BATCH = 7
env["helpdesk_lite.ticket"]._cron_auto_close()
"""
LATE_WORLD = """
policy = env["helpdesk_lite.sla"].create({"name": "Late", "around_the_clock": True,
    "target_ids": [(0, 0, {"kind": "resolution", "minutes_low": 60})],
    "escalation_ids": [(0, 0, {"minutes": 0, "moment": "after", "action": action})
                       for action in ("activity", "notify_assignee")]})
policy.versions = False
agent = env["res.users"].search([("login", "=", "agent1")])
team = env["helpdesk_lite.team"].search([("name", "=", "Care")])
tickets = env["helpdesk_lite.ticket"].create(
    [{"name": "Late", "team_id": team.id, "user_id": agent.id, "partner_email": f"l{i}@quill.example"} for i in range(60)])
env.flush_all()
env.cr.execute("UPDATE helpdesk_lite_event SET date = date - interval '2 hours' WHERE ticket_id = ANY(%s)", [tickets.ids])
tickets._refresh_sla()
env.cr.execute("UPDATE helpdesk_lite_sla_status SET state = 'running', failed = FALSE, breach_date = NULL, "
               "success_rate = NULL WHERE name = 'Late'")
"""
NOTE_LATE = """
from odoo.service.model import retrying
# as the next run of the scheduled action does
retrying(env["helpdesk_lite.sla.status"]._cron_due, env)
"""
CHANGED_WORLD = """
team = env["helpdesk_lite.team"].create({"name": "Changed"})
policy = env["helpdesk_lite.sla"].create({"name": "Changed", "around_the_clock": True, "team_ids": [(6, 0, team.ids)],
    "target_ids": [(0, 0, {"kind": "resolution", "minutes_low": 600})]})
policy.versions = False
env.registry.clear_cache()
env["helpdesk_lite.ticket"].create({"name": "Changed", "team_id": team.id, "partner_email": "c@quill.example"})
env["helpdesk_lite.sla"]._recompute_later(env.company)
"""
CHANGE = """
policy = env["helpdesk_lite.sla"].search([], order="id desc", limit=1)
policy.target_ids.minutes_low = 1200
policy._apply()
"""
# stands still before a method of a model until something is written to a pipe
STAND = """
Model = type(env[{model!r}])
act = getattr(Model, {name!r})
def stand(self, *args, **kwargs):
    setattr(Model, {name!r}, act)
    with open({stands!r}, "w") as pipe:
        pipe.write("stands")
    with open({goes_on!r}) as pipe:
        pipe.read()
    return act(self, *args, **kwargs)
setattr(Model, {name!r}, stand)
"""
JOB = """
env["helpdesk_lite.sla.queue"]._cron_recompute()
"""


class World:
    """A database, and processes of Odoo on it that run statements."""

    def __init__(self, setup, database, workers):
        self.setup, self.database, self.workers = setup, database, workers
        self.run(PREPARE)
        self.tickets = [int(ticket) for (ticket,) in self.query("SELECT id FROM helpdesk_lite_ticket")]

    def query(self, sql):
        return self.setup.server.query(self.database, sql)

    def run(self, code, processes=1):
        """Run statements in some processes at the same time, which shall all end well."""
        started = [self.workers.start("execute", code) for _number in range(processes)]
        assert [self.workers.wait(pid) for pid in started] == [0] * processes, self.workers.log.read_text()

    def storm(self):
        """Write on the tickets from a process for each of ``KINDS``."""
        return subprocess.run(
            [sys.executable, str(WORKER), json.dumps({"tickets": self.tickets, "turns": TURNS, "kinds": KINDS})],
            env=self.setup.environment() | {"HELPDESK_LITE_DATABASE": self.database},
            check=True,
            capture_output=True,
            text=True,
            preexec_fn=die_with_parent,
        )


@pytest.fixture(scope="module")
def world():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        workers = Workers(setup.environment(), database, logs() / f"{database}-workers.log")
        with closing(workers):
            yield World(setup, database, workers)


def test_no_event_is_lost_and_no_message_fails(world):
    done = world.storm()
    assert json.loads(done.stdout) == [0] * len(KINDS), done.stderr
    assert "Traceback" not in done.stderr, done.stderr

    turns = Counter(KINDS)
    logged = {kind: int(count) for kind, count in world.query("SELECT kind, count(*) FROM helpdesk_lite_event GROUP BY kind")}
    assert logged == {
        "created": len(world.tickets),
        "agent": turns["agent"] * TURNS,
        "note": turns["note"] * TURNS,
        "customer": (turns["portal"] + turns["mail"]) * TURNS,
        "priority": turns["mover"] * TURNS,
    }
    assert world.query("SELECT state, count(*) FROM helpdesk_lite_mail GROUP BY state") == [
        ["done", str(turns["mail"] * TURNS)]
    ]
    columns = f"SELECT id, {COLUMNS} FROM helpdesk_lite_ticket ORDER BY id"
    promises = f"SELECT {PROMISES} FROM helpdesk_lite_sla_status ORDER BY ticket_id, kind, round"
    kept, promised = world.query(columns), world.query(promises)
    # each ticket has the promises of its creation, and further rounds: how many depends on who came before whom
    assert len(promised) > 4 * len(world.tickets)
    world.run(REPLAY)
    assert kept == world.query(columns), "the columns are those of the log"
    assert promised == world.query(promises), "and so are the promises"


def test_two_crons_close_once(world):
    """The scheduled action runs in four processes at once: each ticket is closed once and its customer is told once."""
    world.run(CLOSING_WORLD)
    world.run(CLOSE, processes=4)
    # a batch of which another process has closed a ticket meanwhile is left to the next run
    world.run(CLOSE)
    closed = "SELECT count(*), count(DISTINCT ticket_id) FROM helpdesk_lite_event WHERE kind = 'closed'"
    assert world.query(closed) == [["60", "60"]]
    mails = "SELECT count(*) FROM mail_message WHERE subject LIKE '%We closed your request'"
    assert world.query(mails) == [["60"]]
    assert world.query("SELECT count(*) FROM helpdesk_lite_ticket WHERE name = 'Idle' AND is_closed IS NOT TRUE") == [["0"]]


def test_two_crons_escalate_once(world):
    """The scheduled action runs in four processes at once: each promise is missed once and escalates once."""
    world.run(LATE_WORLD)
    world.run(NOTE_LATE, processes=4)
    missed = "SELECT count(*), count(DISTINCT ticket_id) FROM helpdesk_lite_sla_status WHERE name = 'Late' AND failed"
    assert world.query(missed) == [["60", "60"]]
    activities = "SELECT count(*), count(DISTINCT res_id) FROM mail_activity WHERE summary LIKE 'SLA deadline%'"
    assert world.query(activities) == [["60", "60"]]
    told = """ SELECT sum((length(body) - length(replace(body, '<li>', ''))) / 4) FROM mail_message
                WHERE subject = 'Helpdesk: SLA deadlines' """
    assert world.query(told) == [["60"]]


@pytest.mark.parametrize(
    "place",
    [("helpdesk_lite.ticket", "_write_sla_apart"), ("helpdesk_lite.sla.queue", "_take")],
    ids=["in its first batch", "before it takes the company"],
)
def test_a_change_during_the_job_is_not_lost(world, place, tmp_path):
    """The job has read the policies before they are changed: it comes again, although its company was waiting already."""
    world.run(CHANGED_WORLD)
    promised = """ SELECT budget_minutes FROM helpdesk_lite_sla_status
                    WHERE sla_id = (SELECT max(id) FROM helpdesk_lite_sla) AND active """
    model, name = place
    stands, goes_on = str(tmp_path / "stands"), str(tmp_path / "goes_on")
    for pipe in (stands, goes_on):
        os.mkfifo(pipe)
    job = world.workers.start("execute", STAND.format(model=model, name=name, stands=stands, goes_on=goes_on) + JOB)
    # opened for both, which waits for nobody
    told = os.open(stands, os.O_RDWR)
    assert select.select([told], [], [], PATIENCE)[0], world.workers.log.read_text()
    os.close(told)
    world.run(CHANGE)
    Path(goes_on).write_text("goes on")
    assert world.workers.wait(job) == 0, world.workers.log.read_text()
    assert world.query(promised) == [["600"]], "it knows what was promised when it began"
    world.run(JOB)
    assert world.query(promised) == [["1200"]]
    assert world.query("SELECT count(*) FROM helpdesk_lite_sla_queue") == [["0"]]
