from odoo import api, models

from .attached_mixin import OURS, filter_ours


class OnchangeMixin(models.AbstractModel):
    """Refuses unsaved forms that mention tickets or teams that the user cannot see.

    The ORM computes names for an unsaved form as superuser, from any id that the client sends. This mixin is for
    models of Odoo with links to messages, files, activities or records of any model.
    """

    _name = "helpdesk_lite.onchange.mixin"
    _description = "Forms without Hidden Records"

    def onchange(self, values, field_names, fields_spec):
        """Compute a form as standard Odoo does, if the user can see every ticket and team that it mentions.

        :raise AccessError: when the user cannot see one of them
        """
        if not self.env.su:
            self._refuse_hidden_in_form(values, fields_spec)
        return super().onchange(values, field_names, fields_spec)

    def _refuse_hidden_in_form(self, values, fields_spec):
        Links = self.env["helpdesk_lite.links.mixin"]
        contexts = [self.env.context, *Links._get_contexts(fields_spec)]
        given = Links._get_form_links(self, values, contexts)
        links = {key: set(filter_ours(self.env[key[0]].browse(ids)).ids) for key, ids in given.items()}
        for model, record_id in self._get_references(values, contexts):
            links.setdefault((model, "read"), set()).add(record_id)
        Links._refuse_links(links)

    @api.model
    def _get_references(self, values, contexts):
        """The tickets and teams that a form mentions by model and id.

        :return: iterator of tuples (name of the model, id)
        """
        for source in self._get_form_sources(values, contexts):
            record_id = source.get("res_id")
            known = {
                source.get("model"),
                source.get("res_model"),
                # sudo: only the name of the model is read from the edited record
                *(self.sudo()[name] for name in ("model", "res_model") if name in self._fields and self),
            }
            for model in known & set(OURS) if type(record_id) is int and record_id else ():
                yield model, record_id

    @api.model
    def _get_form_sources(self, values, contexts):
        """:return: list of dict, the values of a form and the defaults that may fill its missing fields"""
        return [
            values,
            self.env["ir.default"]._get_model_defaults(self._name),
            *(
                {key.removeprefix("default_"): value for key, value in context.items() if key.startswith("default_")}
                for context in contexts
            ),
        ]


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.message"]


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.activity"]


class MailNotification(models.Model):
    _name = "mail.notification"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.notification"]


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["helpdesk_lite.onchange.mixin", "ir.attachment"]


class MailScheduledMessage(models.Model):
    _name = "mail.scheduled.message"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.scheduled.message"]


class MailComposeMessage(models.TransientModel):
    _name = "mail.compose.message"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.compose.message"]


class MailTemplatePreview(models.TransientModel):
    _name = "mail.template.preview"
    _inherit = ["helpdesk_lite.onchange.mixin", "mail.template.preview"]
