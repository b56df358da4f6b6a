from odoo import api, fields, models
from odoo.tools import SQL


class ReplyText(models.Model):
    """The text of a reply in a further language.

    Not a translated field: Odoo translates HTML sentence by sentence, so a text that somebody writes anew in one language
    would replace the sentences of the others. Here agents also write languages that they do not use themselves.
    """

    _name = "helpdesk_lite.reply.text"
    _description = "Helpdesk Reply in Another Language"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "lang, id"
    _rec_name = "lang"

    reply_id = fields.Many2one("helpdesk_lite.reply", required=True, index=True, ondelete="cascade")
    lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), "Language", required=True)
    body = fields.Html("Text", required=True)

    _lang_once = models.Constraint("UNIQUE(reply_id, lang)", "The reply has a text in this language already.")

    def _get_guard(self):
        return self.env["helpdesk_lite.reply"]._is_visible(SQL.identifier(self._table, "reply_id"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.env["helpdesk_lite.reply"]._refuse_script(vals.get("body"))
        return super().create(vals_list)

    def write(self, vals):
        self.env["helpdesk_lite.reply"]._refuse_script(vals.get("body"))
        result = super().write(vals)
        # it may have become that of another reply
        self.check_access("write")
        return result

    @api.constrains("body", "reply_id")
    def _check_placeholders(self):
        self.reply_id._check_placeholders()
