from odoo import models


class IrBinary(models.AbstractModel):
    """Checks link signatures when a file is opened by its URL, see ``ir_attachment.py``."""

    _inherit = "ir.binary"

    def _find_record(self, xmlid=None, res_model="ir.attachment", res_id=None, access_token=None, field=None):
        if access_token and res_model == "ir.attachment" and res_id and not xmlid:
            attachment = self.env["ir.attachment"].browse(res_id).exists()
            access_token = attachment and attachment._check_link_signature(access_token)
        return super()._find_record(xmlid, res_model, res_id, access_token, field)
