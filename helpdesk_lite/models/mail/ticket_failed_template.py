from odoo import fields, models


class TicketFailedTemplate(models.Model):
    """Reports failing templates: to the agents in a note, to each administrator in one activity a day."""

    _inherit = "helpdesk_lite.ticket"

    def _report_failed_template(self, template, error, acknowledged):
        """Tell the agents of the ticket, and each administrator once a day, that a template fails.

        :param template: record of ``mail.template``
        :param Exception error: the exception that it raised
        :param bool acknowledged: whether the customer gets a plain acknowledgement instead
        """
        cause = error.__cause__ or error.__context__
        why = f"{error} ({cause})" if cause else str(error)
        # the author must not be the visitor or customer who created the ticket
        self._message_log(
            author_id=self.env.ref("base.partner_root").id,
            body=self.env._(
                "The e-mail of the stage “%(stage)s” was not sent, because its template “%(template)s” failed: %(error)s",
                stage=self.stage_id.name,
                template=template.name,
                error=why[:500],
            ),
        )
        self._alert_of_template(
            template,
            lambda ticket: (
                ticket.env._(
                    "Customers get a plain acknowledgement instead. Correct the template or choose another for the stage “%s”.",
                    ticket.stage_id.name,
                )
                if acknowledged
                else ticket.env._(
                    "Customers are not told that their tickets arrive in the stage “%s”. "
                    "Correct the template or choose another.",
                    ticket.stage_id.name,
                )
            ),
        )

    def _alert_of_template(self, template, explain):
        """Give each administrator an activity about a failing template, at most one a day.

        :param template: record of ``mail.template``
        :param explain: function from this ticket, in the language of the administrator, to the text of the note
        """
        activity_type = self.env.ref("helpdesk_lite.activity_type_failed_template", raise_if_not_found=False)
        if not activity_type:
            # an administrator has deleted the activity type, to turn the activities off
            return
        managers = self.team_id._users_of_company("helpdesk_lite.group_manager")
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        # completed activities, which are archived, count as well
        told = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search(
                [("activity_type_id", "=", activity_type.id), ("user_id", "in", managers.ids), ("create_date", ">=", today)]
            )
            .user_id
        )
        followers = self.message_partner_ids
        for manager in managers - told:
            _ = self.with_context(lang=manager.lang).env._
            self.activity_schedule(
                "helpdesk_lite.activity_type_failed_template",
                summary=_("The e-mail template “%s” fails", template.name),
                note=explain(self.with_context(lang=manager.lang)),
                user_id=manager.id,
            )
        # an activity makes its assignee a follower, who would receive all further messages on this ticket
        self.message_unsubscribe((managers.partner_id - followers).ids)
