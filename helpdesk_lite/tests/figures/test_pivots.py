from collections import defaultdict
from datetime import timedelta
from random import Random

from odoo.tests import tagged

from ...tools.sla_clock import to_minutes
from .figures_case import NOW, FiguresCase
from .test_reports import ReportCase

SEED = 17
TICKETS = 90
ZONE = "America/Bogota"
# what the report measures, in SQL on the table of tickets and on what the test wrote down beside it
MEASURES = {
    "__count": "count(*)",
    "assign_hours:avg": "avg(ticket.assign_hours)",
    "first_response_hours:avg": "avg(ticket.first_response_hours)",
    "answer_hours:avg": "avg(ticket.answer_hours)",
    "close_hours:avg": "avg(ticket.close_hours)",
    "open_hours:avg": "avg(CASE WHEN close_date < opened_on THEN 0 ELSE extract(epoch FROM close_date - opened_on) / 3600 END)",
    "waiting_hours:avg": "avg(ticket.waiting_hours)",
    "reopen_count:sum": "sum(ticket.reopen_count)",
    "response_count:sum": "sum(ticket.response_count)",
    "question_count:sum": "sum(noted.questions)",
    "one_answer_rate:avg": "100 * avg((response_count = 1 AND reopen_count = 0)::int) FILTER (WHERE is_closed)",
    "happy_rate:avg": "avg(CASE WHEN noted.rating = 5 THEN 100 ELSE 0 END) FILTER (WHERE noted.rating > 0)",
    "answered_rate:avg": "100 * avg((noted.asked = 'answered')::int) FILTER (WHERE noted.asked IN ('asked', 'answered'))",
}
FACE = "CASE noted.rating WHEN 5 THEN 'top' WHEN 3 THEN 'ok' WHEN 1 THEN 'ko' END"
GROUPS = {
    **{
        name: f"ticket.{name}"
        for name in (
            *("team_id", "stage_id", "user_id", "closer_id", "partner_id", "partner_lang"),
            *("type_id", "close_reason_id", "priority", "channel", "sla_state"),
        )
    },
    "rating_text": FACE,
    "is_closed": "ticket.is_closed",
    "is_archived": "NOT ticket.active",
    **{
        f"{name}:{part}": f"date_trunc('{part}', {name} AT TIME ZONE 'UTC' AT TIME ZONE '{ZONE}') AT TIME ZONE '{ZONE}'"
        for name, part in (("opened_on", "month"), ("first_response_date", "day"), ("close_date", "quarter"))
    },
}


def key(value):
    """The value of a group as SQL has it."""
    return (value[0] if isinstance(value, (list, tuple)) else value) or None


@tagged("post_install", "-at_install")
class TestTicketPivot(FiguresCase):
    """Each cell of the pivot table of tickets equals SQL that shares nothing with the report, and opens its rows."""

    def setUp(self):
        super().setUp()
        rng = self.rng = Random(SEED)
        types = self.env["helpdesk_lite.type"].create([{"name": "Pivot A"}, {"name": "Pivot B"}])
        reason = self.env["helpdesk_lite.close.reason"].create({"name": "Pivot"})
        self.env["res.lang"]._activate_lang("es_ES")
        teams = [self.team, self.teams["company"]]
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_context(mail_notrack=True, mail_create_nosubscribe=True)
            .create([{"name": str(number), "team_id": rng.choice(teams).id} for number in range(TICKETS)])
        )
        tickets.filtered(lambda ticket: rng.random() < 0.6).stage_id = self.closed
        tickets.flush_recordset()
        self.noted = {}
        for ticket in tickets:
            opened = NOW - timedelta(minutes=rng.randrange(80 * 24 * 60))
            elsewhere = rng.random() < 0.1
            closed = ticket.is_closed
            self.put(
                ticket,
                opened_on=opened,
                user_id=rng.choice([None, self.agent.id, self.manager.id]),
                closer_id=rng.choice([None, self.agent.id]) if closed else None,
                partner_id=rng.choice([None, self.customer.id]),
                partner_lang=rng.choice([None, "en_US", "es_ES"]),
                type_id=rng.choice([None, *types.ids]),
                close_reason_id=rng.choice([None, reason.id]) if closed else None,
                priority=rng.choice("0123"),
                channel=rng.choice([None, "mail", "form", "employee"]),
                sla_state=rng.choice([None, *dict(ticket._fields["sla_state"].selection)]),
                counted_elsewhere=elsewhere,
                active=not elsewhere and rng.random() < 0.9,
                # imports may have been closed before they were opened
                close_date=opened + timedelta(minutes=rng.randrange(-600, 30 * 24 * 60)) if closed else None,
                first_response_date=opened + timedelta(hours=rng.randrange(30)),
                reopen_count=rng.choice([0, 0, 1]),
                response_count=rng.choice([0, 1, 1, 2]),
                **{
                    f"{name}_hours": rng.choice([None, rng.random() * 90])
                    for name in ("assign", "first_response", "answer", "close", "waiting")
                },
            )
            questions, rating = rng.randrange(3), rng.choice([0, 1, 3, 5])
            for _number in range(questions):
                ticket._log_event(rng.choice(["customer", "remark"]))
            if rating:
                self.rate(ticket, rng.choice([1, 3, 5]), NOW - timedelta(days=3))
                self.rate(ticket, rating, NOW - timedelta(days=2))
            asked = rng.choice(["asked", "answered", "portal", "skipped", None])
            if asked:
                self.env["helpdesk_lite.rating.request"].create(
                    {
                        "ticket_id": ticket.id,
                        "team_id": ticket.team_id.id,
                        "state": "answered" if asked == "portal" else asked,
                        "asked_on": NOW if asked in ("asked", "answered") else False,
                        "answered_on": NOW if asked in ("answered", "portal") else False,
                    }
                )
            self.noted[ticket.id] = (questions, rating, asked)
        # what logging measured again is what the test wrote
        self.tickets = tickets
        self.env.flush_all()

    def expect(self, groups):
        """What the cells say, by SQL.

        :return: dict of keys of groups to list of measures
        """
        count = len(groups)
        # without a clause to group by, PostgreSQL would answer for no ticket as well
        what = ", ".join([*(GROUPS[name] for name in groups), *MEASURES.values()])
        self.env.cr.execute(
            f""" SELECT {what}
                   FROM helpdesk_lite_ticket ticket
                   JOIN unnest(%s, %s, %s, %s) AS noted (id, questions, rating, asked) ON noted.id = ticket.id
                  WHERE NOT coalesce(counted_elsewhere, FALSE)
                  GROUP BY {", ".join(str(place + 1) for place in range(count)) or "()"}
            """,
            [list(self.noted), *map(list, zip(*self.noted.values(), strict=True))],
        )
        cells = {}
        for row in self.env.cr.fetchall():
            place = tuple(str(value)[:19] if hasattr(value, "year") else value or None for value in row[:count])
            cells[place] = row[count:]
        return cells

    def test_cells_equal_sql_and_open_their_rows(self):
        model, among = "helpdesk_lite.ticket.report", [("ticket_id", "in", self.tickets.ids)]
        pairs = [("type_id", "channel"), ("opened_on:month", "team_id"), ("user_id", "rating_text")]
        for groups in [(), *((name,) for name in GROUPS), *pairs]:
            expected = self.expect(groups)
            context = {"tz": ZONE}
            rows = self.call(self.manager, model, "formatted_read_group", among, list(groups), list(MEASURES), context=context)
            found = {tuple(key(row[name]) for name in groups): row for row in rows}
            self.assertEqual(found.keys(), expected.keys(), groups)
            self.assertTrue(len(found) > 1 or not groups, groups)
            for place, values in expected.items():
                row = found[place]
                for measure, value in zip(MEASURES, values, strict=True):
                    with self.subTest(groups=groups, place=place, measure=measure):
                        self.assertAlmostEqual(row[measure] or 0, float(value or 0), places=6)
                opened = self.call(self.manager, model, "search_count", [*among, *row["__extra_domain"]], context=context)
                self.assertEqual(opened, row["__count"], (groups, place))


