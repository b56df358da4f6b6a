"""The entry points ("doors") of the probe: requests of web clients and scripts, one function for each kind.

Each function takes the probe, a role and a model, and lists calls, or functions that build a call. The probe
selects the calls to send, because there are too many.
"""

import inspect
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

TEXTS = ("char", "text", "html")
RELATIONS = ("many2one", "one2many", "many2many")
THREADS = ("message_ids", "website_message_ids", "activity_ids")
NOTHING = "zy"  # the beginning of a word that occurs nowhere
GRANULARITIES = ("hour", "day", "week", "month", "quarter", "year", "day_of_week", "hour_number")


class Call(NamedTuple):
    """A call as a client sends it by RPC.

    ``twin`` has the arguments of the same question about a word that occurs nowhere: both answers must be
    equal. ``writes`` has the sent fields, if the call may change something.
    """

    model: str
    method: str
    args: tuple = ()
    kwargs: dict = {}
    twin: tuple = None
    empty: bool = False  # a search for a word that occurs nowhere returns nothing, so the twin's answer is known to be empty
    writes: tuple = None
    record: int = None  # the written records, to be read again
    technical: tuple = None  # (field, value) that the server must not accept

    def __str__(self):
        said = ", ".join([*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.kwargs.items())])
        return f"{self.model}.{self.method}({said})"


# READING


def read(probe, role, model):
    hidden, seen = probe.hidden_here(role, model), probe.seen(role, model)
    calls = [Call(model, "read", ([id], [name])) for name in probe.names(model) for id in hidden[:3]]
    calls += [Call(model, "read", (seen, [name])) for name in probe.names(model) if seen]
    calls += [
        Call(model, method, ([id], *args))
        for id in hidden
        for method, args in (
            ("read", ()),
            ("web_read", ({"display_name": {}},)),
            ("export_data", (["display_name"],)),
            ("get_metadata", ()),
            ("exists", ()),
            ("get_external_id", ()),
            ("get_formview_action", ()),
            ("get_base_url", ()),
        )
    ]
    return calls


def web_read(probe, role, model):
    """Read two levels deep, and with different values for each context key of the addons."""
    seen, fields = probe.seen(role, model), probe.env[model]._fields

    def make(name, depth, more, context):
        spec = probe.spec(role, model, [name], depth)
        if more:
            spec[name] = {**spec[name], **more}
        return Call(model, "web_read", (seen, spec), {"context": context} if context else {})

    calls = []
    for name in probe.names(model) if seen else ():
        calls.append(partial(make, name, 2, None, None))
        if fields[name].type in RELATIONS:
            for key in probe.context_keys:
                for value in (False, True, 0, (probe.hidden(role, "helpdesk_lite.team") or [1])[0]):
                    calls.append(partial(make, name, 1, {"context": {key: value}}, None))
                    calls.append(partial(make, name, 1, None, {key: value}))
            if fields[name].type != "many2one":
                calls.append(partial(make, name, 2, {"limit": 3, "order": "id desc", "context": {"active_test": False}}, None))
    return calls


def search_read(probe, role, model):
    names = probe.readable(role, model)
    spec = probe.spec(role, model, names, 1)
    calls = [
        Call(model, "web_search_read", ([], spec), {"limit": 20, "context": {"active_test": False}}),
        Call(model, "search_read", ([], names), {"limit": 20, "context": {"active_test": False}}),
        Call(model, "search_read", ([],), {"limit": 20}),
    ]
    return calls + [
        Call(
            model, "web_search_read", ([], {name: spec[name]}), {"order": f"{probe.random.choice(names)} desc, id", "limit": 5}
        )
        for name in names
    ]


def names(probe, role, model):
    ids = probe.hidden_here(role, model)[:3]
    calls = [Call(model, "name_search", (), {"name": "", "limit": 100, "context": {"active_test": False}})]
    calls += [Call(model, "name_search", (), {"name": "", "domain": [("id", "in", ids)]})]
    calls += [Call(model, "web_name_search", ("", {"display_name": {}}))]
    calls += [Call(model, "name_create", ("zz",), writes=("name",))]
    return calls


