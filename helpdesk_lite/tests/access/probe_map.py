"""The objects to probe: models, fields, the paths between them, and records that a role can or cannot see."""

from odoo import models

from .probe_doors import NOTHING, RELATIONS, TEXTS, THREADS
from .probe_world import ROLES

MAGIC = {*models.MAGIC_COLUMNS, "display_name"}
PEOPLE = ("res.users", "res.company", "res.groups", "res.lang")
# models whose records can refer to a ticket or team
STANDARD = (
    "mail.message",
    "mail.notification",
    "mail.followers",
    "mail.activity",
    "ir.attachment",
    "mail.scheduled.message",
    "mail.compose.message",
    "mail.activity.schedule",
    "mail.followers.edit",
    "mail.template.preview",
    "mail.alias",
    "mail.tracking.value",
    "mail.mail",
    "rating.rating",
    "portal.share",
    "portal.wizard",
    "portal.wizard.user",
)
# in other fields, forms of standard Odoo show the names of these to everybody who knows the id
LEFT_TO_ODOO = ("res.partner", "res.users")
# "Who Can See This" may name anybody, customers included
ASKS_ABOUT_ANYBODY = ("helpdesk_lite.access",)
# standard Odoo searches the table of contacts without record rules, and contacts below one that is given by name, as it does
# for users and their followers without any model of ours
ODOOS_OWN = ("phone_mobile_search", "self")


