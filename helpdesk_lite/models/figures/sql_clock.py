"""The working time of teams in SQL, for reports that measure many spans at once.

A clock is two arrays: the minutes at which work begins and ends, in turn, and the working time that has passed at each of
them. ``width_bucket`` finds a moment by a binary search. It is the arithmetic of :class:`~..tools.sla_clock.Clock`, and a test
compares both.
"""

from odoo import fields
from odoo.tools import SQL

from ...tools.sla_clock import to_moment


def get_clocks(env):
    """The clocks of all teams as a table ``clock (calendar_id, company_id, bounds, sums)``; 0 stands for no calendar.

    :param env: of the request; the clocks do not depend on its user
    :return: SQL of a table expression with its alias
    """
    # sudo: how long something takes does not depend on who asks
    teams = env["helpdesk_lite.team"].sudo().with_context(active_test=False).search([("resource_calendar_id", "!=", False)])
    env.cr.execute("SELECT date FROM helpdesk_lite_event WHERE kind = 'created' ORDER BY date LIMIT 1")
    row = env.cr.fetchone()
    first, now = row[0] if row else to_moment(0), fields.Datetime.now()
    rows = []
    for calendar, company in {(team.resource_calendar_id, team.company_id) for team in teams}:
        bounds, sums = flatten(calendar._get_clock(company, min(first, now), now))
        rows.append(SQL("(%s, %s, %s::int[], %s::float8[])", calendar.id, company.id, literal(bounds), literal(sums)))
    rows = rows or [SQL("(0, 0, '{}'::int[], '{}'::float8[])")]
    return SQL("(VALUES %s) AS clock (calendar_id, company_id, bounds, sums)", SQL(", ").join(rows))


def flatten(clock):
    """A clock as two lists of the same length.

    :param clock: a :class:`~..tools.sla_clock.Clock`
    :return: tuple (minutes at which work begins or ends, in turn; minutes worked until then)
    """
    bounds, sums = [], []
    for start, end, before, after in zip(clock.starts, clock.ends, clock.sums, clock.totals, strict=True):
        bounds += [start, end]
        sums += [before, after]
    return bounds, sums


def literal(numbers):
    """An array as PostgreSQL reads it: one constant, instead of thousands of expressions."""
    return "{%s}" % ",".join(map(str, numbers))


def position(moment):
    """The working time in minutes that has passed at a moment.

    :param SQL moment: a timestamp in UTC
    :return: SQL
    """
    minute = SQL("floor(extract(epoch FROM %s) / 60)::int", moment)
    # a place that is odd is within working time: it began at the bound of that place
    return SQL(
        """ CASE WHEN width_bucket(%(minute)s, clock.bounds) = 0 THEN 0
                 ELSE clock.sums[width_bucket(%(minute)s, clock.bounds)]
                      + CASE WHEN width_bucket(%(minute)s, clock.bounds) %% 2 = 1
                             THEN %(minute)s - clock.bounds[width_bucket(%(minute)s, clock.bounds)] ELSE 0 END END
        """,
        minute=minute,
    )


def passed(start, end):
    """The hours between two moments, day and night; none for imports that ended before they began.

    :param SQL start, end: timestamps in UTC
    :return: SQL, NULL while there is no end
    """
    # GREATEST alone would make 0 of NULL, and averages would count what is not over
    return SQL(
        "CASE WHEN %(end)s IS NOT NULL THEN GREATEST(EXTRACT(epoch FROM %(end)s - %(start)s), 0)::float8 / 3600 END",
        start=start,
        end=end,
    )


def worked(start, end, clocks, calendar, company):
    """The working hours between two moments; all hours where there is no clock.

    The clock is looked up where its hours are asked for. Joined with the rows, it would be sorted with them, and a clock of ten
    years has 100 KB.

    :param SQL start, end: timestamps in UTC
    :param SQL clocks: see ``get_clocks``
    :param SQL calendar, company: their ids
    :return: SQL, NULL while there is no end
    """
    return SQL(
        """ CASE WHEN %(end)s IS NOT NULL THEN COALESCE(
                (SELECT CASE WHEN cardinality(clock.bounds) = 0 THEN 0.0
                             ELSE GREATEST(%(until)s - %(since)s, 0)::float8 / 60 END
                   FROM %(clocks)s WHERE clock.calendar_id = %(calendar)s AND clock.company_id = %(company)s),
                %(passed)s) END
        """,
        passed=passed(start, end),
        clocks=clocks,
        calendar=calendar,
        company=company,
        end=end,
        since=position(start),
        until=position(end),
    )