def export(probe, role, model):
    seen = probe.seen(role, model)
    paths = [*probe.names(model)]
    for name in probe.names(model):
        for sub in probe.deeper(model, name):
            paths.append(f"{name}/{sub}")
            paths += [f"{name}/{sub}/{last}" for last in probe.deeper_name(model, name, sub)]
    return [Call(model, "export_data", (seen, [path])) for path in paths if seen]


def groups(probe, role, model):
    """Group by every field and granularity, with every aggregate."""
    fields = probe.env[model]._fields
    aggregates = [
        "__count",
        *(
            f"{name}:{how}"
            for name in probe.names(model)
            for how in ("max", "array_agg")
            if fields[name].store and fields[name].type in (*TEXTS, "many2one", "integer", "date")
        ),
    ]
    calls = []
    for name in probe.names(model):
        for groupby in [name] if fields[name].type not in ("date", "datetime") else [f"{name}:{g}" for g in GRANULARITIES]:
            calls.append(Call(model, "formatted_read_group", ([], [groupby], ["__count"])))
            calls.append(Call(model, "web_read_group", ([], [groupby], ["__count"])))
            calls.append(Call(model, "read_group", ([], ["id:count"], [groupby])))
        calls.append(
            Call(
                model,
                "read_progress_bar",
                (),
                {"domain": [], "group_by": name, "progress_bar": {"field": "priority", "colors": {"1": "success"}}},
            )
        )
        calls.append(Call(model, "search_panel_select_range", (name,)))
        calls.append(Call(model, "search_panel_select_multi_range", (name,)))
    return calls + [Call(model, "formatted_read_group", ([], [], [aggregate])) for aggregate in aggregates]


def descriptions(probe, role, model):
    key = {"default_team_id": (probe.hidden(role, "helpdesk_lite.team") or [1])[0]}
    return [
        Call(model, "fields_get"),
        Call(model, "fields_get", (), {"context": key}),
        Call(model, "get_views", ([(False, "form"), (False, "list"), (False, "search")],)),
        Call(model, "default_get", (probe.names(model),)),
    ]


# QUESTIONS


