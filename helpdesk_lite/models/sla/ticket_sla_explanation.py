from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime
from pytz import UTC, timezone

from ...tools.sla_clock import replay, to_minutes, to_moment

# days of one promise that are listed
DAYS = 60
DAY = 24 * 60


class TicketSlaExplanation(models.Model):
    """*Why This Deadline*: the history of each promise, replayed in words."""

    _inherit = "helpdesk_lite.ticket"

    @api.readonly
    def get_sla_explanation(self):
        """Explain the deadlines of this ticket.

        :raise AccessError: when the user cannot read the ticket, or is a customer
        :return: list of dicts, one for each promise: ``name``, ``state``, ``summary``, and ``lines`` of dicts ``when``,
            ``what``, ``minutes``
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only employees can see how a deadline is calculated."))
        # sudo: the policies and the event log; names only of what is on the ticket
        ticket = self.sudo()
        now = to_minutes(fields.Datetime.now())
        explained = []
        Sla = self.env["helpdesk_lite.sla"]
        for facts in ticket._read_facts():
            history = ticket._get_history(facts)
            for versions in Sla._get_rules().get(facts.company_id, ()) if history else ():
                rule = versions.get(history[0].at)
                if not rule or not rule.matches(facts):
                    continue
                clock = ticket._get_sla_clock(facts, rule, history[0].at)
                calendar = self.env["resource.calendar"].sudo()  # sudo: its name and time zone
                calendar = calendar.browse((not rule.around_the_clock and (rule.calendar_id or facts.team_calendar_id)) or ())
                for target_id, target in rule.targets:
                    status = {status.round: status for status in ticket.sla_status_ids if status.target_id.id == target_id}
                    for this in replay(history, target, clock, now):
                        if this.budget is not None and this.number in status:
                            explained.append(ticket._explain_round(status[this.number], this, clock, calendar, now))
        return explained

    def _get_customer_promises(self):
        """What the customer may expect and when, by policies that show it; of several promises the earliest.

        What was missed is not announced, and nothing while the clock stands.

        :return: list of pairs of "answer" or "solution" and a naive datetime in UTC
        """
        self.ensure_one()
        now, promises = fields.Datetime.now(), {}
        # sudo: who may open the ticket may know these two dates, and nothing else of its statuses
        for status in self.sudo().sla_status_ids:
            what = {"first_response": "answer", "next_response": "answer", "resolution": "solution"}.get(status.kind)
            if what and status.show_customer and status.state == "running" and status.deadline and status.deadline > now:
                promises[what] = min(promises.get(what, status.deadline), status.deadline)
        return sorted(promises.items())

    def _explain_round(self, status, this, clock, calendar, now):
        """Explain one promise.

        :param status: record of ``helpdesk_lite.sla.status``, sudoed
        :param this: :class:`Round`
        :param calendar: record, sudoed; empty around the clock
        :return: dict, see ``get_sla_explanation``
        """
        kinds = dict(status._fields["kind"]._description_selection(self.env))
        states = dict(status._fields["state"]._description_selection(self.env))
        until = next((at for at in (this.reached, this.dropped) if at is not None), None)
        end = until if until is not None else this.deadline if this.running and this.deadline else now
        lines = [{"when": self._say(this.start), "what": self.env._("The clock starts."), "minutes": 0}]
        last = None
        for begin, stop in this.periods:
            if last is not None and begin > last:
                lines.append({"when": self._say(last), "what": self.env._("Paused until %s.", self._say(begin)), "minutes": 0})
            last = stop if stop is not None else end
            lines += self._explain_days(begin, last, clock, calendar)
        if until is None and not this.running:
            lines.append({"when": self._say(last or this.start), "what": self.env._("Paused."), "minutes": 0})
        if this.reached is not None:
            lines.append({"when": self._say(this.reached), "what": self.env._("The promise is kept."), "minutes": 0})
        elif this.dropped is not None:
            lines.append({"when": self._say(this.dropped), "what": self.env._("Closed without it."), "minutes": 0})
        if this.deadline is not None:
            lines.append({"when": self._say(this.deadline), "what": self.env._("Deadline."), "minutes": 0})
        elif until is None and this.running:
            lines.append({"when": "", "what": self.env._("There is no deadline within the next two years."), "minutes": 0})
        return {
            "name": f"{status.sla_id.name or status.name}: {kinds[status.kind]}",
            "state": status.state,
            "label": states[status.state],
            "budget": this.budget,
            "calendar": calendar.name or self.env._("Around the Clock"),
            "lines": lines,
        }

    def _explain_days(self, begin, end, clock, calendar):
        """The days of a period, and how much of each was working time.

        :return: list of lines
        """
        zone = timezone(calendar.tz or self.env.user.tz or "UTC")
        lines, at = [], begin
        while at < end and len(lines) < DAYS:
            local = UTC.localize(to_moment(at)).astimezone(zone)
            midnight = zone.localize((local.replace(tzinfo=None) + timedelta(days=1)).replace(hour=0, minute=0, second=0))
            stop = min(end, to_minutes(midnight.astimezone(UTC)))
            worked = clock.worked(at, stop)
            lines.append(
                {
                    "when": self._say(at, "EEE d MMM", zone),
                    "what": self.env._("Working time") if worked else self.env._("No working time"),
                    "minutes": worked,
                }
            )
            at = stop
        if at < end:
            lines.append({"when": self._say(at), "what": self.env._("And so on."), "minutes": clock.worked(at, end)})
        return lines

    def _say(self, minute, pattern="EEE d MMM HH:mm", zone=None):
        return format_datetime(self.env, to_moment(minute), tz=zone and zone.zone, dt_format=pattern)
