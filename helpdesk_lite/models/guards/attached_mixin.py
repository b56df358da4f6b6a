from functools import partial

from odoo import api, models
from odoo.tools import SQL

# rows of Odoo's tables that point at these models are guarded
OURS = ("helpdesk_lite.ticket", "helpdesk_lite.team")
PREFIX = "helpdesk_lite"


def filter_ours(records):
    """Keep records of our models, and messages, activities, files and followers that belong to them.

    :param records: records of any model
    :return: records of the same model
    """
    if records._name.startswith(PREFIX):
        return records
    # sudo: only the model of the related record is read
    records_sudo = records.sudo().exists()
    if "mail_message_id" in records._fields:
        ours = filter_ours(records_sudo.mail_message_id)
        return records_sudo.filtered(lambda record: record.mail_message_id in ours).with_env(records.env)
    fname = next((name for name in ("res_model", "model") if name in records._fields), None)
    if not fname or "res_id" not in records._fields:
        return records.browse()
    return records_sudo.filtered(lambda record: is_guarded(records.env, str(record[fname] or ""))).with_env(records.env)


def is_guarded(env, model):
    """Whether a model is ours, or one of Odoo's that a bridge links with tickets.

    :param str model: its name
    :return: bool
    """
    # a bridge sets the attribute on the model of Odoo
    return model.startswith(PREFIX) or getattr(env.registry.get(model), "_helpdesk_lite_guarded", False)


class AttachedMixin(models.AbstractModel):
    """Hides rows about tickets and teams from users who cannot see these tickets and teams.

    For models of Odoo that every employee can read and that point at a record of any model.
    """

    _name = "helpdesk_lite.attached.mixin"
    _description = "Guarded Pointers"

    def _get_guard(self):
        """The condition under which the user can see a row, by its ticket, team or message.

        :return: SQL condition on a row of the table; a row is visible when it is TRUE
        """
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
        # NULL hides a row as well; a missing row is not "hidden"
        hidden = self.browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT id FROM %s WHERE id = ANY(%s) AND %s IS NOT TRUE",
                    SQL.identifier(self._table),
                    left.ids,
                    self._get_guard(),
                )
            )
        )
        if not hidden:
            return result
        return forbidden | hidden, error or partial(self.env["ir.rule"]._make_access_error, operation, hidden)
