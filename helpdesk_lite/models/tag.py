from random import randint

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class Tag(models.Model):
    """A label that groups tickets by topic, across teams.

    Its name is unique whatever its case and language: otherwise the tickets of one topic would be found under two labels, and
    automatic assignment by tags would find half of them.
    """

    _name = "helpdesk_lite.tag"
    _description = "Helpdesk Tag"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "name, id"

    def _default_color(self):
        return randint(1, 11)

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: self._default_color())

    # for two that are created at the same moment; the constraint below compares all languages
    _name_once = models.UniqueIndex("(lower(name ->> 'en_US'))", "There is already a tag with this name.")

    @api.constrains("name")
    def _check_name(self):
        """Compare the names in all languages.

        :raise ValidationError: when another tag has one of the names
        """
        self.flush_model(["name"])
        owners = {}
        for tag_id, names in self.env.execute_query(SQL("SELECT id, name FROM helpdesk_lite_tag ORDER BY id")):
            for name in names.values():
                owners.setdefault(_fold(name), {})[tag_id] = name
        for tag in self:
            for tags in owners.values():
                if tag.id in tags and len(tags) > 1:
                    raise ValidationError(
                        self.env._(
                            "There is already a tag “%s”. The names of tags are unique in all languages, in capitals or not.",
                            next(name for tag_id, name in tags.items() if tag_id != tag.id),
                        )
                    )


def _fold(name):
    """A name in the form in which names are compared."""
    return " ".join(name.split()).casefold()
