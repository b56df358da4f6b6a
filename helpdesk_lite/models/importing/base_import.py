from contextlib import suppress
from datetime import date, datetime, timezone

from odoo import api, fields, models
from odoo.addons.base_import.models.base_import import ImportValidationError
from odoo.tools import plaintext2html

from ...tools.import_words import PRIORITIES, find_field, fold, is_empty, is_html, parse_iso
from .run import KEY, Run

TICKET = "helpdesk_lite.ticket"
SHOWN = 5  # mistakes in a column of dates that are listed


def to_html(text):
    """The description of a ticket from a cell, which is plain text unless Odoo exported it."""
    return text if not text or is_html(text) else plaintext2html(text.strip())


class BaseImport(models.TransientModel):
    """Odoo's import screen, for files that other helpdesks export. Other models are imported as Odoo does it."""

    _inherit = "base_import.import"

    @api.model
    def get_fields_tree(self, model, *args, **kwargs):
        if model == TICKET:
            # the number and the dates are protected from everything but imports
            self = self.with_context(import_file=True)
        return super().get_fields_tree(model, *args, **kwargs)

    # ------------------------------------------------------------
    # READING THE FILE
    # ------------------------------------------------------------

    def _read_csv(self, options):
        if self.res_model == TICKET and self.file and b"\r" in self.file and b"\0" not in self.file:
            # old spreadsheets of Apple end lines with CR, and Python refuses it; UTF-16 contains zeros
            self.file = self.file.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return super()._read_csv(options)

    def _read_file(self, options):
        result = super()._read_file(options)
        if self.res_model != TICKET or not result or not options.get("has_headers") or not result[1]:
            return result
        length, rows = result
        # titles with line breaks in them, and the mark of UTF-8
        titles = [" ".join(title.replace("\ufeff", "").split()) if isinstance(title, str) else title for title in rows[0]]
        return length, [titles, *rows[1:]]

    def _get_mapping_suggestion(self, header, fields_tree, header_types, mapping_fields):
        """Know the titles of other helpdesks, after what was chosen for a title before."""
        offered = {field["name"] for field in fields_tree}
        if self.res_model == TICKET and {"team_id", "stage_id"} <= offered:
            if fold(header) == "id":
                # the number of other helpdesks, which count; Odoo's own external ids are words
                is_number = "integer" in header_types and "number" in offered
                return {"field_path": ["number" if is_number else "id"], "distance": 0}
            found = None if header.lower() in mapping_fields else find_field(header)
            if found and found[0] == "type_id" and not self.env["helpdesk_lite.type"].search_count([], limit=1):
                # every row of a company without types would be refused
                return {}
            if found and found[0] in offered:
                return {"field_path": [found[0]], "distance": found[1] / 1000}
        return super()._get_mapping_suggestion(header, fields_tree, header_types, mapping_fields)

    def _parse_date_from_data(self, data, index, name, field_type, options):
        """Read ISO dates whatever the format of the file is, and list the rows of all others that are not in it."""
        if self.res_model != TICKET or name not in self.env[TICKET]._fields or field_type != "datetime":
            return super()._parse_date_from_data(data, index, name, field_type, options)
        formats = [options.get("datetime_format"), options.get("date_format")]
        offset = (options.get("skip") or 0) + bool(options.get("has_headers"))
        wrong = []
        for number, line in enumerate(data, offset + 1):
            value = line[index]
            if isinstance(value, date):
                continue
            if not value or is_empty(value):
                line[index] = ""
            elif moment := self._parse_moment(value.strip(), formats):
                line[index] = fields.Datetime.to_string(moment)
            else:
                wrong.append((number, value))
        if wrong:
            label = self.env[TICKET].fields_get([name], ["string"])[name]["string"]
            lines = [self.env._("Row %(row)s: “%(value)s”", row=row, value=value[:50]) for row, value in wrong[:SHOWN]]
            raise ImportValidationError(
                self.env._(
                    "%(field)s: these dates do not have the format of the file. Rows with such dates: %(count)s. %(rows)s",
                    field=label,
                    count=len(wrong),
                    rows="; ".join(lines) + ("; …" if len(wrong) > SHOWN else ""),
                ),
                field=name,
                field_type=field_type,
            )
        return None

    @api.model
    def _parse_moment(self, text, formats):
        """Read a date and time, which is in the time zone of the person who imports unless it says its own.

        :param str text: of a cell
        :param list formats: of ``strptime``, or false values
        :return: naive datetime in the time zone of the person, or None
        """
        for pattern in formats:
            with suppress(ValueError):
                return datetime.strptime(text, pattern or "%Y-%m-%d %H:%M:%S")
        moment = parse_iso(text)
        if moment and moment.tzinfo:
            # Odoo brings it back to UTC
            moment = moment.astimezone(timezone.utc).astimezone(self.env.tz).replace(tzinfo=None)
        return moment

    @api.model
    def _handle_multi_mapping(self, import_fields, input_file_data):
        """Make HTML of several columns with plain text before Odoo joins them with a tag."""
        columns = [index for index, name in enumerate(import_fields) if name == "description"]
        if self.res_model == TICKET and len(columns) > 1:
            for row in input_file_data:
                for index in columns:
                    row[index] = to_html(row[index])
        return super()._handle_multi_mapping(import_fields, input_file_data)

    @api.model
    def _handle_fallback_values(self, import_field, input_file_data, fallback_values):
        """Translate the priorities that we know before Odoo replaces those that it does not know."""
        if self.res_model == TICKET and "priority" in import_field:
            labels = dict(self.env[TICKET].fields_get(["priority"], ["selection"])["priority"]["selection"])
            index = import_field.index("priority")
            for row in input_file_data:
                row[index] = labels.get(PRIORITIES.get(fold(row[index] or "")), row[index])
        return super()._handle_fallback_values(import_field, input_file_data, fallback_values)

    # ------------------------------------------------------------
    # IMPORTING
    # ------------------------------------------------------------

    def execute_import(self, fields, columns, options, dryrun=False):
        """Import as standard Odoo does. Tickets are listed with the rows of the file when something is wrong with them.

        :return: dict as in Odoo; for tickets, with ``notices`` as in ``Run.get_notices``
        """
        if self.res_model != TICKET:
            return super().execute_import(fields, columns, options, dryrun)
        skip = options.get("skip") or 0
        run = Run(test=dryrun, offset=skip + bool(options.get("has_headers")), is_first=not skip)
        result = super(BaseImport, self.with_context(**{KEY: run})).execute_import(fields, columns, options, dryrun)
        self._count_rows_of_the_file(result, run.offset, options)
        return result

    @api.model
    def _count_rows_of_the_file(self, result, offset, options):
        """Number rows in messages as a spreadsheet does: Odoo counts from the first row of a batch."""
        for message in result["messages"]:
            for key in ("from", "to"):
                if isinstance(message.get("rows"), dict) and key in message["rows"]:
                    message["rows"] = {**message["rows"], key: message["rows"][key] + offset}
            if type(message.get("record")) is int:
                message["record"] += offset + 1
        if result.get("name") and options.get("has_headers"):
            # the screen looks them up by row
            result["name"] = ["", *result["name"]]
