from odoo import api, models

from ..guards.attached_mixin import is_guarded
from ..guards.held_answers import answer_of, held_answers


def filter_on_hidden(rows, model_name):
    """Select the messages or files on tickets and teams, and on what bridges link with tickets, that the user cannot read.

    :param rows: records of ``mail.message`` or ``ir.attachment``
    :param str model_name: the field that holds the model of their record
    :return: those of the records whose record is hidden
    """
    hidden = rows.browse()
    if rows.env.su:
        return hidden
    # sudo: only where they are
    placed = rows.sudo().filtered(lambda row: row.res_id and row[model_name] in row.env)
    for model, own in placed.filtered(lambda row: is_guarded(row.env, row[model_name])).grouped(model_name).items():
        records = rows.env[model].with_context(active_test=False).browse(sorted(set(own.mapped("res_id"))))
        unreadable = answer_of(rows.env, ("hidden", model, records.ids), lambda records=records: _find_hidden(records))
        hidden |= own.filtered(lambda row, ids=unreadable: row.res_id in ids).with_env(rows.env)
    return hidden


def _find_hidden(records):
    there = records.exists()
    return set((there - there._filtered_access("read")).ids)


class MailMessage(models.Model):
    """A message does not name the record that it is on to people who cannot read that record.

    Odoo tells everybody who can read a message what its record is called, and people can always read what they wrote
    or were notified of. They may have lost access to the ticket since then; and after a merge, the message is on a
    ticket that they never saw.
    """

    _inherit = "mail.message"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_record_name(self):
        result = super()._compute_record_name()
        self._filter_on_hidden().record_name = False
        return result

    def _to_store(self, store, fields, **kwargs):
        if "message_format" not in fields:
            return super()._to_store(store, fields, **kwargs)
        # their record and its name, their files and who reacted: who sees the record is asked once for all of them
        with held_answers(self.env):
            result = super()._to_store(store, fields, **kwargs)
            # sudo(False): the answer to a post is made as superuser, and its author chose what is linked in it
            hidden = self._filter_on_hidden() | self.linked_message_ids.sudo(False)._filter_on_hidden()
        for message, record in hidden._record_by_message().items():
            # sudo: the name of a model is no secret
            model_name = self.env["ir.model"].sudo()._get(record._name).name
            store.add(record, {"display_name": model_name}, as_thread=True)
            if message in self:
                store.add(message, {"default_subject": False})
        return result

    def _filter_on_hidden(self):
        return filter_on_hidden(self, "model")


class IrAttachment(models.Model):
    """Nor does a file. Who reads a message gets its files from Odoo as from the superuser, so this asks who is logged in."""

    _inherit = "ir.attachment"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_res_name(self):
        hidden = filter_on_hidden(self.with_env(self.env(su=False)), "res_model").with_env(self.env)
        hidden.res_name = False
        return super(IrAttachment, self - hidden)._compute_res_name()
