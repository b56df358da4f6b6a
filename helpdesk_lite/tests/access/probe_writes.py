"""The result of a write: read again by its author, and compared with the state before."""

from odoo import fields, models
from odoo.tools import SQL

from .probe_doors import RELATIONS, Call

# tables in which the rows of hidden records must not change
KEPT = (
    "helpdesk_lite.ticket",
    "helpdesk_lite.team",
    "mail.message",
    "mail.activity",
    "ir.attachment",
    "mail.scheduled.message",
    "mail.followers",
)


class Finding(Exception):
    """A finding of a probe, in one line."""


class Writes:
    """Checks that allowed writes do not show, link or change hidden records."""

    guarded = KEPT
    # by method, the one kind of hidden record that the documentation lets its caller change
    granted = {}

    def look_again(self, role, call, answer):
        """Read the written records as their author: check names, links, and that hidden records are unchanged."""
        if self.get_checksum(role) != self.kept_rows["before"]:
            changed = self.find_changed(role)
            if changed != self.granted.get((call.model, call.method)):
                raise Finding(f"changed hidden records: {changed}")
        if call.writes is None or call.method in ("name_create",):
            return
        ids = [call.record] if call.record else [id for id in flatten(answer) if type(id) is int][:3]
        if call.method == "load":
            ids = answer.get("ids") or []
        if call.method == "web_save":
            ids = [values["id"] for values in answer]
        if call.method not in ("create", "write", "web_save", "load", "copy"):
            return
        records = self.env[call.model].browse(ids).exists()
        if call.technical:
            name, value = call.technical
            stored = records.mapped(name)
            stored = stored.ids if isinstance(stored, models.BaseModel) else stored
            if value in [fields.Datetime.to_string(item) if hasattr(item, "hour") else item for item in stored]:
                raise Finding(f"believed {name}={value!r}")
            return
        linked = self.find_hidden_links(role, records, call.writes)
        for method, args in (("web_read", (ids, self.form(role, call.model))), ("read", (ids,))):
            text, _refused = self.send(role, call._replace(method=method, args=args, kwargs={}), args)
            self.listen(role, text)
        if linked:
            raise Finding(f"linked a hidden {linked}{self.use_link(role, call.model, ids)}")

    def find_hidden_links(self, role, records, names):
        if not self.is_own(records._name) and not all(self.is_ours(records._fields[name]) for name in names):
            return ""
        self.env.invalidate_all()
        for name in names:
            field = records._fields[name]
            if field.type in RELATIONS and set(records.mapped(name).ids) & set(self.hidden(role, field.comodel_name)):
                return f"{field.comodel_name} in {name}"
        return ""

    def use_link(self, role, model, ids):
        """Call the actions of a record that is linked to a record it should not be linked to."""
        done = []
        for name, method in self.public_methods(model):
            if name.startswith("action_") and not getattr(method, "_api_model", False):
                with self.undone():
                    call = Call(model, name, (ids,))
                    answer, _refused = self.send(role, call, call.args)
                    try:
                        self.listen(role, answer)
                        if self.get_checksum(role) != self.kept_rows["before"]:
                            done.append(f"{name} changed {self.find_changed(role)}")
                    except Finding as finding:
                        done.append(f"{name} {finding}")
        return f"; then {', '.join(done)}" if done else ""

    def get_checksum(self, role):
        """Compute a digest of the rows of hidden records and of everything that belongs to them."""
        self.env.flush_all()
        queries = []
        for model in self.kept_models():
            ids = self.hidden(role, model)
            if ids:
                table = self.env[model]._table
                queries.append(
                    SQL(
                        """SELECT %s, count(*), md5(string_agg(to_jsonb(line)::text, '|' ORDER BY id))
                         FROM %s line WHERE id = ANY(%s)""",
                        model,
                        SQL.identifier(table),
                        ids,
                    )
                )
        tickets, teams = self.hidden(role, "helpdesk_lite.ticket"), self.hidden(role, "helpdesk_lite.team")
        for table, column in (
            ("mail_message", "model"),
            ("mail_followers", "res_model"),
            ("mail_activity", "res_model"),
            ("ir_attachment", "res_model"),
        ):
            queries.append(
                SQL(
                    """SELECT %s, count(*), md5(string_agg(line.id::text, '|' ORDER BY id)) FROM %s line
                    WHERE (%s = 'helpdesk_lite.ticket' AND res_id = ANY(%s))
                       OR (%s = 'helpdesk_lite.team' AND res_id = ANY(%s))""",
                    f"{table} of hidden records",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    tickets,
                    SQL.identifier(column),
                    teams,
                )
            )
        rows = {name: rest for name, *rest in self.env.execute_query(SQL(" UNION ALL ").join(queries))}
        self.kept_rows.setdefault("before", rows)
        return rows

    def kept_models(self):
        return [name for name in self.guarded if name in self.env.registry]

    def find_changed(self, role):
        before, after = self.kept_rows["before"], self.get_checksum(role)
        return ", ".join(sorted(name for name in after if after[name] != before.get(name)))


def flatten(value):
    return value if isinstance(value, (list, tuple)) else [value]
