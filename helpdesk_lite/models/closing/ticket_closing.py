import logging

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date
from psycopg2.errors import SerializationFailure

_logger = logging.getLogger(__name__)

BATCH = 200  # tickets that are warned or closed at a time


class TicketClosing(models.Model):
    """Closes tickets on which nobody writes, by the rules of their teams.

    Activity is what people write, a change of stage, team or assignee, and reopening; notes are not. A warning must have been
    sent, and have been answered by nobody, before a ticket of a team that warns is closed.
    """

    _inherit = "helpdesk_lite.ticket"

    auto_close_warned_on = fields.Datetime("Warned of Closing on", readonly=True, copy=False)
    auto_close_date = fields.Datetime("Closes on", compute="_compute_auto_close_date")

    _idle_index = models.Index("(team_id, idle_since) WHERE is_closed IS NOT TRUE AND active IS TRUE")

    @api.depends(
        "idle_since", "waiting_since", "last_agent_date", "stage_id", "team_id", "is_closed", "active", "auto_close_warned_on"
    )
    def _compute_auto_close_date(self):
        # sudo: the rules of the team may be hidden from who sees the ticket
        for ticket in self:
            ticket.auto_close_date = ticket.sudo()._find_closing_date() if ticket._origin else False

    def _find_closing_date(self):
        """:return: naive datetime in UTC at which this ticket closes unless somebody writes; False when it does not"""
        team = self.team_id
        if (
            not (team.auto_close and team.active)
            or self.is_closed
            or not self.active
            or (team.auto_close_stage_ids and self.stage_id not in team.auto_close_stage_ids)
            or (team.auto_close_only_answered and (self.waiting_since or not self.last_agent_date))
        ):
            return False
        idle = self._find_idle()
        date = team._find_due(idle, team.auto_close_days)
        if not date or not team.auto_close_warn_days:
            return date or False
        warned = self.auto_close_warned_on
        if not warned or warned < idle:
            # not before the warning, which is sent as soon as it is due
            warned = max(fields.Datetime.now(), team._find_due(idle, team.auto_close_days - team.auto_close_warn_days))
        after_warning = team._find_due(warned, team.auto_close_warn_days)
        return max(date, after_warning) if after_warning else False

    # ------------------------------------------------------------
    # WHICH
    # ------------------------------------------------------------

    @api.model
    def _get_closing_condition(self, team):
        """The condition that a ticket may close by itself, apart from the days; bridges add theirs.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :return: SQL condition on ``ticket``
        """
        conditions = [SQL("ticket.team_id = %s AND ticket.active IS TRUE AND ticket.is_closed IS NOT TRUE", team._origin.id)]
        if team.auto_close_stage_ids:
            conditions.append(SQL("ticket.stage_id = ANY(%s)", team.auto_close_stage_ids._origin.ids))
        if team.auto_close_only_answered:
            conditions.append(SQL("ticket.waiting_since IS NULL AND ticket.last_agent_date IS NOT NULL"))
        return SQL("(%s)", SQL(" AND ").join(conditions))

    def _find_idle(self):
        """:return: naive datetime in UTC from which the days until closing count; an extension point with ``_get_idle``"""
        return self.idle_since or self.opened_on

    @api.model
    def _get_idle(self):
        """The same as SQL on ``ticket``."""
        return SQL("COALESCE(ticket.idle_since, ticket.opened_on)")

    @api.model
    def _get_due_condition(self, team):
        """The condition that a ticket is to be closed now."""
        idle = self._get_idle()
        conditions = [self._get_closing_condition(team), team._have_passed(idle, team.auto_close_days)]
        if team.auto_close_warn_days:
            warned = SQL("ticket.auto_close_warned_on")
            conditions.append(SQL("%s >= %s", warned, idle))
            conditions.append(team._have_passed(warned, team.auto_close_warn_days))
        conditions.append(self._get_spread_condition(team))
        return SQL(" AND ").join(conditions)

    @api.model
    def _get_warning_condition(self, team):
        """The condition that the customer of a ticket is to be warned now."""
        idle = self._get_idle()
        return SQL(
            "%s AND %s AND (ticket.auto_close_warned_on IS NULL OR ticket.auto_close_warned_on < %s) AND %s",
            self._get_closing_condition(team),
            team._have_passed(idle, team.auto_close_days - team.auto_close_warn_days),
            idle,
            self._get_spread_condition(team),
        )

    @api.model
    def _get_spread_condition(self, team):
        """The condition that an old ticket has its turn: those of before the first use are spread over some days."""
        if not team.auto_close_since or not team.auto_close_spread_days:
            return SQL("TRUE")
        return SQL(
            "(%(idle)s >= %(since)s OR %(since)s + (ticket.id %% %(days)s) * interval '1 day' <= %(now)s)",
            idle=self._get_idle(),
            since=team.auto_close_since,
            days=team.auto_close_spread_days,
            now=fields.Datetime.now(),
        )

    # ------------------------------------------------------------
    # CLOSING
    # ------------------------------------------------------------

    @api.model
    def _cron_auto_close(self):
        """Warn and close in all teams. What fails in one team does not concern the others."""
        teams = self.env["helpdesk_lite.team"].search([("auto_close", "=", True)])
        for team in teams:
            for condition, act in (
                (self._get_warning_condition, "_warn_of_closing") if team.auto_close_warn_days else (None, None),
                (self._get_due_condition, "_close_idle"),
            ):
                if condition and not self._act_in_batches(team, condition, act):
                    return

    @api.model
    def _act_in_batches(self, team, condition, act):
        """Do something with all tickets of a team that fulfil a condition.

        :param team: record of ``helpdesk_lite.team``
        :param condition: method that returns the SQL condition for a team
        :param str act: name of the method for a batch
        :return: bool, whether there is time left
        """
        last = 0
        while True:
            try:
                tickets = self._take_batch(condition(team), last)
                if not tickets:
                    return True
                last = tickets[-1].id
                getattr(tickets, act)(team)
                left = self.env["ir.cron"]._commit_progress(len(tickets))
            except SerializationFailure:
                # somebody wrote on one of them, or closes the same ones: the next run looks again
                self.env.cr.rollback()
                return True
            except Exception:
                # whatever is wrong with this team, the others go on
                _logger.exception("%s failed for the team %s", act, team.id)
                self.env.cr.rollback()
                return True
            if not left:
                return False

    @api.model
    def _take_batch(self, condition, last):
        """Lock the next tickets; those that somebody else works on are left to them."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """ SELECT ticket.id FROM helpdesk_lite_ticket ticket
                 WHERE ticket.id > %s AND %s ORDER BY ticket.id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                """,
                last,
                condition,
                BATCH,
            )
        )
        return self.browse(ticket_id for (ticket_id,) in rows)

    def _is_old_for_closing(self, team):
        """Whether this ticket was idle before the team closed any by itself."""
        return bool(team.auto_close_since and self._find_idle() < team.auto_close_since)

    def _warn_of_closing(self, team):
        """Tell the customers of these tickets when they will be closed, and note that they were told."""
        now = fields.Datetime.now()
        # the mail says on which day the ticket closes
        self.auto_close_warned_on = now
        failed = self._send_closing_mails(team, team.auto_close_warn_template_id)
        # a ticket whose customer could not be told is not closed
        failed.auto_close_warned_on = False

    def _close_idle(self, team):
        """Close these tickets, and tell their customers."""
        closing = self - self._send_closing_mails(team, team.auto_close_template_id)
        if not closing:
            return
        # the mail about the stage would be a second one
        if team.auto_close_template_id:
            closing._skip_stage_mail()
        closing.write({"stage_id": team._get_closing_stage().id, "close_reason_id": team.auto_close_reason_id.id})
        # dates are those of the team
        closing = closing.with_context(tz=team._get_timezone().zone)
        closing._message_log_batch(
            {
                ticket.id: self.env._(
                    "Closed automatically, because nobody has written since %s.",
                    format_date(closing.env, ticket.idle_since or ticket.opened_on),
                )
                for ticket in closing
            }
        )

    def _send_closing_mails(self, team, template):
        """Send a template to the customers of these tickets.

        :return: the tickets for which it failed; an administrator is told
        """
        failed = self.browse()
        # dates in the mail are those of the team
        for ticket in self.with_context(tz=team._get_timezone().zone) if template else ():
            if ticket._is_old_for_closing(team) and not team.auto_close_old_mails:
                continue
            error = ticket._attempt(lambda ticket=ticket: ticket._post_template(template))
            if error:
                _logger.warning("Template %s (%s) failed for ticket %s: %s", template.id, template.name, ticket.id, error)
                if not failed:
                    ticket._report_failed_closing(template, error)
                failed |= ticket.with_env(self.env)
        return failed

    def _report_failed_closing(self, template, error):
        """Tell the agents of the ticket and the administrators that tickets are not closed, because a template fails.

        :param template: record of ``mail.template``
        :param Exception error: what it raised
        """
        self._message_log(
            author_id=self.env.ref("base.partner_root").id,
            body=self.env._(
                "The ticket was not closed automatically, because the e-mail template “%(template)s” failed: %(error)s",
                template=template.name,
                error=str(error)[:500],
            ),
        )
        self._alert_of_template(
            template,
            lambda ticket: ticket.env._(
                "Tickets of the team “%s” are not closed automatically until the template is corrected or another is chosen.",
                ticket.team_id.name,
            ),
        )
