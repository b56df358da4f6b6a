from odoo import api, fields, models

# what employees who are not agents need not think about when they ask something; they see it afterwards
LATER = (
    "//field[@name='priority']",
    "//field[@name='type_id']",
    "//field[@name='tag_ids']",
    "//field[@name='properties']",
    "//group[@name='customer']",
)


class TicketRequest(models.Model):
    """The short form: team, subject, text and files."""

    _inherit = "helpdesk_lite.ticket"

    new_file_ids = fields.Many2many(
        "ir.attachment", string="Files", compute="_compute_new_file_ids", inverse="_inverse_new_file_ids", store=False
    )

    def _compute_new_file_ids(self):
        """Files belong to the chatter as soon as the ticket is there."""
        self.new_file_ids = False

    def _inverse_new_file_ids(self):
        """Attach the files that the user has just uploaded, and no others whatever ids were given."""
        for ticket in self:
            # sudo: employees cannot write their ticket any more, and may attach what they uploaded for it
            files = ticket.new_file_ids.sudo().filtered(
                lambda file: (
                    file.create_uid == self.env.user and not file.res_id and file.res_model == self._name and not file.res_field
                )
            )
            files.write({"res_id": ticket.id})

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("helpdesk_lite.group_user"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and not self.env.user.has_group("helpdesk_lite.group_user"):
            for path in LATER:
                for node in arch.xpath(path):
                    former = node.get("invisible")
                    node.set("invisible", f"not id or ({former})" if former else "not id")
        return arch, view
