from odoo import api, fields, models


class ResUsersSettings(models.Model):
    """What the web client knows of its user from the start."""

    _inherit = "res.users.settings"

    helpdesk_lite_next_when_done = fields.Boolean("Next Ticket When One Is Done")
    helpdesk_lite_setup_hidden = fields.Boolean(
        "Set-Up Checklist", help="The set-up checklist is not shown to this administrator any more."
    )


class ResUsers(models.Model):
    """How somebody wants to work through their tickets."""

    _inherit = "res.users"

    helpdesk_lite_next_when_done = fields.Boolean(
        "Next Ticket When One Is Done",
        compute="_compute_helpdesk_lite_next_when_done",
        inverse="_inverse_helpdesk_lite_next_when_done",
        help="When you close a ticket on its form, the next one of the list from which you opened it is shown.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "helpdesk_lite_next_when_done"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "helpdesk_lite_next_when_done"]

    @api.depends("res_users_settings_id.helpdesk_lite_next_when_done")
    def _compute_helpdesk_lite_next_when_done(self):
        for user in self:
            # sudo: settings are read by their owners only
            user.helpdesk_lite_next_when_done = user.sudo().res_users_settings_id.helpdesk_lite_next_when_done

    def _inverse_helpdesk_lite_next_when_done(self):
        for user in self:
            # sudo: settings are made for their owners
            settings = self.env["res.users.settings"].sudo()._find_or_create_for_user(user)
            settings.helpdesk_lite_next_when_done = user.helpdesk_lite_next_when_done
