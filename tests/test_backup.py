"""A backup by the command of the manual, restored under another name, and as a neutral copy."""

import subprocess
from contextlib import contextmanager

import pytest

from devtools import databases
from devtools.setup import Setup
from devtools.state import Lock, logs

FILL = """
team = env["helpdesk_lite.team"].create({"name": "Care", "alias_name": "care", "privacy_visibility": "public",
                                         "use_website_form": True})
ticket = env["helpdesk_lite.ticket"].create({"name": "Lamp", "team_id": team.id, "partner_email": "zoe@quill.example"})
ticket._portal_ensure_token()
env["ir.attachment"].create({"name": "plan.txt", "raw": b"the plan " * 1000, "res_model": ticket._name, "res_id": ticket.id})
mail = b"From: zoe@quill.example\\r\\nTo: care@helpdesk.example\\r\\nSubject: Dark\\r\\n\\r\\nDark."
env["helpdesk_lite.mail"]._keep(mail, {})
env["ir.mail_server"].create({"name": "Real", "smtp_host": "smtp.real.example"})
env.cr.commit()
"""
TICKET = """
ticket = env["helpdesk_lite.ticket"].search([("name", "=", "Lamp")])
"""
CHECK = f"""{TICKET}
file = env["ir.attachment"].search([("res_model", "=", ticket._name), ("res_id", "=", ticket.id)])
assert file.raw == b"the plan " * 1000
assert env["helpdesk_lite.mail"].search([])._get_source().endswith(b"Dark.")
# and it goes on: numbers continue, and the next ticket is made
another = env["helpdesk_lite.ticket"].create({{"name": "Next", "team_id": ticket.team_id.id}})
assert another.number > ticket.number
"""
REAL = """
assert ticket.access_token and ticket.team_id.use_website_form
assert env["ir.cron"].search([("cron_name", "like", "Helpdesk")])
"""
NEUTRAL = """
assert not ticket.access_token and not ticket.team_id.use_website_form
assert not env["helpdesk_lite.mail"].search([]).next_try
assert not env["ir.cron"].search([("cron_name", "like", "Helpdesk")])
assert not env["ir.mail_server"].search([("name", "=", "Real")])
"""


@pytest.fixture(scope="module")
def setup():
    return Setup.from_environment()


@pytest.fixture(scope="module")
def original(setup, tmp_path_factory):
    """A database in use, and its backup."""
    with databases.temporary(setup) as name:
        databases.run_script(setup, name, FILL, logs() / f"filled-{name}.log")
        file = tmp_path_factory.mktemp("backup") / "helpdesk.zip"
        odoo(setup, "db", "dump", name, file)
        yield name, file


def odoo(setup, *arguments):
    done = subprocess.run(setup.odoo_command(*arguments), env=setup.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def removed_at_the_end(setup, name):
    # as databases.temporary does, or another ./dev would take it for one that a killed process left behind
    held = Lock(f"db-{name}")
    held.acquire()
    try:
        yield name
    finally:
        databases.drop(setup, name)
        held.path.unlink(missing_ok=True)
        held.release()


def test_a_backup_is_restored_under_another_name_and_neutralized_later(setup, original):
    name, file = original
    with removed_at_the_end(setup, f"{name}_again") as again:
        odoo(setup, "db", "load", again, file)
        databases.run_script(setup, again, CHECK + REAL, logs() / f"{again}.log")
        odoo(setup, "neutralize", "-d", again)
        databases.run_script(setup, again, TICKET + NEUTRAL, logs() / f"{again}.log")


def test_a_backup_becomes_a_neutral_copy(setup, original):
    name, file = original
    with removed_at_the_end(setup, f"{name}_copy") as copy:
        odoo(setup, "db", "load", "--neutralize", copy, file)
        databases.run_script(setup, copy, CHECK + NEUTRAL, logs() / f"{copy}.log")
