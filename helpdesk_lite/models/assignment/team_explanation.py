from odoo import fields, models
from odoo.tools import format_date


class TeamExplanation(models.Model):
    """Explains in one line why a user was assigned a ticket."""

    _inherit = "helpdesk_lite.team"

    def _explain_choice(self, user, method, date, reason):
        """Answer "why me?" in the language of the environment.

        :param user: record of ``res.users``, the assignee, sudoed
        :param str method: as in ``assign_method``
        :param datetime date: of the choice, naive, in UTC
        :param dict reason: as in ``helpdesk_lite.assignment``
        :return: str
        """
        people, count, when = len(reason["loads"]), reason["loads"][str(user.id)], reason["when"]
        day = when not in ("now", "today") and format_date(self.env, when, date_format="EEEE, d MMM")
        by = "only" if people == 1 else "total" if method == "equal_total" else "one" if count == 1 else "open"
        text = self._get_choice_texts()[by, when if when in ("now", "today") else "day"]
        choice = text % {"name": user.name, "count": count, "people": people, "day": day}
        return "; ".join([choice, *self._explain_away(date, reason["away"])]) + "."

    def _get_choice_texts(self):
        """The sentences with placeholders, by what candidates were compared and when they work.

        :return: dict of (``only`` for a single candidate, ``open``, ``one`` or ``total``; ``now``, ``today`` or
            ``day``) to str
        """
        _ = self.env._
        return {
            ("only", "now"): _("Assigned to %(name)s, the only one available"),
            ("only", "today"): _("Assigned to %(name)s, the only one who works later today"),
            ("only", "day"): _("Assigned to %(name)s, the first to work again on %(day)s"),
            ("open", "now"): _("Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people available"),
            ("open", "today"): _(
                "Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people who work later today"
            ),
            ("open", "day"): _(
                "Assigned to %(name)s: %(count)s open tickets, the fewest of the %(people)s people who work again on %(day)s"
            ),
            ("one", "now"): _("Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people available"),
            ("one", "today"): _(
                "Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people who work later today"
            ),
            ("one", "day"): _(
                "Assigned to %(name)s: 1 open ticket, the fewest of the %(people)s people who work again on %(day)s"
            ),
            ("total", "now"): _(
                "Assigned to %(name)s: %(count)s on the count of tickets handed out, "
                "the lowest of the %(people)s people available"
            ),
            ("total", "today"): _(
                "Assigned to %(name)s: %(count)s on the count of tickets handed out, "
                "the lowest of the %(people)s people who work later today"
            ),
            ("total", "day"): _(
                "Assigned to %(name)s: %(count)s on the count of tickets handed out, "
                "the lowest of the %(people)s people who work again on %(day)s"
            ),
        }

    def _explain_away(self, date, away):
        if not away:
            return
        # sudo: only names are read, of people who are away and may have been archived since
        users = {str(user.id): user for user in self.env["res.users"].sudo().browse(map(int, away)).exists()}
        first = sorted((until, user) for user, until in away.items() if user in users)
        tz = self.sudo()._get_time_zone()
        for until, user in first[:5]:
            yield self._tell_time_off(users[user].name, fields.Datetime.to_datetime(until), date, tz)
        if len(first) > 5:
            yield self.env._("also off: %(count)s more", count=len(first) - 5)
