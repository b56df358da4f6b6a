import io
from datetime import datetime, timedelta

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

TICKET = "helpdesk_lite.ticket"
COLUMNS = (
    "number",
    "name",
    "description",
    "partner_name",
    "partner_email",
    "team_id",
    "stage_id",
    "priority",
    "user_id",
    "opened_on",
    "assign_date",
    "close_date",
)


class ImportTemplate(http.Controller):
    """An example to import, with the names of the person's own team, stages and columns."""

    @http.route("/helpdesk/import-template", type="http", auth="user", methods=["GET"], readonly=True)
    def helpdesk_import_template(self, **_kwargs):
        """Answer with a spreadsheet whose two tickets can be imported as they are.

        :raise AccessError: when the user cannot create tickets
        """
        request.env[TICKET].check_access("create")
        if not request.env.user._is_internal():
            raise AccessError(request.env._("Only internal users can import tickets."))
        headers = [
            ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("Content-Disposition", content_disposition("tickets.xlsx")),
        ]
        return request.make_response(self._make_workbook(), headers)

    def _make_workbook(self):
        # not needed by the other routes
        import xlsxwriter

        Ticket = request.env[TICKET].with_context(import_file=True)
        shown = Ticket.fields_get(COLUMNS, ["string", "readonly"])
        names = [name for name in COLUMNS if not shown[name]["readonly"]]
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as workbook:
            sheet, bold = workbook.add_worksheet(), workbook.add_format({"bold": True})
            sheet.set_column(0, len(names) - 1, 22)
            sheet.write_row(0, 0, [shown[name]["string"] for name in names], bold)
            for row, example in enumerate(self._get_examples(Ticket), 1):
                for column, name in enumerate(names):
                    # the number of a ticket is a word, and a text that looks like a formula is none
                    write = sheet.write_datetime if isinstance(example[name], datetime) else sheet.write_string
                    if example[name]:
                        write(row, column, example[name])
        return output.getvalue()

    def _get_examples(self, Ticket):
        """Two tickets, an open and a closed one.

        :return: list of dicts of field name to value
        """
        _ = request.env._
        team = Ticket.env["helpdesk_lite.team"].browse(Ticket.default_get(["team_id"]).get("team_id") or [])
        priorities = dict(Ticket.fields_get(["priority"], ["selection"])["priority"]["selection"])
        opened = fields.Datetime.context_timestamp(Ticket, fields.Datetime.now()).replace(tzinfo=None, microsecond=0)
        opened -= timedelta(days=30)
        example = {
            "team_id": team.name or "",
            "user_id": request.env.user.name,
            "opened_on": opened,
            "assign_date": opened + timedelta(hours=1),
        }
        return [
            {
                **example,
                "number": "OLD-1001",
                "name": _("The lamp flickers"),
                "description": _("Hello,\nthe lamp that came yesterday flickers."),
                "partner_name": "Zoe Quill",
                "partner_email": "zoe@quill.example",
                "stage_id": team.stage_ids.filtered(lambda stage: not stage.fold)[:1].name or "",
                "priority": priorities["2"],
                "close_date": None,
            },
            {
                **example,
                "number": "OLD-1002",
                "name": _("Two chairs are missing"),
                "description": _("Six were ordered, and four arrived."),
                "partner_name": "Liam Brandt",
                "partner_email": "liam@brandt.example",
                "stage_id": team.stage_ids.filtered("fold")[:1].name or "",
                "priority": priorities["1"],
                "close_date": opened + timedelta(days=2) if team.stage_ids.filtered("fold") else None,
            },
        ]
