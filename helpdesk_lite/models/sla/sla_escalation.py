import logging
from collections import defaultdict
from datetime import datetime

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import format_datetime
from psycopg2 import OperationalError

from ...tools.sla_clock import to_minutes, to_moment
from .sla_target import KINDS, YEAR
from .ticket_sla import HORIZON

_logger = logging.getLogger(__name__)

# minutes since working time, within which somebody may still be told: the job runs every five
LATELY = 10
# escalations in one transaction
BATCH = 500


class SlaEscalation(models.Model):
    """What happens some working time before or after a deadline that is still to be kept. Once for each promise."""

    _name = "helpdesk_lite.sla.escalation"
    _description = "SLA Escalation"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "sla_id, sequence, id"
    _check_company_auto = True
    _rec_name = "action"

    sla_id = fields.Many2one("helpdesk_lite.sla", "SLA Policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="sla_id.company_id", store=True, precompute=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, "Of the Target", help="Empty: of each target of the policy.")
    moment = fields.Selection(
        [("before", "Before the deadline"), ("after", "After the deadline")], "When", required=True, default="before"
    )
    minutes = fields.Integer(default=60)
    hours = fields.Float(
        "Working Time",
        compute="_compute_hours",
        inverse="_inverse_hours",
        help="Hours and minutes; none is the deadline itself.",
    )
    action = fields.Selection(
        [
            ("notify_assignee", "Tell the assignee"),
            ("notify_users", "Tell these people"),
            ("activity", "Plan an activity for the assignee"),
            ("priority", "Raise the priority"),
            ("reassign", "Assign anew by the method of the team"),
            ("tag", "Add a tag"),
        ],
        required=True,
        default="notify_assignee",
    )
    user_ids = fields.Many2many(
        "res.users",
        "helpdesk_lite_sla_escalation_user_rel",
        "escalation_id",
        "user_id",
        "People",
        domain=[("share", "=", False)],
        check_company=True,
        help="They are told of tickets that they can see.",
    )
    tag_id = fields.Many2one("helpdesk_lite.tag", ondelete="restrict")

    _minutes_range = models.Constraint(
        f"CHECK(minutes BETWEEN 0 AND {YEAR})", "The time before or after a deadline cannot be negative, or more than a year."
    )

    @api.depends("minutes")
    def _compute_hours(self):
        for escalation in self:
            escalation.hours = escalation.minutes / 60

    def _inverse_hours(self):
        for escalation in self:
            escalation.minutes = round(escalation.hours * 60)

    @api.constrains("action", "user_ids", "tag_id")
    def _check_action(self):
        self._refuse_outsiders(self.user_ids)
        for escalation in self:
            if escalation.action == "tag" and not escalation.tag_id:
                raise ValidationError(self.env._("An escalation that adds a tag needs the tag."))
            if escalation.action == "notify_users" and not escalation.user_ids:
                raise ValidationError(self.env._("An escalation that tells people needs to know whom."))

    # ------------------------------------------------------------
    # WHAT HAPPENS
    # ------------------------------------------------------------

    def _get_latest_deadline(self, clock, now):
        """The latest deadline for which it is time for this escalation now.

        :param clock: :class:`Clock` of the promises
        :param int now: minute
        :return: a naive datetime in UTC, or None if there is none; None also outside the working time, in which nobody is
            disturbed
        """
        if not clock.worked(now - LATELY, now):
            return None
        position = clock.position(now)
        if self.moment == "before":
            latest = clock.instant(position + self.minutes)
            return datetime.max if latest is None else to_moment(latest)
        latest = clock.instant(position - self.minutes) if position > self.minutes else None
        return latest and to_moment(latest)

    def _escalate(self, status, deadline):
        """Do what this escalation says.

        :param status: record of ``helpdesk_lite.sla.status``
        :param datetime deadline: naive, in UTC; an earlier escalation may have moved or stopped that of the status
        :return: records of ``res.users`` who are to be told
        """
        ticket = status.ticket_id
        if self.action == "notify_assignee":
            return ticket.user_id
        if self.action == "notify_users":
            return self.user_ids.filtered(lambda user: user.active and ticket.with_user(user).has_access("read"))
        if self.action == "activity" and ticket.user_id:
            theirs = self.with_context(lang=ticket.user_id.lang, tz=ticket.user_id.tz or "UTC")
            day = fields.Datetime.context_timestamp(theirs, deadline).date()
            summary = theirs.env._("SLA deadline: %s", status.name)
            ticket.activity_schedule("mail.mail_activity_data_todo", day, summary, user_id=ticket.user_id.id)
        elif self.action == "priority" and ticket.priority < "3":
            ticket.priority = str(int(ticket.priority) + 1)
        elif self.action == "tag":
            ticket.tag_ids = [Command.link(self.tag_id.id)]
        elif self.action == "reassign":
            team, assignee = ticket.team_id, ticket.user_id
            ticket._assign(team, team._get_assignable_users() - assignee, keep=True)
            if ticket.user_id == assignee:
                # nobody else is free: it is still theirs, and urgent
                return assignee
        return self.env["res.users"]

    def _find_due(self, calendar, company, moment, latest):
        """Find promises for which this escalation is due and has not happened.

        :param calendar: record, empty for around the clock
        :param company: record of ``res.company``, of the tickets
        :param datetime moment: now, in whole minutes
        :param datetime latest: see ``_get_latest_deadline``
        :return: list of ids
        """
        self.env.cr.execute(
            """ SELECT status.id
                  FROM helpdesk_lite_sla_status status
                  JOIN helpdesk_lite_ticket ticket ON ticket.id = status.ticket_id AND ticket.company_id = %(company)s
                 WHERE status.sla_id = %(sla)s AND COALESCE(%(kind)s, status.kind) = status.kind
                   AND status.calendar_id IS NOT DISTINCT FROM %(calendar)s
                   AND status.active AND status.is_open AND status.state IN ('running', 'failed')
                   AND (ticket.user_id IS NOT NULL OR NOT %(for_assignee)s)
                   AND status.deadline <= %(latest)s AND (status.deadline >= %(now)s) = %(before)s
                   AND NOT EXISTS (SELECT FROM helpdesk_lite_sla_escalated_rel done
                                    WHERE done.status_id = status.id AND done.escalation_id = %(escalation)s)
                 ORDER BY status.deadline, status.id
            """,
            {
                "company": company.id,
                "sla": self.sla_id.id,
                "kind": self.kind or None,
                "calendar": calendar.id or None,
                "latest": latest,
                "now": moment,
                "before": self.moment == "before",
                # whoever is assigned later is told then
                "for_assignee": self.action in ("notify_assignee", "activity"),
                "escalation": self.id,
            },
        )
        return [status_id for (status_id,) in self.env.cr.fetchall()]


class SlaStatusEscalation(models.Model):
    """Which escalations are due, and that each happens once."""

    _inherit = "helpdesk_lite.sla.status"

    escalated_ids = fields.Many2many(
        "helpdesk_lite.sla.escalation",
        "helpdesk_lite_sla_escalated_rel",
        "status_id",
        "escalation_id",
        "Escalations Done",
        readonly=True,
    )

    @api.model
    def _cron_due(self):
        result = super()._cron_due()
        self._escalate_due()
        return result

    @api.model
    def _escalate_due(self):
        """Escalate what is due, some hundreds in each transaction."""
        due = self._find_escalations()
        for start in range(0, len(due), BATCH):
            batch = self._lock_escalations(due[start : start + BATCH])
            self._escalate(batch)
            left = max(len(due) - start - BATCH, 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=left):
                return

    @api.model
    def _escalate(self, batch):
        """Escalate, and tell each person once. What fails for one ticket is logged, and does not keep the others from it.

        :param list batch: of pairs (record of this model, record of ``helpdesk_lite.sla.escalation``)
        """
        told = defaultdict(self.browse)
        deadlines = {status: status.deadline for status, _escalation in batch}
        for status, escalation in batch:
            status.escalated_ids = [Command.link(escalation.id)]
            try:
                with self.env.cr.savepoint():
                    users = escalation._escalate(status, deadlines[status])
            except OperationalError:
                # somebody changes the ticket: the whole batch comes next time
                raise
            except Exception:
                _logger.exception("SLA escalation %s of ticket %s", escalation.id, status.ticket_id.id)
                continue
            for user in users:
                told[user] |= status
        for user, statuses in told.items():
            self._tell(user, {status: deadlines[status] for status in statuses})

    @api.model
    def _find_escalations(self):
        """Find what is due: a statement for each escalation and calendar, however many promises are to be kept.

        :return: list of pairs of ids (status, escalation), by the order of the escalations
        """
        self.env.flush_all()
        moment = fields.Datetime.now().replace(second=0)
        self.env.cr.execute(
            """ SELECT DISTINCT escalation.id, status.calendar_id, ticket.company_id
                  FROM helpdesk_lite_sla_status status
                  JOIN helpdesk_lite_ticket ticket ON ticket.id = status.ticket_id
                  JOIN helpdesk_lite_sla_escalation escalation
                    ON escalation.sla_id = status.sla_id AND COALESCE(escalation.kind, status.kind) = status.kind
                 WHERE status.active AND status.is_open AND status.state IN ('running', 'failed')
            """
        )
        found = self.env.cr.fetchall()
        escalations = self.env["helpdesk_lite.sla.escalation"].browse({row[0] for row in found}).sorted()
        order = {escalation_id: number for number, escalation_id in enumerate(escalations.ids)}
        due = []
        for escalation_id, calendar_id, company_id in sorted(found, key=lambda row: (order[row[0]], row[1] or 0, row[2])):
            calendar = self.env["resource.calendar"].browse(calendar_id or ())
            company = self.env["res.company"].browse(company_id)
            clock = calendar._get_clock(company, moment - HORIZON, moment + HORIZON)
            escalation = escalations.browse(escalation_id)
            latest = escalation._get_latest_deadline(clock, to_minutes(moment))
            if latest:
                due += [(status_id, escalation_id) for status_id in escalation._find_due(calendar, company, moment, latest)]
        return due

    @api.model
    def _lock_escalations(self, due):
        """Leave out what happened meanwhile, and what another process is about to do.

        :param list due: of pairs of ids (status, escalation)
        :return: list of pairs of records
        """
        self.env.cr.execute(
            """ SELECT status.id, due.escalation_id
                  FROM unnest(%s::int[], %s::int[]) WITH ORDINALITY AS due (status_id, escalation_id, number)
                  JOIN helpdesk_lite_sla_status status
                    ON status.id = due.status_id AND status.is_open AND status.deadline IS NOT NULL
                 WHERE NOT EXISTS (SELECT FROM helpdesk_lite_sla_escalated_rel done
                                    WHERE done.status_id = status.id AND done.escalation_id = due.escalation_id)
                 ORDER BY due.number FOR NO KEY UPDATE OF status SKIP LOCKED
            """,
            [list(ids) for ids in zip(*due, strict=True)],
        )
        Escalation = self.env["helpdesk_lite.sla.escalation"]
        return [(self.browse(status), Escalation.browse(escalation)) for status, escalation in self.env.cr.fetchall()]

    def _tell(self, user, deadlines):
        """Send one message about all deadlines of which a person is to be told.

        :param user: record of ``res.users``
        :param dict deadlines: record of this model to naive datetime in UTC
        """
        env = self.with_context(lang=user.lang).env
        rows = Markup().join(
            Markup('<li><a href="%s">%s</a>: %s, %s</li>')
            % (
                status.ticket_id.get_base_url() + status.ticket_id._get_sla_link(),
                status.ticket_id.display_name,
                status.name,
                format_datetime(env, deadline, tz=user.tz),
            )
            for status, deadline in deadlines.items()
        )
        env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=env._("Helpdesk: SLA deadlines"),
            body=Markup("<p>%s</p><ul>%s</ul>") % (env._("These tickets are close to, or past, an SLA deadline:"), rows),
        )


class TicketEscalation(models.Model):
    """The address of a ticket in the message about its deadline."""

    _inherit = "helpdesk_lite.ticket"

    def _get_sla_link(self):
        return f"/mail/view?model={self._name}&res_id={self.id}"


class SlaEscalations(models.Model):
    """The escalations of a policy."""

    _inherit = "helpdesk_lite.sla"

    escalation_ids = fields.One2many("helpdesk_lite.sla.escalation", "sla_id", "Escalations", copy=True)
