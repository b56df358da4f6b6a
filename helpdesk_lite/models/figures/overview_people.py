from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .overview import TICKET, make_tile


class OverviewPeople(models.AbstractModel):
    """The figures of people: those of colleagues for administrators only, where the company allows it."""

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_people_domain(self):
        """The tickets of people whose figures the user may see: the one place that decides it.

        :return: Domain
        """
        own = Domain("user_id", "=", self.env.uid)
        if not self.env.user.has_group("helpdesk_lite.group_manager"):
            return own
        allowed = self.env.companies.filtered("helpdesk_lite_people_figures")
        return own | (Domain("user_id", "!=", False) & Domain("company_id", "in", allowed.ids))

    @api.model
    def _get_people(self, asked, source):
        """A line for each person, in two statements.

        :return: list of dicts with ``id``, ``name`` and ``figures``, see ``make_tile``; those with most to do first
        """
        _ = self.env._
        whose = self._get_people_domain()
        unclosed = self.env[TICKET]._get_unclosed_domain() & whose
        closed = self.env[TICKET]._get_counted_domain() & Domain("is_closed", "=", True) & asked.within("close_date") & whose
        user = source.column("user_id")
        now = dict(source.aggregate([user, SQL("count(*)")], unclosed, groups=1))
        median = SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", source.column("close_hours"))
        done = {user_id: figures for user_id, *figures in source.aggregate([user, SQL("count(*)"), median], closed, groups=1)}
        ids = sorted(now.keys() | done.keys(), key=lambda user_id: (-now.get(user_id, 0), user_id))
        people = []
        # sudo: people who have left, or who work in another company, are named on the tickets as well
        for person in self.env["res.users"].sudo().browse(ids):
            theirs = asked.tickets & Domain("user_id", "=", person.id)
            count, hours = done.get(person.id, (0, None))
            figures = [
                make_tile("people_open", _("Open Tickets"), now.get(person.id, 0), theirs & unclosed),
                make_tile("people_closed", _("Closed Tickets"), count, theirs & closed),
                make_tile("people_close_hours", _("Median Solution"), hours, theirs & closed, unit="hours"),
            ]
            people.append({"id": person.id, "name": person.name, "figures": figures})
        return people
