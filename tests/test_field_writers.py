"""Which role can write which field by RPC: all stored fields of our models, and those that we add to others."""

import csv
import re
from contextlib import suppress
from pathlib import Path

from rpc import WebClient

TABLE = Path(__file__).parent / "data" / "field_writers.csv"
MAGIC = {"id", "create_uid", "create_date", "write_uid", "write_date"}
TICKET = "helpdesk_lite.ticket"
# "importing" is an administrator whose client says that it imports
ROLES = ("employee", "agent", "salesperson", "administrator", "importing")

SCRIPT = """
from odoo.fields import Command
from odoo.tests import new_test_user

env = env(context={"no_reset_password": True})
groups = {
    "employee": "base.group_user", "agent": "helpdesk_lite.group_user",
    "salesperson": "sales_team.group_sale_salesman", "administrator": "helpdesk_lite.group_manager",
}
users = {name: new_test_user(env, name, group, password=name) for name, group in groups.items()}
team = env["helpdesk_lite.team"].create({"name": "Care", "member_ids": [Command.set(users["agent"].ids)]})
tag = env["helpdesk_lite.tag"].create({"name": "Lamps"})
env["helpdesk_lite.type"].create({"name": "Lamps"})
env["helpdesk_lite.close.reason"].create({"name": "Lamps"})
env["helpdesk_lite.tag.member"].create({"team_id": team.id, "tag_id": tag.id, "user_ids": users["agent"].ids})
team.auto_assignment = True
tickets = env["helpdesk_lite.ticket"].create([
    {"name": str(i), "team_id": team.id, "partner_email": "zoe@quill.example"} for i in range(5)])
assert env["helpdesk_lite.assignment"].search_count([])
rule = env["helpdesk_lite.merge.rule"].create(
    {"name": "Same", "line_ids": [Command.create({"field_name": "name"})]})
for pair in (tickets[:2], tickets[2:4]):
    action = pair.action_merge()
    group = env["helpdesk_lite.merge.group"].browse(action["res_id"])
group.action_merge()
env["helpdesk_lite.merge.vocabulary"].search([]) or env["helpdesk_lite.merge.vocabulary"]._renew()
lead = env["crm.lead"].create({"name": "Lamps", "type": "opportunity", "user_id": users["salesperson"].id})
mail = env["helpdesk_lite.mail"].create({"message_id": "<x@quill.example>", "digest": "x", "transport": "upload"})
env["helpdesk_lite.look"].create(
    {"ticket_id": tickets[0].id, "user_id": users["agent"].id, "date": "2026-03-02 10:00:00"})
here = {"ticket_id": tickets[0].id, "user_id": users["agent"].id}
env["helpdesk_lite.presence"].create({**here, "seen_at": "2026-03-02 10:00:00", "tab": "x"})
env["helpdesk_lite.draft"].create({**here, "body": "x", "date": "2026-03-02 10:00:00", "stamp": "1"})
env["helpdesk_lite.held.reply"].create({**here, "message_id": tickets[0].message_ids[:1].id, "parameters": {}})
env["helpdesk_lite.mail.block"].create({"name": "x@quill.example"})
sla = env["helpdesk_lite.sla"].create({
    "name": "x", "target_ids": [Command.create({"kind": "resolution", "minutes_low": 60, "minutes_high": 60})],
    "escalation_ids": [Command.create({})]})
sla.versions = False
tickets[4].priority = "2"
assert tickets[4].sla_status_ids
env["helpdesk_lite.sla.queue"].create({"company_id": env.company.id})
tickets[4]._relate("relates", tickets[3])
message = tickets[4].message_post(body="Lamps", message_type="comment")
for user in users.values():
    as_user = env(user=user.id, su=True)
    as_user["helpdesk_lite.reply"].create({"name": "Lamps", "user_id": user.id, "team_ids": team.ids,
        "text_ids": [Command.create({"lang": "en_US", "body": "Lamps"})]})
    as_user["helpdesk_lite.bulk.reply"].create({"line_ids": [Command.create({"ticket_id": tickets[4].id})]})
    as_user["helpdesk_lite.mail.place"].create({"mail_ids": mail.ids, "team_id": team.id})
    as_user["helpdesk_lite.mail.discard"].create({"mail_ids": mail.ids})
    as_user["helpdesk_lite.mail.block.sender"].create({"mail_ids": mail.ids})
    as_user["helpdesk_lite.mail.result"].create({"line_ids": [Command.create({"mail_id": mail.id})]})
    as_user["helpdesk_lite.sla.preview"].create({"sla_ids": sla.ids})
    as_user["helpdesk_lite.access"].create({"ticket_id": tickets[4].id})
    as_user["helpdesk_lite.stage.move"].create({"ticket_ids": tickets[4].ids, "stage_id": tickets[4].stage_id.id})
    as_user["helpdesk_lite.snooze"].create({"ticket_ids": tickets[4].ids})
    as_user["helpdesk_lite.relate"].create({"ticket_id": tickets[4].id, "other_ids": tickets[3].ids})
    as_user["helpdesk_lite.split.dialog"].create(
        {"ticket_id": tickets[4].id, "line_ids": [Command.create({"message_id": message.id})]})
    as_user["res.users.settings"]._find_or_create_for_user(user)
    as_user["helpdesk_lite.access.line"].create({"name": "x"})
    as_user["helpdesk_lite.form.visit"].create({"address_hash": "x"})
    reassign = as_user["helpdesk_lite.reassign"].create({"team_id": team.id})
    as_user["helpdesk_lite.reassign.line"].create(
        {"reassign_id": reassign.id, "ticket_id": tickets[4].id, "former_user_id": user.id})
    as_user["helpdesk_lite_crm.convert"].create({"ticket_ids": tickets[4].ids, "partner_action": "none"})
    as_user["helpdesk_lite_crm.convert_lead"].create({"lead_id": lead.id, "team_id": team.id})
env.cr.commit()
"""


