"""An update keeps all data, and its result equals a new installation.

The last release is installed with data (``upgrade_world.py``), updated to the addons of this checkout, and
compared with the state before and with a new installation.
"""

import json
from itertools import chain

import pytest
from upgrade_world import BASE, UPDATED

from devtools import databases, project, upgrade_base
from devtools.setup import Setup
from devtools.state import logs

# Tables that describe the code and not people's data; data in them are compared below.
CODE = ("ir_%", "res_groups%", "rule_group_rel", "rel_modules%", "wizard_ir_%", "bus_%", "orm_signaling_%", "report_%")
KEPT_CODE = ("ir_attachment", "ir_default", "ir_config_parameter", "ir_sequence", "ir_filters")
# Tables to which the data files of a release may add rows; existing rows must not change.
GROWING = {"mail_activity_type", "mail_template", "ir_config_parameter"}
# Table of the last release: its present name.
RENAMED = {"helpdesk_lite_assignment_book": "helpdesk_lite_assignment_ledger"}
# Odoo rewrites contacts of users, with unchanged values, when groups are loaded.
TOUCHED = {
    "res_partner": {"write_date", "write_uid"},
    # names that are no longer different, see below
    "helpdesk_lite_tag": {"name"},
    # the hours of tickets that nobody was assigned to, or that are open, were 0
    "helpdesk_lite_ticket": {"assign_hours", "close_hours"},
    # journals say how tickets were merged
    "helpdesk_lite_merge_journal": {"moves", "write_date", "write_uid"},
}
# Rows that a script of the release takes from the data files again: they are those of a new installation, see below.
REFRESHED = {"mail_message_subtype": "helpdesk_lite.mt_ticket_new"}
# What merges no longer need: where rows came from, and who was to be shown all.
DROPPED = {"merge_origin_id"}
JOBS = ("ir.cron", "ir.actions.server")
GONE = {"helpdesk_lite_merge_group_partner_rel"}
ATTACHMENTS = "res_model IN ('helpdesk_lite.ticket', 'helpdesk_lite.team', 'crm.lead', 'mail.compose.message')"
# Edited by an administrator and not changed by us since, so the edit stays.
EDITED_RULE = "helpdesk_lite.team_rule_employee"
OWN_RULE = "Made by an administrator"

RULES = """
    SELECT data.module || '.' || data.name, model.model, rule.name, to_jsonb(rule.domain_force), rule.active, rule.global,
           rule.perm_read, rule.perm_write, rule.perm_create, rule.perm_unlink,
           ARRAY(SELECT module || '.' || name FROM rule_group_rel link
                   JOIN ir_model_data of ON of.model = 'res.groups' AND of.res_id = link.group_id
                  WHERE rule_group_id = rule.id ORDER BY 1)
      FROM ir_rule rule JOIN ir_model model ON model.id = rule.model_id
      LEFT JOIN ir_model_data data ON data.model = 'ir.rule' AND data.res_id = rule.id
"""
RIGHTS = """
    SELECT data.module || '.' || data.name, model.model, of.module || '.' || of.name, access.active,
           perm_read, perm_write, perm_create, perm_unlink
      FROM ir_model_access access JOIN ir_model model ON model.id = access.model_id
      LEFT JOIN ir_model_data data ON data.model = 'ir.model.access' AND data.res_id = access.id
      LEFT JOIN ir_model_data of ON of.model = 'res.groups' AND of.res_id = access.group_id
"""
# The inheritance of models is stored for the models loaded at that time, in another order after an update.
XMLIDS = """
    SELECT module, name, model, noupdate FROM ir_model_data
     WHERE module LIKE 'helpdesk_lite%' AND model != 'ir.model.inherit'
"""
PATHS = """
    SELECT data.module || '.' || data.name, action.path
      FROM ir_actions action JOIN ir_model_data data ON data.model = 'ir.actions.' || split_part(action.type, '.', 3)
       AND data.res_id = action.id
     WHERE data.module LIKE 'helpdesk_lite%' AND action.path IS NOT NULL
"""
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '^ir_sequence_[0-9]+'
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
# Odoo declares rule_group_rel twice, with two actions for deleted groups: whichever of its models is set up last wins.
CONSTRAINTS = """
    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND conname != 'rule_group_rel_group_id_fkey'
"""
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND sequencename !~ '^ir_sequence_'"
MODULES = "SELECT name, state, latest_version FROM ir_module_module WHERE state != 'uninstalled'"


