from uuid import uuid4

from odoo import api, models
from odoo.models import fix_import_export_id_paths

from .run import KEY, Run, get_run
from .ticket_rows import ALWAYS, TicketRows

# the default of the method that is overridden
NO_LOG = models.BaseModel._convert_records.__kwdefaults__["log"]


class TicketImport(models.Model):
    """Creates the tickets of an import, or none of them."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def get_import_templates(self):
        return [{"label": self.env._("Example with Two Tickets"), "template": "/helpdesk/import-template"}]

    @api.model
    def load(self, fields, data):
        """Import rows as standard Odoo does. The first batch of a file checks all its rows before it creates a ticket.

        :return: dict as in Odoo; in an import, with ``notices`` as in ``Run.get_notices``
        """
        if not self._is_import():
            return super().load(fields, data)
        run = get_run(self.env)
        if not run:
            run = Run()
            self = self.with_context(**{KEY: run})
        limit = self.env.context.get("_import_limit")
        if run.is_first and limit and limit < len(data) and (mistakes := self._check_rows(fields, data)):
            return {"ids": False, "messages": mistakes, "nextrow": 0, "notices": run.get_notices()}
        return {**super().load(fields, data), "notices": run.get_notices()}

    @api.model
    def _check_rows(self, fields, data):
        """Read all rows of a file without creating tickets.

        :return: list of messages as ``load`` returns them, empty when all rows can be imported
        """
        messages = []
        savepoint = self.env.cr.savepoint()
        records = self._extract_records([fix_import_export_id_paths(field) for field in fields], data, log=messages.append)
        for _row in self._convert_records(records, log=messages.append, savepoint=savepoint):
            pass
        savepoint.close(rollback=True)
        get_run(self.env).forget_notices()
        return [message for message in messages if message["type"] == "error"]

    @api.model
    def _convert_records(self, records, *, log=NO_LOG, savepoint):
        """Find what the rows name, all at once, before Odoo converts what is left one by one."""
        run = self._is_import() and get_run(self.env)
        if not run:
            yield from super()._convert_records(records, log=log, savepoint=savepoint)
            return
        messages = []
        rows = list(records)
        found = TicketRows(self, run, messages.append).resolve(rows)
        converted = list(super()._convert_records(iter(rows), log=messages.append, savepoint=savepoint))
        for message in messages:
            log(message)
        if any(message["type"] == "error" for message in messages):
            # no ticket is created and no number drawn: what is wrong is told for all rows at once
            return
        for (id_, xml_id, values, extras), own in zip(converted, found, strict=True):
            yield id_, xml_id, {**values, **own}, extras

    def _load_records_write(self, values):
        return super()._load_records_write(self._without_blanks(values))

    @api.model
    def _load_records_create(self, vals_list):
        return super()._load_records_create([self._without_blanks(vals) for vals in vals_list])

    @api.model
    def _without_blanks(self, vals):
        """Leave out empty cells of what a ticket always has.

        :param dict vals: of one ticket
        :return: dict
        """
        if not self._is_import():
            return vals
        return {name: value for name, value in vals.items() if value or name not in ALWAYS}

    @api.model
    def _prepare_create_values(self, vals_list):
        if self._is_import():
            # Not in create(), which checks values from clients. Nobody knows when these were assigned or closed, and
            # it was not now.
            unknown = {"assign_date": False, "close_date": False}
            vals_list = [{**unknown, **vals} for vals in vals_list]
            for vals in vals_list:
                vals["name"] = vals.get("name") or self.env._("No Subject")
        return super()._prepare_create_values(vals_list)

    # ------------------------------------------------------------
    # TESTS
    # ------------------------------------------------------------

    @api.model
    def _next_numbers(self, company, count, reserved=()):
        run = get_run(self.env)
        if run and run.test:
            # drawn numbers are not given back when the test is rolled back
            return [f"?{uuid4()}" for _number in range(count)]
        return super()._next_numbers(company, count, reserved)

    @api.model
    def _pass_numbers(self, company, numbers):
        run = get_run(self.env)
        if run and run.test:
            return None
        return super()._pass_numbers(company, numbers)
