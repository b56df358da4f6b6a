from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

# the config parameter with the token of /helpdesk/health
TOKEN = "helpdesk_lite.health_token"
# how long a mail may wait or fail before somebody is told: two of the automatic retries are over by then
PATIENCE = timedelta(minutes=15)


class MailAlarm(models.Model):
    """Tells when incoming mail needs attention: on the dashboard, in an activity a day, and to monitoring systems.

    That is when a mail has failed or waited for 15 minutes, or when the last fetch from a mail server ended in an error.
    """

    _inherit = "helpdesk_lite.mail"

    @api.model
    def _get_late_domain(self, state):
        return Domain("state", "=", state) & Domain("received_on", "<=", fields.Datetime.now() - PATIENCE)

    @api.model
    def _get_failing_servers(self):
        """:return: records of ``fetchmail.server`` whose last fetch failed, sudoed"""
        # sudo: only administrators of Odoo can read mail servers; callers give away no more than the number
        return self.env["fetchmail.server"].sudo().search([("error_date", "!=", False)])

    # ------------------------------------------------------------
    # MONITORING
    # ------------------------------------------------------------

    @api.model
    def _get_health(self):
        """The figures for monitoring systems, of all companies, in three statements.

        :return: dict that can be written as JSON; dates are in UTC, as in ISO 8601
        """
        groups = self._read_group([], ["state"], ["__count", "received_on:min"])
        counts = dict.fromkeys(dict(self._fields["state"].selection), 0) | {state: count for state, count, _oldest in groups}
        oldest = {state: date for state, _count, date in groups}
        servers = self._get_failing_servers()
        late = fields.Datetime.now() - PATIENCE
        is_late = any(oldest.get(state) and oldest[state] <= late for state in ("failed", "received"))
        jobs, aliases, waiting = self._get_surroundings()
        return {
            "failing": bool(is_late or servers or jobs or aliases),
            "counts": counts,
            "oldest_failure": _to_iso(oldest.get("failed")),
            "oldest_waiting": _to_iso(oldest.get("received")),
            "servers_with_errors": [{"name": server.name, "since": _to_iso(server.error_date)} for server in servers],
            "failing_jobs": jobs,
            "invalid_addresses": aliases,
            "tickets_waiting_for_assignment": waiting,
        }

    @api.model
    def _get_surroundings(self):
        """What else has to work so that a mail is answered, in one statement.

        :return: tuple (list of dicts ``name``, ``failures`` and ``problem`` of our scheduled actions and Odoo's for mail,
            list of the addresses of teams that Odoo has found invalid, number of tickets for which nobody was available).
            The problem is ``failed``, of the last run; ``stopped`` when Odoo has switched the action off, as it does after
            a week of failures; ``late`` when mail is not fetched or tried again because no scheduled actions run
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """ SELECT (SELECT json_agg(json_build_object('name', cron_name, 'failures', failure_count, 'problem', problem)
                                       ORDER BY id)
                          FROM (SELECT cron.id, cron_name, failure_count, CASE
                                    WHEN failure_count > 0 THEN 'failed'
                                    -- people who switch it off leave their date there; nor does it fetch without servers
                                    WHEN NOT cron.active AND lastcall > cron.write_date
                                     AND (data.name != %(fetch)s OR EXISTS (
                                          SELECT FROM fetchmail_server
                                           WHERE active AND state = 'done' AND server_type != 'local')) THEN 'stopped'
                                    WHEN cron.active AND nextcall <= %(late)s AND data.name IN (%(fetch)s, 'cron_mail_again')
                                     -- much mail takes several runs, and the date of the next one changes after the last
                                     AND NOT EXISTS (
                                          SELECT FROM ir_cron_progress progress
                                           WHERE progress.cron_id = cron.id AND progress.write_date > %(late)s) THEN 'late'
                                    END problem
                                  FROM ir_cron cron
                                  JOIN ir_model_data data ON data.model = 'ir.cron' AND data.res_id = cron.id
                                 WHERE starts_with(data.module, 'helpdesk_lite')
                                    OR data.module = 'mail' AND data.name IN (%(fetch)s, 'ir_cron_mail_scheduler_action')) job
                         WHERE problem IS NOT NULL),
                       (SELECT json_agg(COALESCE(alias_full_name, alias_name) ORDER BY alias.id)
                          FROM mail_alias alias
                          JOIN ir_model model ON model.id = alias.alias_model_id AND model.model = %(ticket)s
                         WHERE alias_status = 'invalid'),
                       (SELECT count(*) FROM helpdesk_lite_ticket
                         WHERE assignment_waiting IS TRUE AND user_id IS NULL AND is_closed IS NOT TRUE AND active IS TRUE)
                """,
                fetch="ir_cron_mail_gateway_action",
                late=fields.Datetime.now() - PATIENCE,
                ticket="helpdesk_lite.ticket",
            )
        )
        jobs, aliases, waiting = self.env.cr.fetchone()
        return jobs or [], aliases or [], waiting

    # ------------------------------------------------------------
    # DASHBOARD
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_alarm(self):
        """What is wrong with the incoming mail of the user's companies.

        :return: False if nothing is wrong, else dict: ``texts``, list of sentences; ``mails``, their number;
            ``can_open_servers``, whether to offer the mail servers with errors
        :raise AccessError: when the user is not an administrator of the helpdesk
        """
        self.check_access("read")
        _ = self.env._
        texts = []
        [(failed, oldest)] = self._read_group(self._get_late_domain("failed"), [], ["__count", "received_on:min"])
        if failed:
            date = format_datetime(self.env, oldest, dt_format="short")
            texts.append(
                _("Mails that could not be processed: %(count)s. The oldest arrived on %(date)s.", count=failed, date=date)
            )
        waiting = self.search_count(self._get_late_domain("received"))
        if waiting:
            texts.append(
                _("Mails that have been waiting for more than 15 minutes: %s. Are the scheduled actions running?", waiting)
            )
        servers = self._get_failing_servers()
        can_open = bool(servers) and self.env["fetchmail.server"].has_access("read")
        if can_open:
            texts.append(_("Mail servers that report errors: %s.", ", ".join(servers.mapped("name"))))
        elif servers:
            texts.append(
                _("Mail servers that report errors: %s. An administrator of Odoo can see which in the settings.", len(servers))
            )
        return bool(texts) and {"texts": texts, "mails": failed + waiting, "can_open_servers": can_open}

    # ------------------------------------------------------------
    # ACTIVITY
    # ------------------------------------------------------------

    @api.model
    def _cron_alarm(self):
        """Give each administrator of the helpdesk an activity, at most one a day, if mail of their companies fails."""
        activity_type = self.env.ref("helpdesk_lite.activity_type_failed_mail", raise_if_not_found=False)
        if not activity_type:
            # an administrator has deleted the activity type, to turn the activities off
            return
        failed = dict(self._read_group(self._get_late_domain("failed"), ["company_id"], ["__count"]))
        servers = self._get_failing_servers()
        if not failed and not servers:
            return
        values = []
        for manager in self._get_managers_to_tell(activity_type):
            count = sum(number for company, number in failed.items() if not company or company in manager.company_ids)
            if count or servers:
                values.append(
                    {**self._prepare_alarm_values(manager, count, len(servers)), "activity_type_id": activity_type.id}
                )
        self.env["mail.activity"].create(values)

    @api.model
    def _get_managers_to_tell(self, activity_type):
        """The administrators of the helpdesk who have had no such activity today.

        :param activity_type: record of ``mail.activity.type``
        :return: records of ``res.users``
        """
        managers = self.env["res.users"].search([("all_group_ids", "in", self.env.ref("helpdesk_lite.group_manager").ids)])
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        # completed activities, which are archived, count as well
        told = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search([("activity_type_id", "=", activity_type.id), ("create_date", ">=", today)])
            .user_id
        )
        return managers - told

    @api.model
    def _prepare_alarm_values(self, manager, failed, servers):
        """The activity that tells an administrator, in their language.

        :param manager: record of ``res.users``
        :param int failed: number of mails
        :param int servers: number of mail servers
        :return: dict of values of ``mail.activity``
        """
        _ = self.with_context(lang=manager.lang).env._
        lines = []
        if failed:
            lines.append(_("Mails that could not be processed: %s", failed))
        if servers:
            lines.append(_("Mail servers that report errors: %s", servers))
        link = Markup('<a href="/odoo/helpdesk-lite-incoming-mail">%s</a>') % _("Incoming Mail")
        return {
            "user_id": manager.id,
            "summary": _("Incoming mail fails"),
            "note": Markup("").join(Markup("<p>%s</p>") % line for line in [*lines, link]),
        }


def _to_iso(date):
    return f"{date.isoformat(timespec='seconds')}Z" if date else None