class Database:
    """A database to query."""

    def __init__(self, setup, name):
        self.setup, self.name = setup, name

    def ask(self, sql):
        return self.setup.server.query(self.name, sql)

    def rows(self, sql):
        """The rows of a query as a set, for comparisons."""
        return {tuple(row) for row in self.ask(sql)}

    def data(self):
        """People's data: rows as dicts by table, without those that the release refreshes."""
        tables = [
            table
            for (table,) in self.ask(f"""
            SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND (tablename IN {KEPT_CODE}
               OR NOT tablename LIKE ANY(ARRAY{list(CODE)}))""")
        ]
        selects = [
            f"SELECT '{table}', to_jsonb(line) FROM \"{table}\" line"
            + (f" WHERE {ATTACHMENTS}" if table == "ir_attachment" else "")
            for table in tables
        ]
        found = {table: [] for table in tables}
        for table, line in self.ask(" UNION ALL ".join(selects)):
            found[table].append(json.loads(line))
        for table, name in REFRESHED.items():
            [[refreshed]] = self.ask(f"SELECT res_id FROM ir_model_data WHERE module || '.' || name = '{name}'")
            found[table] = [row for row in found[table] if row["id"] != int(refreshed)]
        return found


@pytest.fixture(scope="module")
def setup():
    return Setup.from_environment()


@pytest.fixture(scope="module")
def updated(setup):
    """The data before the update, the database after it, and the log of the update."""
    upgrade_base.source_or_skip()
    with databases.temporary(setup, lambda setup: upgrade_base.template(setup, BASE)) as name:
        before = Database(setup, name).data()
        log = logs() / f"update-{name}.log"
        databases.odoo_into(setup, name, "-u", ",".join(project.addons()), title="Updating the last release", log=log)
        yield before, Database(setup, name), log


@pytest.fixture(scope="module")
def fresh(setup):
    with databases.temporary(setup) as name:
        yield Database(setup, name)


def test_the_log_holds_no_trouble(updated):
    _before, _database, log = updated
    assert databases.trouble(log) == []


def test_every_value_is_as_before(updated):
    """Tickets, messages, followers, files, links, ledgers, journals, contacts, leads; edited templates and stages."""
    before, database, _log = updated
    after = database.data()
    assert len(before["helpdesk_lite_ticket"]) > 30
    trouble = []
    for table, former in before.items():
        rows = after.get(RENAMED.get(table, table))
        if table in GONE:
            continue
        if rows is None:
            trouble.append(f"{table} is gone")
            continue
        columns = set(chain.from_iterable(former)) - TOUCHED.get(table, set()) - DROPPED
        then, now = (
            {json.dumps({key: value for key, value in row.items() if key in columns}, sort_keys=True) for row in part}
            for part in (former, rows)
        )
        trouble += [f"{table} lost {line}" for line in sorted(then - now)]
        if table not in GROWING and former:
            # Odoo notes in the chatter of a job that an update created it
            trouble += [f"{table} has new {line}" for line in sorted(now - then) if json.loads(line).get("model") not in JOBS]
    assert not trouble, "\n".join(trouble[:40])


@pytest.mark.parametrize(
    "what",
    [RIGHTS, XMLIDS, COLUMNS, INDEXES, CONSTRAINTS, SEQUENCES, MODULES],
    ids=["rights", "external ids", "columns", "indexes", "constraints", "sequences", "modules"],
)
def test_it_is_as_in_a_new_installation(updated, fresh, what):
    _before, database, _log = updated
    old, new = database.rows(what), fresh.rows(what)
    assert new
    assert old == new, f"only after an update: {sorted(old - new)}, only in a new installation: {sorted(new - old)}"


def test_screens_have_the_paths_of_a_new_installation(updated, fresh):
    """Paths from before are free afterwards, so that another helpdesk can be installed."""
    _before, database, _log = updated
    paths = database.rows(PATHS)
    assert paths == fresh.rows(PATHS)
    assert [name for name, path in paths if not path.startswith("helpdesk-lite")] == []
    assert ("helpdesk_lite.ticket_action", "helpdesk-lite-tickets") in paths


def test_rules_are_those_of_a_new_installation(updated, fresh):
    """Except for rules that an administrator edited and that we did not change."""
    _before, database, _log = updated
    old, new = database.rows(RULES), fresh.rows(RULES)
    assert {row[2] for row in old if not row[0]} - {row[2] for row in new if not row[0]} == {OWN_RULE}
    edited = [row for row in old if row[0] == EDITED_RULE]
    assert len(edited) == 1
    assert "('id', '=', 0)" in edited[0][3]
    old = {row for row in old if row[0] not in ("", EDITED_RULE)}
    new = {row for row in new if row[0] not in ("", EDITED_RULE)}
    assert old == new, f"only after an update: {sorted(old - new)}, only in a new installation: {sorted(new - old)}"