@tagged("post_install", "-at_install")
class TestOtherPivots(ReportCase):
    """The same of visits to stages and of the backlog, from histories."""

    def test_cells_of_visits_equal_the_log(self):
        tickets, _ends = self.live()
        visits = defaultdict(list)
        calendar, company = self.team.resource_calendar_id, self.team.company_id
        for ticket in tickets:
            told = [event for event in self.events(ticket) if event.kind in ("created", "stage")]
            for event, after in zip(told, [*told[1:], None], strict=True):
                hours = None
                if after:
                    clock = calendar._get_clock(company, event.date, after.date)
                    hours = [
                        clock.worked(to_minutes(event.date), to_minutes(after.date)) / 60,
                        (after.date - event.date).total_seconds() / 3600,
                    ]
                visits[event.stage_id.id, event.priority].append(hours)
        rows = self.call(
            self.manager,
            "helpdesk_lite.stage.report",
            "formatted_read_group",
            [("ticket_id", "in", tickets.ids)],
            ["stage_id", "priority"],
            ["__count", "stage_hours:avg", "calendar_hours:avg"],
        )
        found = {(key(row["stage_id"]), key(row["priority"])): row for row in rows}
        self.assertEqual(found.keys(), visits.keys())
        self.assertGreater(len(found), 4)
        for place, hours in visits.items():
            over = [hour for hour in hours if hour is not None]
            self.assertEqual(found[place]["__count"], len(hours), place)
            for name, values in zip(("stage_hours:avg", "calendar_hours:avg"), zip(*over, strict=True), strict=False):
                self.assertAlmostEqual(found[place][name], sum(values) / len(values), msg=(place, name))
            if not over:
                self.assertFalse(found[place]["stage_hours:avg"] or found[place]["calendar_hours:avg"])

    def test_cells_of_the_backlog_equal_the_log(self):
        self.live()
        self.run_job("backlog")
        self.env.cr.execute(
            """ SELECT date::date, priority, count(*) FILTER (WHERE kind = 'created'), count(*) FILTER (WHERE kind = 'closed')
                  FROM helpdesk_lite_event WHERE team_id = %s AND kind IN ('created', 'closed') GROUP BY 1, 2
            """,
            self.team.ids,
        )
        expected = {(str(day), priority): (new, closed, new - closed) for day, priority, new, closed in self.env.cr.fetchall()}
        rows = self.call(
            self.manager,
            "helpdesk_lite.backlog",
            "formatted_read_group",
            [("team_id", "=", self.team.id), "|", ("new_count", "!=", 0), ("closed_count", "!=", 0)],
            ["day:day", "priority"],
            ["new_count:sum", "closed_count:sum", "net_count:sum"],
        )
        found = {
            (key(row["day:day"]), key(row["priority"])): tuple(row[f"{name}_count:sum"] for name in ("new", "closed", "net"))
            for row in rows
        }
        self.assertEqual(found, expected)
        self.assertGreater(len(found), 8)
