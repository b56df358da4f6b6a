from odoo import fields, models


class TicketFailedTemplate(models.Model):
    """A template that fails is told: in a note to the agents, and to the administrators by one activity a day."""

    _inherit = "helpdesk_lite.ticket"

    def _report_failed_template(self, template, error, acknowledged):
        """Tell the agents on the ticket, and each administrator once a day, that a template does not work.

        :param template: record of ``mail.template``
        :param Exception error: why it failed
        :param bool acknowledged: whether the customer gets a plain acknowledgement in its place
        """
        cause = error.__cause__ or error.__context__
        why = f"{error} ({cause})" if cause else str(error)
        # not in the name of the visitor or customer whose ticket it is
        self._message_log(author_id=self.env.ref("base.partner_root").id, body=self.env._(
            "The e-mail of the stage “%(stage)s” was not sent, because its template “%(template)s” failed: %(error)s",
            stage=self.stage_id.name, template=template.name, error=why[:500],
        ))
        activity_type = self.env.ref("helpdesk_lite.activity_type_failed_template", raise_if_not_found=False)
        if not activity_type:
            # somebody did not want to be told
            return
        managers = self.team_id._users_of_company("helpdesk_lite.group_manager")
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        # done ones count as well
        told = self.env["mail.activity"].with_context(active_test=False).search([
            ("activity_type_id", "=", activity_type.id), ("user_id", "in", managers.ids), ("create_date", ">=", today),
        ]).user_id
        followers = self.message_partner_ids
        for manager in managers - told:
            _ = self.with_context(lang=manager.lang).env._
            self.activity_schedule(
                "helpdesk_lite.activity_type_failed_template",
                summary=_("The e-mail template “%s” fails", template.name),
                note=_(
                    "Customers get a plain acknowledgement instead. Correct the template or choose another for the stage “%s”.",
                    self.stage_id.name,
                ) if acknowledged else _(
                    "Customers are not told that their tickets arrive in the stage “%s”. "
                    "Correct the template or choose another.", self.stage_id.name,
                ),
                user_id=manager.id,
            )
        # an activity makes its person a follower, who would get all that is said on this ticket from now on
        self.message_unsubscribe((managers.partner_id - followers).ids)
