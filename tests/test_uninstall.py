"""What is left of the addons after they were uninstalled: nothing."""

from devtools import databases
from devtools.setup import Setup
from devtools.state import logs

# two companies have a sequence of numbers each; settings are made by people, not by data files
USE = """
env["res.company"].create({"name": "Second"})
team = env["helpdesk_lite.team"].create({"name": "Care", "privacy_visibility": "public"})
env["helpdesk_lite.ticket"].create({"name": "Lamp", "team_id": team.id, "partner_email": "zoe@quill.example"})
env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "7")
env.cr.commit()
"""
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "helpdesk_lite")]).button_immediate_uninstall()
"""
OURS = {
    "sequences of PostgreSQL": "SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'helpdesk%'",
    "tables": "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'helpdesk%'",
    "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'helpdesk%'",
    "sequences": "SELECT name FROM ir_sequence WHERE code LIKE 'helpdesk%'",
    "settings": "SELECT key FROM ir_config_parameter WHERE key LIKE 'helpdesk%'",
    "external ids": "SELECT module, name FROM ir_model_data WHERE module LIKE 'helpdesk%' AND model != 'ir.module.module'",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'helpdesk%'",
    "jobs": "SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'Helpdesk%'",
}
NUMBERED = "SELECT sequencename FROM pg_sequences WHERE sequencename ~ '^ir_sequence_[0-9]+$'"


def test_no_trace_is_left():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:

        def ask(sql):
            return sorted(setup.server.query(database, sql))

        log = logs() / f"uninstall-{database}.log"
        databases.run_script(setup, database, USE, log)
        kept = {number for (number,) in ask("SELECT id FROM ir_sequence WHERE code IS DISTINCT FROM 'helpdesk_lite.ticket'")}
        ours = ask("SELECT id FROM ir_sequence WHERE code = 'helpdesk_lite.ticket'")
        assert len(ours) == 2
        databases.run_script(setup, database, UNINSTALL, log)
        assert not ask("SELECT name FROM ir_module_module WHERE name LIKE 'helpdesk_lite%' AND state != 'uninstalled'")
        left = {what: rows for what, sql in OURS.items() if (rows := ask(sql))}
        assert not left, left
        numbered = {str(int(name.rpartition("_")[2])) for (name,) in ask(NUMBERED)}
        assert numbered <= kept, "each of PostgreSQL's sequences belongs to one of Odoo's"
        # and once more, as on the first day
        databases.odoo_into(setup, database, "-i", "helpdesk_lite", title="Installing again")
        assert ask("SELECT count(*) FROM ir_sequence WHERE code = 'helpdesk_lite.ticket'") == [["2"]]
