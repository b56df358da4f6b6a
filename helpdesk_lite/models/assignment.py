from odoo import fields, models
from odoo.tools import LazyTranslate, format_date

from ..tools.fair_share import choose

_lt = LazyTranslate(__name__)

# compared by what (a lone candidate by nothing), out of those who work when
CHOICES = {
    ("only", "now"): _lt("Assigned to %(name)s, the only one available"),
    ("only", "today"): _lt("Assigned to %(name)s, the only one who works later today"),
    ("only", "day"): _lt("Assigned to %(name)s, the first to work again on %(day)s"),
    ("open", "now"): _lt(
        "Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people available"),
    ("open", "today"): _lt(
        "Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people who work later today"),
    ("open", "day"): _lt(
        "Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people who work again on %(day)s"),
    ("one", "now"): _lt(
        "Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people available"),
    ("one", "today"): _lt(
        "Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people who work later today"),
    ("one", "day"): _lt(
        "Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people who work again on %(day)s"),
    ("total", "now"): _lt(
        "Assigned to %(name)s: %(count)s on the count of tickets handed out, the lowest of the %(people)s people available"),
    ("total", "today"): _lt(
        "Assigned to %(name)s: %(count)s on the count of tickets handed out, "
        "the lowest of the %(people)s people who work later today"),
    ("total", "day"): _lt(
        "Assigned to %(name)s: %(count)s on the count of tickets handed out, "
        "the lowest of the %(people)s people who work again on %(day)s"),
}


class Assignment(models.Model):
    """An automatic choice with all that it was made from, so that it can be made again.

    ``reason`` holds ``when`` (see ``Presence``), ``loads`` and ``turns`` by user id (the lower
    load wins, then the earlier turn), and ``away``: when the time off of others ends.
    """

    _name = "helpdesk_lite.assignment"
    _description = "Automatic Assignment"
    _order = "id desc"
    _rec_name = "number"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, index=True, ondelete="cascade")
    team_id = fields.Many2one("helpdesk_lite.team", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="team_id.company_id", store=True, precompute=True)
    user_id = fields.Many2one("res.users", "Assigned to", required=True, ondelete="cascade")
    method = fields.Selection(lambda self: self.env["helpdesk_lite.team"]._fields["assign_method"].selection, required=True)
    number = fields.Integer(required=True, help="Counts the choices of the team.")
    date = fields.Datetime("Chosen at", required=True)
    reason = fields.Json(required=True)

    _number_unique = models.UniqueIndex("(team_id, number)")

    def _find_discrepancies(self):
        """Make these choices again from what was kept, from the calendars and from what was said.

        Calendars and leaves must be as they were at the time, and so must the names.

        :return: list of (record, what is wrong)
        """
        # sudo: a checker reads what the choice had read
        return [(record, what) for record in self for what in record.sudo()._check_again()]

    def _check_again(self):
        loads, turns = (
            {int(user): value for user, value in self.reason[name].items()} for name in ("loads", "turns")
        )
        if choose(loads, turns) != self.user_id.id:
            yield f"{self.user_id.id} does not follow from {loads} and {turns}"
        away = [int(user) for user in self.reason["away"]]
        presence = self.team_id._get_presence(self.user_id.browse([*loads, *away]), self.date)
        if sorted(presence.users) != sorted(loads) or str(presence.when) != self.reason["when"]:
            yield f"{presence} and not {self.reason['when']}, {sorted(loads)} were there"
        if {str(user): fields.Datetime.to_string(until) for user, until in presence.away.items()} != self.reason["away"]:
            yield f"{presence.away} and not {self.reason['away']} were away"
        said = self.ticket_id.message_ids.mapped("preview")
        if self.with_context(lang=self.user_id.lang)._explain() not in said:
            yield f"{self._explain()} is not on the ticket"

    def _explain(self):
        """The answer to "why me?" in one line, in the language of the environment.

        :return: str
        """
        self.ensure_one()
        # sudo: names of colleagues and the team's clock
        record = self.sudo()
        name, count = record.user_id.name, record.reason["loads"][str(record.user_id.id)]
        people = len(record.reason["loads"])
        parts = [self._explain_choice(record, name, count, people), *self._explain_away(record)]
        return "; ".join(parts) + "."

    def _explain_choice(self, record, name, count, people):
        when = record.reason["when"]
        day = when not in ("now", "today") and format_date(self.env, when, date_format="EEEE, d MMM")
        by = "only" if people == 1 else "total" if record.method == "equal_total" else "one" if count == 1 else "open"
        text = CHOICES[by, when if when in ("now", "today") else "day"]
        return self.env._(text) % {"name": name, "count": count, "people": people, "day": day}

    def _explain_away(self, record):
        away = sorted(record.reason["away"].items(), key=lambda item: item[1])
        # sudo: only names, of people who are not there and may have been archived since
        users = {user.id: user for user in self.env["res.users"].sudo().browse([int(user) for user, _until in away]).exists()}
        Team, tz = self.env["helpdesk_lite.team"], record.team_id._get_time_zone()
        for user, until in away[:5]:
            if int(user) in users:
                yield Team._tell_time_off(users[int(user)].name, fields.Datetime.to_datetime(until), record.date, tz)
        if len(away) > 5:
            yield self.env._("%(count)s more are off", count=len(away) - 5)
