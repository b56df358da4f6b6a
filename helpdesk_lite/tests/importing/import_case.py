import json
from pathlib import Path

from odoo.http import Request
from odoo.tests import HttpCase, new_test_user

from ..common import HelpdeskCase

FILES = Path(__file__).parent / "files"
TICKET = "helpdesk_lite.ticket"
# what the screen sends, see importOptions in base_import/static/src/import_model.js
OPTIONS = {
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {},
    "encoding": "",
    "separator": "",
    "quoting": '"',
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "advanced": True,
    "has_headers": True,
    "keep_matches": False,
    "limit": 2000,
    "sheets": [],
    "sheet": "",
    "skip": 0,
    "tracking_disable": True,
}


class Screen:
    """Odoo's import screen in the browser of a person, who is logged in."""

    def __init__(self, case, model=TICKET, context=None):
        self.case, self.context = case, context or {}
        self.id = self.call("base_import.import", "create", {"res_model": model})
        self.options = dict(OPTIONS)

    def call(self, model, method, *args, **kwargs):
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        return self.case.make_jsonrpc_request(
            "/web/dataset/call_kw", {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        )

    def upload(self, content, name="tickets.csv", kind="text/csv", **options):
        """Load a file, as its drop on the screen does, and take the fields that the screen proposes."""
        response = self.case.url_open(
            "/base_import/set_file",
            data={"id": self.id, "csrf_token": Request.csrf_token(self.case)},
            files={"ufile": (name, content, kind)},
        )
        self.case.assertEqual(json.loads(response.text), {"result": True})
        self.options.update(options)
        self.preview = self.call("base_import.import", "parse_preview", [self.id], self.options)
        self.case.assertNotIn("error", self.preview)
        self.options.update(self.preview["options"])
        matches = self.preview["matches"] or {}
        self.fields = ["/".join(matches.get(str(index), [])) or False for index in range(len(self.preview["headers"]))]
        return self

    def run(self, dryrun=False, **options):
        """Press *Test* or *Import*, for one batch."""
        columns = [header.strip().lower() for header in self.preview["headers"]]
        context = {"tracking_disable": self.options["tracking_disable"]}
        return self.call(
            "base_import.import",
            "execute_import",
            [self.id],
            self.fields,
            columns,
            {**self.options, **options},
            dryrun=dryrun,
            context=context,
        )


class ImportCase(HelpdeskCase, HttpCase):
    """Two agents and a team whose names are those in the files, and an administrator who imports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name = "Support"
        cls.ana, cls.luis = (
            new_test_user(cls.env, login, "helpdesk_lite.group_user", name=name, email=f"{login}@test.example")
            for login, name in (("hl_ana", "Ana Ruiz"), ("hl_luis", "Luis Prado"))
        )
        # an import neither assigns by itself nor writes to anybody, although the team would do both
        cls.team.write({"auto_assignment": True, "assign_method": "equal_total", "member_ids": (cls.ana | cls.luis).ids})
        cls.team.message_subscribe(cls.agent.partner_id.ids)
        cls.manager.tz = "UTC"

    def screen(self, user=None, **context):
        user = user or self.manager
        self.authenticate(user.login, user.login)
        return Screen(self, context=context)

    def find(self, *numbers):
        return self.env[TICKET].search([("number", "in", [str(number) for number in numbers])])

    def sent(self):
        return self.env["mail.mail"].sudo().search_count([]) + self.env["mail.notification"].sudo().search_count([])
