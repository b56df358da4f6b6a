from random import randint

from odoo import fields, models


class Tag(models.Model):
    """A label that groups tickets by topic, across teams."""

    _name = "helpdesk_lite.tag"
    _description = "Helpdesk Tag"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "name, id"

    def _default_color(self):
        return randint(1, 11)

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: self._default_color())

    _name_unique = models.Constraint("UNIQUE(name)", "There is already a tag with this name.")
