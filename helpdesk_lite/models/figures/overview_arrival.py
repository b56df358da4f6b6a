from babel.dates import get_day_names
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse

from .overview import TICKET, make_tile

DAY, HOUR = "opened_on.day_of_week", "opened_on.hour_number"


class OverviewArrival(models.AbstractModel):
    """On which days of the week, and at which hours of the user's time zone, tickets come."""

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_arrival(self, asked, source):
        """The heat map, in one statement.

        :return: dict: ``hours``, ``days`` (list of dicts with ``label`` and ``figures``, see ``make_tile``) and ``most``, the
            highest number
        """
        new = self.env[TICKET]._get_counted_domain() & asked.within("opened_on")
        rows = source.aggregate([source.column(DAY), source.column(HOUR), SQL("count(*)")], new, groups=2)
        counts = {(int(day), int(hour)): count for day, hour, count in rows}
        locale = babel_locale_parse(self.env.lang or "en_US")
        names = get_day_names("abbreviated", locale=locale)
        # 0 is Sunday in PostgreSQL, and Monday in babel
        order = [(locale.first_week_day + number) % 7 for number in range(7)]
        days = []
        for monday_based in order:
            day = (monday_based + 1) % 7
            label = names[monday_based]
            figures = [
                make_tile(
                    f"arrival-{day}-{hour}",
                    f"{label} {hour}:00",
                    counts.get((day, hour), 0),
                    asked.tickets & new & Domain(DAY, "=", day) & Domain(HOUR, "=", hour),
                )
                for hour in range(24)
            ]
            days.append({"key": day, "label": label, "figures": figures})
        return {"hours": list(range(24)), "days": days, "most": max(counts.values(), default=0)}
