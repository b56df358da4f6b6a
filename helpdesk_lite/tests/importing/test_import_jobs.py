import csv
import io
from datetime import datetime

from odoo.addons.helpdesk_lite.tests.importing.import_case import FILES, TICKET, ImportCase
from odoo.tests import tagged

ZENDESK_PRIORITIES = {"Low": "0", "Normal": "1", "High": "2", "Urgent": "3", "-": "0"}
ZENDESK_STAGES = {
    "New": "stage_new",
    "Open": "stage_in_progress",
    "Pending": "stage_on_hold",
    "On-hold": "stage_on_hold",
    "Solved": "stage_solved",
    "Closed": "stage_solved",
}
FRESHDESK_PRIORITIES = {"Low": "0", "Medium": "1", "High": "2", "Urgent": "3"}
FRESHDESK_STAGES = {
    "Open": "stage_in_progress",
    "Pending": "stage_on_hold",
    "Waiting on Customer": "stage_on_hold",
    "Waiting on Third Party": "stage_on_hold",
    "Resolved": "stage_solved",
    "Closed": "stage_solved",
}
SPANISH_PRIORITIES = {"Bajo": "0", "Medio": "1", "Alto": "2", "Muy alto": "3"}
SPANISH_STAGES = {
    "Nuevo": "stage_new",
    "En progreso": "stage_in_progress",
    "Esperando": "stage_on_hold",
    "Hecho": "stage_solved",
    "Cancelado": "stage_cancelled",
    "Rechazado": "stage_cancelled",
}


def rows_of(name, **form):
    return list(csv.DictReader(io.StringIO((FILES / name).read_text("utf-8-sig")), **form))


