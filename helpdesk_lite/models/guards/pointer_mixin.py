from functools import partial

from odoo import api, models
from odoo.tools import SQL

# whose rows in tables of Odoo are guarded
OURS = ("helpdesk_lite.ticket", "helpdesk_lite.team")
PREFIX = "helpdesk_lite"


def filter_ours(records):
    """Those of some records that are ours, or hang on one of ours: messages, activities, files, followers.

    :param records: of any model
    :return: records of the same model
    """
    if records._name.startswith(PREFIX):
        return records
    # sudo: looked at to decide what is told of them
    records_sudo = records.sudo().exists()
    if "mail_message_id" in records._fields:
        ours = filter_ours(records_sudo.mail_message_id)
        return records_sudo.filtered(lambda record: record.mail_message_id in ours).with_env(records.env)
    fname = next((name for name in ("res_model", "model") if name in records._fields), None)
    if not fname or "res_id" not in records._fields:
        return records.browse()
    return records_sudo.filtered(lambda record: str(record[fname] or "").startswith(PREFIX)).with_env(records.env)


class PointerMixin(models.AbstractModel):
    """Rows that tell something of tickets and teams are for those who see these.

    For models of Odoo that every employee may read, and that point at a record of any model.
    """

    _name = "helpdesk_lite.pointer.mixin"
    _description = "Guarded Pointers"

    def _get_guard(self):
        """SQL on a row of the table: whether its tickets, teams and messages let the user see it."""
        raise NotImplementedError

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access or query.is_empty()):
            query.add_where(self._get_guard())
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        forbidden, error = result or (self.browse(), None)
        left = self - forbidden
        if self.env.su or not left.ids:
            return result
        self.flush_model()
        # what is not TRUE is hidden; a row that is missing is not
        hidden = self.browse(row[0] for row in self.env.execute_query(SQL(
            "SELECT id FROM %s WHERE id = ANY(%s) AND %s IS NOT TRUE",
            SQL.identifier(self._table), left.ids, self._get_guard(),
        )))
        if not hidden:
            return result
        return forbidden | hidden, error or partial(self.env["ir.rule"]._make_access_error, operation, hidden)
