import os
from contextlib import suppress

from odoo import api, models


class IrAttachment(models.Model):
    """Leaves no half of a file behind when the disk is full.

    Odoo stores a file under the checksum of its content. A half of it under that name would be another file for ever: the mail
    that brought it could not be processed later either, when there is space again.
    """

    _inherit = "ir.attachment"

    @api.model
    def _file_write(self, bin_value, checksum):
        try:
            return super()._file_write(bin_value, checksum)
        except OSError:
            path = self._full_path(f"{checksum[:2]}/{checksum}")
            with suppress(OSError):
                # somebody else may have stored the whole of it meanwhile
                if os.path.isfile(path) and not self._same_content(bin_value, path):
                    os.unlink(path)
            raise
