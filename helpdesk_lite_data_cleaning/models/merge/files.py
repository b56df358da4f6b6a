from odoo import models
from odoo.addons.helpdesk_lite.models.access.ir_attachment import SEPARATOR
from odoo.tools.misc import consteq


class IrAttachment(models.Model):
    """Links to the files of an absorbed ticket still open them, as long as its access link opens the master."""

    _inherit = "ir.attachment"

    def _check_link_signature(self, token):
        known = super()._check_link_signature(token)
        master = self._ticket_of_file()
        if known is not None or not master or not isinstance(token, str) or not token.isascii():
            return known
        plain, _separator, signature = token.partition(SEPARATOR)
        for source in master.with_context(active_test=False)._get_absorbed():
            if (
                source.access_token
                and source._is_open_to_links()
                and source._merge_opens_master(master)
                and consteq(self._get_link_signature(source), signature)
            ):
                return plain
        return known
