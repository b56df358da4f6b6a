from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..guards.attached_mixin import OURS, filter_ours


class MailActivity(models.Model):
    """Activities are for those who can see the ticket or team, whose name they show.

    In standard Odoo people read all activities that were assigned to them: in companies that they do not work for, and
    where they were no longer invited.
    """

    _name = "mail.activity"
    _inherit = ["helpdesk_lite.attached.mixin", "mail.activity"]

    def _get_guard(self):
        return SQL(
            "(%s)",
            SQL(" AND ").join(
                SQL(
                    "(mail_activity.res_model IS DISTINCT FROM %s OR %s)",
                    name,
                    self.env[name]._is_visible(SQL.identifier("mail_activity", "res_id")),
                )
                for name in OURS
            ),
        )

    def _compute_res_name(self):
        result = super()._compute_res_name()
        # stored fields are computed as superuser, and anybody can put any id into an unsaved activity
        for activity in self.filtered(lambda activity: not activity.id and activity.res_model in OURS and activity.res_id):
            record = self.env(su=False)[activity.res_model].browse(activity.res_id)
            if not record.exists() or not record.has_access("read"):
                activity.res_name = False
        return result

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._refuse_blind_users()
        return activities

    def _refuse_blind_users(self):
        """Refuse to assign activities to people who cannot see the ticket, though they follow it now: to customers.

        Employees of other companies are refused as followers before.

        :raise UserError: when somebody cannot see it; they would be mailed its name
        """
        if self.env.su:
            return
        # sudo: the people need not be visible to each other
        for activity in filter_ours(self).sudo().filtered("user_id"):
            user = activity.user_id
            record = self.env[activity.res_model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            if user != self.env.user and not record.browse(activity.res_id).has_access("read"):
                raise UserError(self.env._("%s cannot see this. Choose somebody else.", user.name))

    def write(self, vals):
        """Check access to the new ticket or team as well: standard Odoo checks only the former record.

        Users may change their own activities wherever they are, and an activity shows the name of its record.

        :raise AccessError: when the user cannot write to the new record
        """
        result = super().write(vals)
        if not self.env.su and {"res_id", "res_model", "res_model_id"} & vals.keys():
            # sudo: where it is now
            for model, activities in filter_ours(self).sudo().grouped("res_model").items():
                self.env[model].browse(activities.mapped("res_id")).check_access("read")
        if vals.get("user_id"):
            self._refuse_blind_users()
        return result
