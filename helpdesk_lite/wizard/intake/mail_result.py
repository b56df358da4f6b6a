from odoo import api, fields, models
from odoo.fields import Command


class MailResult(models.TransientModel):
    """What became of each mail of a selection, for the administrator who acted on it."""

    _name = "helpdesk_lite.mail.result"
    _description = "Result for Incoming Mails"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    line_ids = fields.One2many("helpdesk_lite.mail.result.line", "result_id", readonly=True)
    done_count = fields.Integer("Carried Out", readonly=True)
    undone_count = fields.Integer("Not Carried Out", readonly=True)

    @api.model
    def _show(self, outcomes):
        """Store the outcomes and show them, those that need attention first.

        :param dict outcomes: of record of ``helpdesk_lite.mail`` to tuple (whether all is well, sentence)
        :return: a window action
        """
        self.check_access("create")
        done = sum(is_done for is_done, _text in outcomes.values())
        # sudo: users cannot write the fields of a result themselves
        result = self.sudo().create(
            {
                "done_count": done,
                "undone_count": len(outcomes) - done,
                "line_ids": [
                    Command.create({"mail_id": mail.id, "is_done": is_done, "text": text})
                    for mail, (is_done, text) in sorted(outcomes.items(), key=lambda item: item[1][0])
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result"),
            "res_model": self._name,
            "res_id": result.id,
            "view_mode": "form",
            "target": "new",
        }


class MailResultLine(models.TransientModel):
    """What became of one mail."""

    _name = "helpdesk_lite.mail.result.line"
    _description = "Result for an Incoming Mail"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    result_id = fields.Many2one("helpdesk_lite.mail.result", "Results", required=True, readonly=True, ondelete="cascade")
    mail_id = fields.Many2one("helpdesk_lite.mail", readonly=True, ondelete="cascade")
    email_from = fields.Char(related="mail_id.email_from")
    is_done = fields.Boolean("Carried Out", readonly=True)
    text = fields.Char("Result", readonly=True)