class Person(WebClient):
    """A user's session, as fast as a browser's because the password is checked only once."""

    def __init__(self, server, login):
        super().__init__(server, login)
        self.uid = int(server.query(f"SELECT id FROM res_users WHERE login = '{login}'")[0][0])

    def ask(self, model, method, *args, **kwargs):
        return self("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)

    def may(self, *args, **kwargs):
        """Whether the user has the right to make a call; other errors do not count."""
        try:
            self.ask(*args, **kwargs)
        except AssertionError as error:
            return "odoo.exceptions.AccessError" not in str(error)
        return True


def get_table():
    with TABLE.open() as file:
        return {(row["model"], row["field"]): row for row in csv.DictReader(file)}


def get_fields(admin):
    """The stored fields of our models, and our fields of other models."""
    models = admin.ask("ir.model", "search_read", [("model", "=like", "helpdesk_lite%"), ("abstract", "=", False)], ["model"])
    ours = {model["model"] for model in models}
    rows = admin.ask("ir.model.fields", "search_read", [("store", "=", True)], ["model", "name", "modules", "ttype"])
    abstract = {model["model"] for model in admin.ask("ir.model", "search_read", [("abstract", "=", True)], ["model"])}
    return {
        (row["model"], row["name"]): row["ttype"]
        for row in rows
        if row["name"] not in MAGIC
        and row["model"] not in abstract
        and (row["model"] in ours or "helpdesk_lite" in (row["modules"] or ""))
    }


def get_values(readers, model, record, kinds):
    """The stored values of a record in the form of a write, so that only the right to write can be missing."""
    values = dict.fromkeys(kinds, False)
    for reader in readers:
        with suppress(AssertionError):
            readable = reader.ask(model, "fields_get", list(kinds), ["type"])
            values |= reader.ask(model, "read", [record], list(readable))[0]
    for name, kind in kinds.items():
        if kind == "many2one":
            values[name] = values[name] and values[name][0]
        elif kind == "many2many":
            values[name] = [(6, 0, values[name] or [])]
        elif kind == "one2many":
            values[name] = []
    return values


def get_rows(server, model):
    """:return: list of pairs (id, id of the creator), newest first; a report has no table, and no rows to write"""
    table = model.replace(".", "_")
    if server.query(f"SELECT to_regclass('{table}') IS NULL") == [["t"]]:
        return []
    # the event log has no creators
    rows = server.query(f"SELECT id, to_jsonb(line) ->> 'create_uid' FROM {table} line ORDER BY id DESC LIMIT 500")
    return [(int(record), int(uid or 0)) for record, uid in rows]


def test_every_field_has_its_writers(odoo_server):
    server = odoo_server("--max-cron-threads", "0", script=SCRIPT)
    admin = Person(server, "admin")
    roles = {role: Person(server, "administrator" if role == "importing" else role) for role in ROLES}
    fields, table = get_fields(admin), get_table()
    found = {}
    team = admin.ask("helpdesk_lite.team", "search", [("name", "=", "Care")])[0]
    for model in sorted({model for model, _field in fields}):
        kinds = {field: kind for (name, field), kind in fields.items() if name == model}
        rows = get_rows(server, model)
        for field in kinds:
            found[model, field] = {"model": model, "field": field, "write": [], "create": []}
        for role, person in roles.items() if rows else ():
            writes = person.ask(model, "has_access", [], "write")
            creates = model == TICKET and person.ask(model, "has_access", [], "create")
            if not (writes or creates):
                continue
            # only their creator can access rows of wizards
            record = next((row for row, uid in rows if uid == person.uid), rows[0][0])
            # without mails, which are not tested here
            context = {"tracking_disable": True, **({"import_file": True} if role == "importing" else {})}
            values = get_values((admin, person), model, record, kinds)
            for field in kinds:
                if writes and person.may(model, "write", [record], {field: values[field]}, context=context):
                    found[model, field]["write"].append(role)
                value = f"{role}-1" if field == "number" else values[field]
                if creates and person.may(model, "create", {"name": "x", "team_id": team, field: value}, context=context):
                    found[model, field]["create"].append(role)
    for row in found.values():
        row["write"] = " ".join(row["write"]) or "nobody"
        row["create"] = (" ".join(row["create"]) or "nobody") if row["model"] == TICKET else ""
    assert table == found, difference(table, found)


def difference(table, found):
    """The rows that the table should contain, for developers who add a field."""
    lines = [f"gone: {','.join(key)}" for key in table.keys() - found.keys()]
    lines += [",".join(row.values()) for key, row in sorted(found.items()) if table.get(key) != row]
    return "field_writers.csv differs from what the server lets them write:\n" + "\n".join(lines)


def test_no_check_of_links_reads_what_came_in():
    """Checks use the stored values, because defaults, onchange, imports and inverses do not pass through ``vals``."""
    root = Path(__file__).resolve().parent.parent
    found = [
        f"{path.relative_to(root)}: {match[0].strip()}"
        for path in sorted(root.glob("helpdesk_lite*/**/*.py"))
        if "tests" not in path.parts
        for match in re.finditer(r"def _check_\w*links\([^)]*\bval\w*[^)]*\)", path.read_text())
    ]
    assert not found