@tagged("post_install", "-at_install")
class TestImportJobs(ImportCase):
    """Companies move in: files as other helpdesks export them, through Odoo's import screen, as its users do it."""

    def assert_arrived(self, ticket, **expected):
        found = {name: ticket[name] for name in expected}
        self.assertEqual(found, expected, ticket.number)

    def test_zendesk(self):
        rows = rows_of("zendesk.csv")
        self.assertEqual(len(rows), 200)
        known = rows[0]["Requester email"]
        shared = next(row["Requester email"] for row in rows if row["Requester email"] != known)
        zoe = self.env["res.partner"].create({"name": "Zoe in our books", "email": f"<{known.upper()}>", "phone": "+34 1"})
        self.env["res.partner"].create([{"name": name, "email": shared} for name in ("Front desk", "Back office")])
        self.env["helpdesk_lite.tag"].create([{"name": "Billing"}, {"name": "VIP"}])
        contacts = self.env["res.partner"].search_count([])
        self.env.ref("helpdesk_lite.stage_new").template_id.auto_delete = False

        screen = self.screen().upload((FILES / "zendesk.csv").read_bytes())
        self.assertEqual(
            dict(zip(screen.preview["headers"], screen.fields, strict=True)),
            {
                "Id": "number",
                "Requester": "partner_name",
                "Requester email": "partner_email",
                "Assignee": "user_id",
                "Group": "team_id",
                "Subject": "name",
                "Description": "description",
                "Tags": "tag_ids",
                "Status": "stage_id",
                "Priority": "priority",
                "Via": False,
                "Ticket type": False,
                "Created at": "opened_on",
                "Assigned at": False,
                "Initially assigned at": "assign_date",
                "Solved at": "close_date",
                "Satisfaction Score": False,
            },
        )
        last = self.make_ticket().number
        sent = self.sent()
        tested = screen.run(dryrun=True)
        self.assertEqual((tested["messages"], len(tested["ids"])), ([], 200))
        self.assertFalse(self.find(rows[0]["Id"]))
        self.assertEqual(self.sent(), sent)
        self.assertEqual(int(self.make_ticket().number[1:]), int(last[1:]) + 1, "a test draws no number")
        sent = self.sent()
        done = screen.run()
        self.assertEqual((done["messages"], len(done["ids"])), ([], 200))
        self.assertEqual(done["notices"], tested["notices"])

        tickets = self.env[TICKET].browse(done["ids"])
        agents = {"Ana Ruiz": self.ana, "Luis Prado": self.luis, "-": self.env["res.users"]}
        for row, ticket in zip(rows, tickets, strict=True):
            moments = {
                name: row[column] and datetime.strptime(row[column], "%Y-%m-%d %H:%M")
                for name, column in (
                    ("opened_on", "Created at"),
                    ("assign_date", "Initially assigned at"),
                    ("close_date", "Solved at"),
                )
            }
            stage = self.env.ref(f"helpdesk_lite.{ZENDESK_STAGES[row['Status']]}")
            self.assert_arrived(
                ticket,
                number=row["Id"],
                name=row["Subject"],
                team_id=self.team,
                user_id=agents[row["Assignee"]],
                stage_id=stage,
                is_closed=stage.fold,
                priority=ZENDESK_PRIORITIES[row["Priority"]],
                partner_id=zoe if row["Requester email"] == known else self.env["res.partner"],
                partner_name=row["Requester"],
                partner_email=row["Requester email"],
                **{name: moment or False for name, moment in moments.items()},
            )
            self.assertEqual({tag.name.lower() for tag in ticket.tag_ids}, set(filter(None, row["Tags"].split(","))))
            # line breaks are kept, and what looks like a tag is text
            for line in filter(None, row["Description"].split("\n")):
                self.assertIn(line.replace("<", "&lt;").replace(">", "&gt;"), ticket.description)
            self.assertEqual(ticket.description.count("<br"), row["Description"].replace("\n\n", "").count("\n"))
            self.assertEqual(bool(ticket.close_hours is not False), bool(row["Solved at"]), "unknown hours are empty")
        self.assertEqual(self.sent(), sent, "nobody is written to")
        self.assertEqual(self.env["res.partner"].search_count([]), contacts, "contacts are neither made nor changed")
        self.assertEqual(zoe.name, "Zoe in our books")
        self.assertNotIn(self.manager.partner_id, tickets.message_partner_ids, "who imports does not follow")
        self.assertFalse(self.env["helpdesk_lite.assignment"].search([("ticket_id", "in", tickets.ids)]))
        self.assert_told(done, rows, known, shared)
        averages = self.env[TICKET]._read_group([("id", "in", tickets.ids)], [], ["close_hours:avg"])
        self.assertGreater(averages[0][0], 0)

    def assert_told(self, done, rows, known, shared):
        """Every customer without a contact is told, and every status that took another name."""
        told = {notice["text"]: notice for notice in done["notices"]}
        several = next(notice for text, notice in told.items() if text.startswith("Several contacts"))
        none = next(notice for text, notice in told.items() if text.startswith("No contact"))
        emails = [row["Requester email"] for row in rows]
        self.assertEqual(several["count"], emails.count(shared))
        self.assertEqual(several["rows"][0], emails.index(shared) + 2, "as a spreadsheet counts, with the titles")
        self.assertEqual(none["count"], 200 - emails.count(shared) - emails.count(known))
        self.assertIn("The status “Pending” becomes the stage “On Hold” of the team “Support”.", told)
        self.assertNotIn("The status “New” becomes the stage “New” of the team “Support”.", told)

    def test_freshdesk(self):
        """Several columns with dates and phones, a *Title* that is the customer's, ``No Agent``, and CRLF as line ends."""
        rows = rows_of("freshdesk.csv")
        known = self.env["res.partner"].create({"name": "In our books", "email": rows[0]["Email"]})
        self.env["helpdesk_lite.tag"].create([{"name": "billing"}, {"name": "VIP"}])
        types = self.env["helpdesk_lite.type"].create([{"name": "question"}, {"name": "Problem", "team_ids": self.team.ids}])
        screen = self.screen().upload((FILES / "freshdesk.csv").read_bytes())
        self.assertEqual(
            {title: field for title, field in zip(screen.preview["headers"], screen.fields, strict=True) if field},
            {
                "Ticket ID": "number",
                "Subject": "name",
                "Description": "description",
                "Status": "stage_id",
                "Priority": "priority",
                "Type": "type_id",
                "Agent": "user_id",
                "Group": "team_id",
                "Created time": "opened_on",
                "Resolved time": "close_date",
                "Tags": "tag_ids",
                "Full name": "partner_name",
                "Email": "partner_email",
                "Work phone": "partner_phone",
            },
        )
        sent = self.sent()
        done = screen.run()
        self.assertEqual((done["messages"], len(done["ids"])), ([], 200))
        agents = {"Ana Ruiz": self.ana, "Luis Prado": self.luis, "No Agent": self.env["res.users"]}
        for row, ticket in zip(rows, self.env[TICKET].browse(done["ids"]), strict=True):
            self.assert_arrived(
                ticket,
                number=row["Ticket ID"],
                name=row["Subject"],
                team_id=self.team,
                user_id=agents[row["Agent"]],
                stage_id=self.env.ref(f"helpdesk_lite.{FRESHDESK_STAGES[row['Status']]}"),
                priority=FRESHDESK_PRIORITIES[row["Priority"]],
                type_id=types.filtered(lambda kind, name=row["Type"]: kind.name.lower() == name.lower()),
                partner_id=known if row["Email"] == known.email else self.env["res.partner"],
                partner_name=row["Full name"],
                partner_email=row["Email"],
                partner_phone=row["Work phone"],
                opened_on=datetime.fromisoformat(row["Created time"]),
                close_date=datetime.fromisoformat(row["Resolved time"]) if row["Resolved time"] else False,
                assign_date=False,
                assign_hours=False,
            )
            self.assertEqual({tag.name.lower() for tag in ticket.tag_ids}, set(filter(None, row["Tags"].lower().split(","))))
            self.assertIn("&lt;i&gt;2 of 3&lt;/i&gt; parts &amp; 1 &lt; 2.<br", ticket.description)
        self.assertEqual(self.sent(), sent, "nobody is written to")

    def test_helpdesk_mgmt_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["ir.module.module"]._load_module_terms(["helpdesk_lite"], ["es_ES"])
        self.manager.write({"lang": "es_ES", "tz": "Europe/Madrid"})
        self.team.with_context(lang="es_ES").name = "Soporte"
        rows = rows_of("helpdesk_mgmt_es.csv", delimiter=";")
        known = self.env["res.partner"].create({"name": "Vera", "email": rows[0]["Correo electrónico"]})
        screen = self.screen(lang="es_ES").upload((FILES / "helpdesk_mgmt_es.csv").read_bytes())
        self.assertEqual(
            screen.fields,
            [
                "number",
                "name",
                "description",
                "team_id",
                "stage_id",
                "user_id",
                "partner_name",
                "partner_email",
                "priority",
                "opened_on",
                "close_date",
            ],
        )
        done = screen.run()
        self.assertEqual((done["messages"], len(done["ids"])), ([], 200))
        agents = {"Ana Ruiz": self.ana, "Luis Prado": self.luis, "": self.env["res.users"]}
        for row, ticket in zip(rows, self.env[TICKET].browse(done["ids"]), strict=True):
            opened = self.manager.with_user(self.manager).env.tz.localize(
                datetime.strptime(row["Creado el"], "%d/%m/%Y %H:%M:%S")
            )
            self.assert_arrived(
                ticket,
                number=row["Número"],
                name=row["Título"],
                team_id=self.team,
                user_id=agents[row["Usuario asignado"]],
                stage_id=self.env.ref(f"helpdesk_lite.{SPANISH_STAGES[row['Etapa']]}"),
                priority=SPANISH_PRIORITIES[row["Prioridad"]],
                partner_id=known if row["Correo electrónico"] == known.email else self.env["res.partner"],
                opened_on=(opened - opened.utcoffset()).replace(tzinfo=None),
                assign_date=False,
                assign_hours=False,
            )
            self.assertEqual(bool(ticket.close_date), bool(row["Fecha de cierre"]))
            self.assertNotIn("&lt;p&gt;", ticket.description, "what Odoo exported is no text with tags in it")
            self.assertIn("<br", ticket.description)
        told = " ".join(notice["text"] for notice in done["notices"])
        self.assertIn("El estado «En progreso» pasa a ser la etapa", told)
        self.assertIn("«Soporte»", told)

    def test_the_template_is_imported_as_it_is(self):
        """The example that the screen offers has the person's own team and stages in it, in their language."""
        for lang in ("en_US", "es_ES"):
            with self.subTest(lang=lang):
                self.env["res.lang"]._activate_lang(lang)
                self.manager.lang = lang
                screen = self.screen()
                (template,) = screen.call(TICKET, "get_import_templates", context={"lang": lang})
                content = self.url_open(template["template"])
                self.assertEqual(content.status_code, 200)
                screen.context = {"lang": lang}
                screen.upload(
                    content.content, "tickets.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                )
                self.assertTrue(all(screen.fields), screen.preview["headers"])
                done = screen.run(dryrun=True)
                self.assertEqual((done["messages"], len(done["ids"])), ([], 2))

    def test_the_template_is_for_those_who_create_tickets(self):
        self.authenticate(self.customer_user.login, self.customer_user.login)
        self.assertEqual(self.url_open("/helpdesk/import-template").status_code, 403)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/helpdesk/import-template").url)