def test_refreshed_rows_are_those_of_a_new_installation(updated, fresh):
    _before, database, _log = updated
    for table, name in REFRESHED.items():
        row = f"""
            SELECT to_jsonb(line) - '{{id,create_date,create_uid,write_date,write_uid}}'::text[] FROM {table} line
             WHERE id = (SELECT res_id FROM ir_model_data WHERE module || '.' || name = '{name}')
        """
        assert database.ask(row) == fresh.ask(row) != []


def test_the_log_contains_the_former_values_of_edited_rules(updated):
    _before, _database, log = updated
    told = [line for line in log.read_text().splitlines() if "helpdesk_lite.stage_rule_employee is refreshed" in line]
    assert len(told) == 1
    assert "[(1, '=', 1)]" in told[0]


def test_edits_by_administrators_stay(updated):
    before, database, _log = updated
    after = database.data()
    for table in ("mail_template", "helpdesk_lite_stage", "mail_message_subtype", "helpdesk_lite_merge_rule"):
        # a release may add columns
        columns = set(chain.from_iterable(before[table]))
        assert {json.dumps(row, sort_keys=True) for row in before[table]} <= {
            json.dumps({key: row[key] for key in row.keys() & columns}, sort_keys=True) for row in after[table]
        }
    assert "Waiting for Parts" in str(after["helpdesk_lite_stage"])
    assert "We are on it." in str(after["mail_template"])
    assert database.ask("""
        SELECT interval_number FROM ir_cron JOIN ir_model_data data ON data.model = 'ir.cron' AND res_id = ir_cron.id
         WHERE data.name = 'cron_assign_waiting'""") == [["30"]]


def test_tags_have_different_names_and_the_first_keeps_its_own(updated):
    _before, database, _log = updated
    names = database.ask("SELECT name ->> 'en_US' FROM helpdesk_lite_tag ORDER BY id")
    assert names == [["Lamps"], ["LAMPS (2)"], ["lamps (2) (2)"]]


def test_the_event_log_has_the_history_of_tickets(updated):
    """From messages, tracked changes and dates; what was merged is where its messages are."""
    _before, database, _log = updated
    ask = database.ask
    kinds = {kind: int(count) for kind, count in ask("SELECT kind, count(*) FROM helpdesk_lite_event GROUP BY kind")}
    assert kinds["created"] == int(ask("SELECT count(*) FROM helpdesk_lite_ticket")[0][0])
    assert kinds["merged"] == int(ask("SELECT count(*) FROM helpdesk_lite_ticket WHERE merge_target_id IS NOT NULL")[0][0])
    assert {"agent", "note", "merged", "paused"} <= kinds.keys()
    written = "model = 'helpdesk_lite.ticket' AND message_type IN ('comment', 'email', 'email_outgoing')"
    assert ask(f"""
        SELECT count(*) FROM mail_message message WHERE {written}
           AND NOT EXISTS (SELECT FROM helpdesk_lite_event WHERE message_id = message.id AND ticket_id = message.res_id)
           AND author_id IS DISTINCT FROM (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'partner_root')
    """) == [["0"]]
    assert ask("""
        SELECT count(*) FROM helpdesk_lite_ticket ticket
         WHERE response_count IS DISTINCT FROM (SELECT count(*) FROM helpdesk_lite_event
                                                 WHERE ticket_id = ticket.id AND kind = 'agent')
            OR is_closed AND NOT EXISTS (SELECT FROM helpdesk_lite_event WHERE ticket_id = ticket.id AND kind = 'closed')
    """) == [["0"]]


def test_figures_follow_from_the_history(updated):
    """Channel, hours to the first answer, and which tickets count."""
    _before, database, _log = updated
    assert database.ask("""
        SELECT count(*) FROM helpdesk_lite_ticket
         WHERE channel IS NULL OR (first_response_date IS NULL) != (first_response_hours IS NULL)
            OR (merge_target_id IS NOT NULL) IS DISTINCT FROM (counted_elsewhere IS TRUE)
    """) == [["0"]]
    assert int(database.ask("SELECT count(*) FROM helpdesk_lite_ticket WHERE counted_elsewhere")[0][0])


def test_visibility_ledger_merges_and_conversions_work(updated, setup):
    """The visibility of existing tickets, the ledger, and undoing merges and conversions work after the update."""
    _before, database, _log = updated
    with databases.temporary(setup, lambda setup: database.name) as name:
        databases.run_script(setup, name, UPDATED, logs() / f"updated-{name}.log")
