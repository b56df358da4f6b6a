import csv
import io
import json

from odoo.addons.helpdesk_lite.tests.importing.import_case import TICKET, ImportCase
from odoo.http import Request
from odoo.tests import tagged

DEFINITION = [
    {"name": "colour", "string": "Colour", "type": "selection", "selection": [["red", "Red"], ["blue", "Blue"]]},
    {"name": "watts", "string": "Watts", "type": "integer"},
    {"name": "since", "string": "Since", "type": "date"},
]


@tagged("post_install", "-at_install")
class TestImportProperties(ImportCase):
    """What a team asks on its tickets is exported with them and imported again, by Odoo's own screens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids += cls.env.ref("base.group_allow_export")
        cls.team.ticket_properties_definition = DEFINITION
        cls.teams["private"].ticket_properties_definition = [{"name": "secret", "string": "Secret Project", "type": "char"}]

    def get_exported_fields(self, user, **arguments):
        """The fields that the export dialog offers."""
        self.authenticate(user.login, user.login)
        arguments = {
            "model": TICKET,
            "domain": [],
            "prefix": "",
            "parent_name": "",
            "import_compat": True,
            "exclude": [],
            **arguments,
        }
        return {field["id"]: field["string"] for field in self.make_jsonrpc_request("/web/export/get_fields", arguments)}

    def test_exported_and_imported_again(self):
        ticket = self.make_ticket(number="77")
        ticket.properties = {"colour": "blue", "watts": 40, "since": "2026-03-02"}
        names = [name for name in self.get_exported_fields(self.manager, domain=[("id", "=", ticket.id)]) if "." in name]
        self.assertEqual(names, ["properties.colour", "properties.since", "properties.watts"])
        wanted = ["number", "name", "team_id", *names]
        data = {
            "model": TICKET,
            "fields": [{"name": name, "label": name, "type": "char"} for name in wanted],
            "ids": ticket.ids,
            "domain": [],
            "groupby": [],
            "import_compat": True,
            "context": {},
        }
        response = self.url_open("/web/export/csv", data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)})
        header, row = csv.reader(io.StringIO(response.text.lstrip("\ufeff")))
        self.assertEqual((header, row[3:]), (wanted, ["Blue", "2026-03-02", "40"]))
        content = io.StringIO()
        csv.writer(content).writerows([header, ["78", *row[1:]]])
        answer = self.screen().upload(content.getvalue().encode()).run()
        self.assertEqual(answer["messages"], [])
        self.assertEqual(self.find(78).properties._values, {"colour": "blue", "watts": 40, "since": "2026-03-02"})

    def test_what_private_teams_ask_is_for_those_who_see_their_tickets(self):
        self.make_ticket()
        secret = self.make_ticket("private")
        for arguments in ({}, {"domain": [("id", "=", secret.id)]}, {"import_compat": False}):
            with self.subTest(arguments):
                self.assertNotIn("Secret Project", str(self.get_exported_fields(self.employee, **arguments)))
        secret.message_subscribe(self.employee.partner_id.ids)
        self.assertIn("Secret Project", str(self.get_exported_fields(self.employee)))
