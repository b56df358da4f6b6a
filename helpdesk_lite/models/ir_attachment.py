from functools import partial

from odoo import api, models
from odoo.tools import SQL


class IrAttachment(models.Model):
    """Customers get the files of messages that they may read, not all files of their ticket.

    The general rule is "whoever reads the record reads its attachments", which would give
    them the files of internal notes, for whose ids they only have to count.
    """

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.env.user.share:
            return result
        forbidden, error = result or (self.browse(), None)
        internal = (self - forbidden)._filtered_internal_of_tickets()
        if not internal:
            return result
        return (
            forbidden | internal,
            error or partial(self.env["ir.rule"]._make_access_error, operation, internal),
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access) and self.env.user.share:
            query.add_where(SQL("NOT %s", self._internal_of_tickets_sql()))
        return query

    def _filtered_internal_of_tickets(self):
        """Those that hang on a ticket, but on no message that a customer may read."""
        if not self.ids:
            return self.browse()
        return self.browse(row[0] for row in self.env.execute_query(SQL(
            "SELECT id FROM ir_attachment WHERE id = ANY(%s) AND %s", self.ids, self._internal_of_tickets_sql(),
        )))

    def _internal_of_tickets_sql(self):
        self.flush_model(["res_model", "create_uid", "public"])
        self.env["mail.message"].flush_model(["is_internal", "subtype_id", "attachment_ids"])
        # one's own upload is readable until it is sent; all anonymous visitors are one user
        owner = 0 if self.env.user._is_public() else self.env.uid
        return SQL(
            """ (ir_attachment.res_model = 'helpdesk_lite.ticket'
                 AND ir_attachment.public IS NOT TRUE
                 AND ir_attachment.create_uid != %s
                 AND NOT EXISTS (
                    SELECT 1 FROM message_attachment_rel rel
                      JOIN mail_message message ON message.id = rel.message_id
                      JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                     WHERE rel.attachment_id = ir_attachment.id
                       AND message.is_internal IS NOT TRUE
                       AND subtype.internal IS NOT TRUE
            )) """, owner,
        )
