"""Each addon can be installed alone, from its wheel and on a database with only ``base``, and the core works there."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from devtools import databases, project
from devtools.setup import Setup
from devtools.state import logs

# automatic assignment without the Time Off app and without employees
ASSIGN = """
from datetime import datetime, timedelta
from devtools.odoo_env import odoo_env
with odoo_env() as env:
    assert "hr.leave" not in env and "hr.employee" not in env
    agents = env["res.users"].with_context(no_reset_password=True).create([
        {"name": name, "login": name, "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]}
        for name in ("ana", "luis", "mia")])
    team = env["helpdesk_lite.team"].create({
        "name": "Care", "member_ids": agents.ids, "auto_assignment": True, "resource_calendar_id": False})
    # hours that make everybody work at any time, whenever this runs
    calendar = env["resource.calendar"].create({"name": "Always", "tz": "UTC", "attendance_ids": [(5, 0, 0)] + [
        (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24, "day_period": "morning"})
        for day in range(7)]})
    resource = env["resource.resource"].create({
        "name": "Ana", "user_id": agents[0].id, "calendar_id": calendar.id, "company_id": team.company_id.id})
    env["resource.calendar.leaves"].create({
        "name": "Off", "resource_id": resource.id,
        "date_from": datetime.now() - timedelta(days=1), "date_to": datetime.now() + timedelta(days=9)})
    env.cr.commit()
    for method in ("equal_total", "equal_open"):
        team.assign_method = method
        tickets = env["helpdesk_lite.ticket"].create([{"name": str(i), "team_id": team.id} for i in range(10)])
        assert sorted(tickets.mapped("user_id.name")) == ["luis", "mia"], tickets.mapped("user_id.name")
        assert len(tickets.filtered(lambda ticket: ticket.user_id == agents[1])) == 5
        assert "ana is off until" in tickets[0].message_ids[0].body, tickets[0].message_ids.mapped("body")
        env.cr.commit()
    assert not env["helpdesk_lite.assignment"].search([])._find_discrepancies()
    assert [member["label"] for member in team.get_workload_members()][0].startswith("ana is off until")
print("done")
"""


@pytest.fixture(scope="module", params=project.addons())
def alone(request, addons_from_wheels):
    """A database with one of the addons: its name, the setup, the database and the log of the installation."""
    setup = Setup.from_environment()
    with databases.temporary(setup, databases.bare_template) as database:
        log = logs() / f"alone-{request.param}-{database}.log"
        databases.odoo_into(
            setup,
            database,
            "-i",
            request.param,
            "--addons-path",
            ",".join(map(str, (*setup.odoo.addons, addons_from_wheels))),
            title=f"Installing {request.param} alone",
            log=log,
        )
        yield SimpleNamespace(addon=request.param, setup=setup, database=database, log=log)


def test_installs_alone(alone):
    assert databases.trouble(alone.log) == []
    installed = alone.setup.server.query(alone.database, "SELECT name FROM ir_module_module WHERE state = 'installed'")
    assert {name for (name,) in installed} & set(project.addons()) == project.ours_needed_by(alone.addon)


@pytest.mark.parametrize("alone", ["helpdesk_lite"], indirect=True)
def test_time_off_counts_without_the_time_off_app(alone):
    done = subprocess.run(
        [sys.executable, "-c", ASSIGN],
        env=alone.setup.environment() | {"HELPDESK_LITE_DATABASE": alone.database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "done\n", done.stderr