class Questions(Sequence):
    """Searches for hidden words in a field, through every path: by a part, by the whole word, in a list.

    ``_`` matches any letter, so that one search covers all words that are hidden from the role.
    """

    def __init__(self, probe, role, model, paths):
        self.probe, self.model, self.paths = probe, model, paths
        self.pattern, self.nothing = probe.world.pattern(role), probe.world.pattern(role, NOTHING)
        self.hidden = probe.keep(("words", role.name), lambda: probe.world.hidden_words(role))

    def __len__(self):
        return 2 * len(self.paths)

    def __getitem__(self, index):
        path = self.paths[index // 2]
        if index % 2:
            return partial(_whole, self.probe, self.model, path, self.hidden, self.pattern, self.nothing)
        return partial(_contains, self.probe, self.model, path, self.pattern, self.nothing)


def ask_near(probe, role, model):
    return Questions(probe, role, model, probe.questions(model, "near"))


def ask_threads(probe, role, model):
    return Questions(probe, role, model, probe.questions(model, "threads"))


def ask(probe, role, model):
    return Questions(probe, role, model, probe.questions(model, "others"))


def ask_names(probe, role, model):
    """Search names as the widget of a relational field does."""
    return [
        Call(model, "name_search", (word.text, [], operator), twin=(NOTHING + word.text[2:], [], operator))
        for word in probe.random.sample(probe.world.hidden_words(role), 5)
        for operator in ("ilike", "=", "=ilike", "not ilike")
    ]


def _contains(probe, model, path, pattern, nothing):
    name = ".".join(path)
    return _question(probe, model, [(name, "ilike", pattern)], [(name, "ilike", nothing)], True)


def _whole(probe, model, path, hidden, pattern, nothing):
    name, word = ".".join(path), probe.random.choice(hidden).text
    other = NOTHING + word[2:]
    whole = [word, f"<p>{word}</p>", f"{word}@mail.example"]
    ways = [
        ([(name, "ilike", word)], [(name, "ilike", other)]),
        ([(name, "not ilike", pattern)], [(name, "not ilike", nothing)]),
        ([(name, "in", whole)], [(name, "in", [text.replace(word, other) for text in whole])]),
        ([(name, "=", word)], [(name, "=", other)]),
        ([(name, "=like", f"%{word[:12]}%")], [(name, "=like", f"%{other[:12]}%")]),
        ([(name, "child_of", word)], [(name, "child_of", other)]),
        ([(name, "parent_of", word)], [(name, "parent_of", other)]),
    ]
    if len(path) > 1:
        first, rest = path[0], ".".join(path[1:])
        ways += [
            ([(first, how, [(rest, "ilike", pattern)])], [(first, how, [(rest, "ilike", nothing)])])
            for how in ("any", "not any")
        ]
    return _question(probe, model, *probe.random.choice(ways), False)


def _question(probe, model, domain, nothing, plain):
    method, rest = (
        ("search", ())
        if plain
        else probe.random.choice(
            (
                ("search_count", ()),
                ("search", ()),
                ("web_search_read", ({},)),
                ("name_search", ()),
                ("search_read", (["id"],)),
                ("formatted_read_group", (["create_uid"], ["__count"])),
            )
        )
    )
    first = ("",) if method == "name_search" else ()
    positive = domain[0][1] in ("ilike", "in", "=", "=like", "any")
    return Call(model, method, (*first, domain, *rest), twin=(*first, nothing, *rest), empty=positive)


# WRITING


def onchange(probe, role, model):
    """Open a form with a default, and change a field in a new or a visible record."""
    spec = probe.form(role, model)
    seen = probe.seen(role, model)[:1]
    calls = [Call(model, "onchange", ([], {}, [], spec))]
    for name, id in probe.links(role, model):
        value = probe.command(model, name, id)
        default = {"context": {f"default_{name}": probe.given(model, name, id)}}
        calls.append(Call(model, "onchange", ([], {}, [], spec), default))
        calls.append(Call(model, "onchange", ([], {name: value}, [name], spec)))
        if seen:
            calls.append(Call(model, "onchange", (seen, {name: value}, [name], spec)))
    return calls


def default_get(probe, role, model):
    return [
        Call(model, "default_get", (probe.names(model),), {"context": {f"default_{name}": probe.given(model, name, id)}})
        for name, id in probe.links(role, model)
    ]


def create(probe, role, model):
    values = probe.minimal(role, model)
    calls = []
    for name, id in probe.links(role, model):
        link = probe.command(model, name, id)
        context = {"context": {f"default_{name}": probe.given(model, name, id)}}
        without = {key: value for key, value in values.items() if key != name}
        calls += [
            Call(model, "create", ({**values, name: link},), writes=(name,)),
            Call(model, "create", (without,), context, writes=(name,)),
            Call(model, "web_save", ([], {**values, name: link}, probe.form(role, model)), writes=(name,)),
        ]
        if probe.env[model]._fields[name].type == "many2one":
            rest = [key for key, value in without.items() if not isinstance(value, list)]
            fields = probe.env[model]._fields
            columns = [f"{key}/.id" if fields[key].type == "many2one" else key for key in rest]
            row = [str(without[key]) for key in rest]
            calls.append(Call(model, "load", ([*columns, f"{name}/.id"], [[*row, str(id)]]), writes=(name,)))
    return calls


def write(probe, role, model):
    calls = []
    for id in probe.seen(role, model)[:2]:
        for name, link in probe.links(role, model):
            values = {name: probe.command(model, name, link)}
            calls += [
                Call(model, "write", ([id], values), writes=(name,), record=id),
                Call(model, "web_save", ([id], values, probe.form(role, model)), writes=(name,), record=id),
                Call(model, "copy", ([id], values), writes=(name,)),
            ]
    for id in probe.hidden_here(role, model)[:3]:
        name = probe.random.choice(probe.names(model))
        calls += [
            Call(model, "write", ([id], {name: False}), writes=()),
            Call(model, "web_save", ([id], {name: False}, {"display_name": {}}), writes=()),
            Call(model, "copy", ([id],), writes=()),
            Call(model, "unlink", ([id],), writes=()),
            Call(model, "action_archive", ([id],), writes=()),
        ]
    return calls


def technical(probe, role, model):
    """Send values for fields that only the server writes: numbers, dates, tokens."""
    if role.administrator or not probe.is_own(model):
        return []
    calls = []
    for name, value in probe.technical(model):
        values, sent = probe.minimal(role, model), {"writes": (), "technical": (name, value)}
        calls.append(Call(model, "create", ({**values, name: value},), **sent))
        calls.append(Call(model, "create", (values,), {"context": {f"default_{name}": value}}, **sent))
        for id in probe.seen(role, model)[:1]:
            calls.append(Call(model, "write", ([id], {name: value}), record=id, **sent))
            calls.append(Call(model, "copy", ([id], {name: value}), **sent))
    return calls


# METHODS


def methods(probe, role, model):
    """Call every public method that our addons, mail, portal or crm add to the model."""
    calls = []
    seen, hidden = probe.seen(role, model), probe.hidden_here(role, model)
    for name, method in probe.public_methods(model):
        on_model = getattr(method, "_api_model", False)
        for ids in [None] if on_model else filter(None, (hidden[:1], seen[:1], hidden[-2:], [*seen[:1], *hidden[:1]])):
            calls += [partial(_method, probe, role, model, name, method, ids)] * 2
    return calls


def _method(probe, role, model, name, method, ids):
    args, kwargs = _arguments(probe, role, method)
    return Call(model, name, (*([] if ids is None else [ids]), *args), kwargs, writes=())


def _arguments(probe, role, method):
    args, kwargs = [], {}
    for parameter in list(inspect.signature(inspect.unwrap(method)).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        required = parameter.default is parameter.empty
        if parameter.kind is parameter.VAR_POSITIONAL or not (required or probe.random.random() < 0.5):
            continue
        value = _guess(probe, role, parameter.name)
        if required and parameter.kind is not parameter.KEYWORD_ONLY:
            args.append(value)
        else:
            kwargs[parameter.name] = value
    if method.__name__ in ("message_post", "message_notify", "message_mail_with_source"):
        parents, files = probe.hidden(role, "mail.message"), probe.hidden(role, "ir.attachment")
        kwargs |= {
            "body": "zz",
            **probe.random.choice(
                (
                    {"parent_id": parents[0]},
                    {"attachment_ids": files[:2]},
                    {"subject": "zz", "message_type": "comment"},
                    {"partner_ids": probe.hidden(role, "res.partner")[:1], "subtype_xmlid": "mail.mt_comment"},
                )
            ),
        }
    return args, kwargs


def _guess(probe, role, name):
    kinds = {
        "partner": "res.partner",
        "message": "mail.message",
        "attachment": "ir.attachment",
        "activity": "mail.activity",
        "ticket": "helpdesk_lite.ticket",
        "team": "helpdesk_lite.team",
        "stage": "helpdesk_lite.stage",
        "subtype": "mail.message.subtype",
        "thread": "helpdesk_lite.ticket",
        "res_id": "helpdesk_lite.ticket",
    }
    for kind, model in kinds.items():
        if name.startswith(kind) and ("id" in name or name == kind):
            ids = probe.hidden_here(role, model)[:2] or [1]
            return ids if name.endswith("s") else ids[0]
    if name == "model" or name.endswith("_model"):
        return "helpdesk_lite.ticket"
    if "domain" in name:
        return []
    if name in ("values", "vals", "default", "context", "specification") or name.endswith("_values"):
        return {}
    if name.endswith(("fields", "ids")):
        return []
    return probe.random.choice(("zz", False, 1, [], probe.world.hidden_words(role)[0].text))


# the number of calls through each door, relative to the others; questions are many and cheap
DOORS = {
    read: 1,
    web_read: 2,
    search_read: 1,
    names: 1,
    export: 1,
    groups: 1,
    descriptions: 0.5,
    ask_names: 0.5,
    ask_near: 24,
    ask_threads: 24,
    ask: 24,
    onchange: 2,
    default_get: 1,
    create: 2,
    write: 2,
    technical: 2,
    methods: 2,
}