class Map:
    """Provides the doors with models, fields and records, and caches them."""

    module = None
    standard = ()
    # further models on the paths
    reached = ()

    def keep(self, key, function):
        if key not in self._known:
            self._known[key] = function()
        return self._known[key]

    def is_own(self, model):
        return self.env[model]._original_module.startswith("helpdesk_lite")

    @staticmethod
    def is_ours(field):
        return any(module.startswith("helpdesk_lite") for module in field._modules)

    def models(self):
        """The models of the addon, those that it extends, and others whose records can refer to hidden ones."""
        found = []
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract:
                continue
            if (
                model._original_module == self.module
                or name in self.standard
                or any(self.module in field._modules for name, field in model._fields.items() if name not in MAGIC)
            ):
                found.append(name)
        return found

    def names(self, model):
        """The fields to probe: all fields of our models, and the fields that the addon adds to other models."""

        def find():
            whole = self.is_own(model) or model in self.standard
            return sorted(
                name
                for name, field in self.env[model]._fields.items()
                if whole or (self.module in field._modules and name not in MAGIC)
            )

        return self.keep(("names", model), find)

    def as_role(self, role):
        if role.context is None:
            role.context = {"lang": "en_US", "tz": "UTC", "uid": role.user.id, "allowed_company_ids": role.user.company_ids.ids}
        return self.env(user=role.context["uid"], su=False, context=role.context)

    def readable(self, role, model):
        def find():
            env = self.as_role(role)
            return [name for name in self.names(model) if env[model]._has_field_access(env[model]._fields[name], "read")]

        return self.keep(("readable", role.name, model), find)

    def seen(self, role, model):
        """Some records that the role can see."""

        def find():
            Model = self.as_role(role)[model].with_context(active_test=False)
            if not Model.has_access("read"):
                return []
            ids = Model.search([], limit=300, order="id desc").ids
            placed = [id for id in ids if (model, id) in self.world.places]
            return list(dict.fromkeys(placed + ids))[:4]

        return self.keep(("seen", role.name, model), find)

    def hidden(self, role, model):
        """The records that the role must not see, in an order that differs by role."""

        def find():
            ids = self.world.hidden(role, model)
            return self.random.sample(ids, len(ids))

        return self.keep(("hidden", role.name, model), find)

    def hidden_here(self, role, model):
        """The same for calls on the model itself."""
        return [] if model in LEFT_TO_ODOO else self.hidden(role, model)

    def deeper(self, model, name):
        field = self.env[model]._fields[name]
        if field.type not in RELATIONS or not self.is_reached(field.comodel_name):
            return []
        return sorted(sub for sub, inner in self.env[field.comodel_name]._fields.items() if inner.type in (*TEXTS, *RELATIONS))

    def deeper_name(self, model, name, sub):
        inner = self.env[self.env[model]._fields[name].comodel_name]._fields[sub]
        return ["display_name"] if inner.type in RELATIONS else []

    def is_reached(self, model):
        return model in self.env.registry and (
            self.is_own(model) or model in STANDARD or model in ("res.partner", "res.users", *self.reached)
        )

    def questions(self, model, kind):
        """Group paths by whether they pass a thread at once, later, or not at all."""

        def find():
            kinds = {"near": [], "threads": [], "others": []}
            for path in self.paths(model):
                near = len(path) < 3 and path[0] in THREADS
                kinds["near" if near else "threads" if set(path) & set(THREADS) else "others"].append(path)
            return kinds

        return self.keep(("questions", model), find)[kind]

    def is_spoken(self, model, name):
        """Whether a field contains any word, so that a search in it could reveal one."""

        def find():
            Model = self.env[model].with_context(active_test=False)
            try:
                with self.cr.savepoint(flush=False):
                    found, nothing = (Model.search_count([(name, "ilike", start)]) for start in ("zq", NOTHING))
                    return found != nothing
            except Exception:
                self.forget()
                return True

        return self.keep(("spoken", model, name), find)

    def paths(self, model):
        """The paths to fields with text: all paths of up to two steps, and some of three steps."""

        def find():
            paths, front = [], [((), model)]
            for depth in range(3):
                further = []
                for before, current in front:
                    for name, field in sorted(self.env[current]._fields.items()):
                        if not before and name not in self.names(model):
                            continue
                        path = (*before, name)
                        if field.type in (*TEXTS, *RELATIONS) and name not in ODOOS_OWN and self.is_spoken(current, name):
                            paths.append(path)
                        if field.type in RELATIONS and self.is_reached(field.comodel_name):
                            further.append((path, field.comodel_name))
                        if field.type == "properties":
                            paths.append((*path, "probe"))
                if depth == 1:
                    threads = [step for step in further if set(step[0]) & set(THREADS)]
                    others = [step for step in further if not set(step[0]) & set(THREADS)]
                    further = [step for steps in (threads, others) for step in self.random.sample(steps, min(len(steps), 40))]
                front = further
            return paths

        return self.keep(("paths", model), find)

    def spec(self, role, model, names, depth):
        """Build the specification of a view: the names of linked records, or their fields at a deeper level."""
        spec = {}
        for name in names:
            field = self.env[model]._fields[name]
            spec[name] = {}
            if field.type in RELATIONS:
                inner = {"display_name": {}}
                if depth > 1 and self.is_reached(field.comodel_name):
                    Model = self.as_role(role)[field.comodel_name]
                    inner |= self.spec(
                        role,
                        field.comodel_name,
                        [
                            sub
                            for sub, deep in Model._fields.items()
                            if deep.type in (*TEXTS, "many2one") and Model._has_field_access(deep, "read")
                        ],
                        depth - 1,
                    )
                spec[name] = {"fields": inner}
        return spec

    def form(self, role, model):
        return self.keep(
            ("form", role.name, model),
            lambda: self.spec(
                role,
                model,
                [
                    name
                    for name, field in self.env[model]._fields.items()
                    if name not in MAGIC
                    and self.as_role(role)[model]._has_field_access(field, "read")
                    and field.type not in ("binary", "image")
                ],
                1,
            ),
        )

    def links(self, role, model):
        """The hidden records for each relation, as pairs of field and id."""

        def find():
            found = []
            for name in self.names(model):
                field = self.env[model]._fields[name]
                if model in self.reached and name not in THREADS and not self.is_ours(field):
                    continue
                if field.type in RELATIONS:
                    if self.is_own(model) or field.comodel_name not in LEFT_TO_ODOO:
                        found += [(name, id) for id in self.hidden(role, field.comodel_name)[:6]]
                elif field.type == "many2one_reference" or name == "res_id":
                    found += [(name, id) for id in self.hidden(role, "helpdesk_lite.ticket")[:4]]
                elif name == "res_ids":
                    found += [(name, str([id])) for id in self.hidden(role, "helpdesk_lite.ticket")[:4]]
            return found

        return self.keep(("links", role.name, model), find)

    def command(self, model, name, id):
        type = self.env[model]._fields[name].type
        return [(4, id, 0)] if type in ("one2many", "many2many") else id

    def given(self, model, name, id):
        return [id] if self.env[model]._fields[name].type in ("one2many", "many2many") else id

    def minimal(self, role, model):
        """The minimal values to create a record."""

        def find():
            values = {}
            for name, field in self.env[model]._fields.items():
                if name in ("model", "res_model"):
                    values[name] = "helpdesk_lite.ticket"
                elif name in ("res_id", "res_ids"):
                    seen = self.seen(role, "helpdesk_lite.ticket")[:1] or [1]
                    values[name] = str(seen) if field.type in TEXTS else seen[0]
                elif name in ("team_id", "name") or (field.required and not field.compute and name not in MAGIC):
                    if field.type in RELATIONS:
                        seen = self.seen(role, field.comodel_name)
                        if seen:
                            values[name] = seen[0] if field.type == "many2one" else [(6, 0, seen[:1])]
                    elif not field.default or name == "name":
                        values[name] = {
                            "selection": lambda field=field: field.get_values(self.env)[0],
                            "integer": lambda: 1,
                            "float": lambda: 1.0,
                            "json": dict,
                            "datetime": lambda: "2031-01-01 00:00:00",
                            "date": lambda: "2031-01-01",
                        }.get(field.type, lambda: "zz")()
            return values

        return dict(self.keep(("minimal", role.name, model), find))

    def technical(self, model):
        """Stored fields that users can only read, each with a recognizable value, and a customer as assignee."""
        values = {
            "char": "987654321",
            "text": "zz",
            "html": "zz",
            "integer": 987654,
            "float": 98765.0,
            "boolean": True,
            "datetime": "2001-02-03 04:05:06",
            "date": "2001-02-03",
        }
        more = {"access_token", "is_closed", "assignment_waiting"}
        return [("user_id", ROLES[0].user.id)] * ("user_id" in self.names(model) and model not in ASKS_ABOUT_ANYBODY) + [
            (name, values[field.type])
            for name, field in sorted(self.env[model]._fields.items())
            if name in self.names(model)
            and field.type in values
            and field.store
            and name not in MAGIC
            and (name in more or (field.readonly and not field.related))
        ]

    def public_methods(self, model):
        cls = type(self.env[model])
        for name in sorted(dir(cls)):
            method = getattr(cls, name, None)
            if name.startswith("_") or not callable(method) or getattr(method, "_api_private", False):
                continue
            owners = {
                owner.__module__.split(".")[2]
                for owner in cls.mro()
                if name in vars(owner) and owner.__module__.startswith("odoo.addons.")
            }
            if owners - {"base", "web"} and "im_status" not in name and not isinstance(method, type):
                yield name, method
