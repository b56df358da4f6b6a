from datetime import date, datetime, timedelta
from random import Random
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, format_date

from ...models.figures.sql_clock import get_clocks, worked
from ...tools.sla_clock import to_minutes
from ..time.test_events import EventCase

SEED = 17
START = datetime(2026, 3, 2, 8)
HISTORIES = 32
ACTS = ("close", "open", "archive", "restore", "priority", "nothing", "nothing")


class ReportCase(EventCase):
    """Tickets with histories of some days."""

    def setUp(self):
        super().setUp()
        self.rng = Random(SEED)

    def run_job(self, name):
        self.env.flush_all()
        job = self.env.ref(f"helpdesk_lite.cron_{name}")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(job.failure_count, "Odoo only logs what fails in a job")

    def live(self, count=HISTORIES, days=6):
        """Let tickets have a history, and note what is open at the end of each day.

        :return: tuple (tickets, dict of day to set of tuples (ticket id, priority))
        """
        tickets, ends = self.Ticket, {}
        for day in range(days):
            for hour in range(4):
                with freeze_time(START + timedelta(days=day, hours=2 * hour)):
                    if len(tickets) < count:
                        tickets |= self.Ticket.create(
                            [{"name": "A lamp", "team_id": self.team.id} for _number in range(count // 16)]
                        )
                    for ticket in tickets:
                        match self.rng.choice(ACTS):
                            case "close":
                                ticket.stage_id = self.closed
                            case "open" if ticket.is_closed:
                                ticket.stage_id = self.open
                            case "archive":
                                ticket.active = False
                            case "restore":
                                ticket.active = True
                            case "priority":
                                ticket.priority = self.rng.choice("0123")
                    self.env.flush_all()
            ends[(START + timedelta(days=day)).date()] = {
                (ticket.id, ticket.priority) for ticket in tickets if ticket.active and not ticket.is_closed
            }
        return tickets, ends


@tagged("post_install", "-at_install")
class TestReports(ReportCase):
    """Reports say what happened, to those who may know it."""

    def test_backlog_equals_what_was_open_each_evening(self):
        tickets, ends = self.live()
        last = max(ends)
        with freeze_time(datetime.combine(last, datetime.min.time()) + timedelta(days=1, minutes=30)):
            self.run_job("backlog")
        rows = self.env["helpdesk_lite.backlog"].search([("team_id", "=", self.team.id)])
        for day, opened in ends.items():
            for priority in "0123":
                found = rows.filtered(lambda row, day=day, priority=priority: row.day == day and row.priority == priority)
                self.assertEqual(sum(found.mapped("open_count")), sum(1 for _ticket, level in opened if level == priority), day)
        self.assertEqual(sum(rows.mapped("new_count")), len(tickets))
        self.assertTrue(any(row.open_count for row in rows))

    def test_a_late_event_corrects_the_days_that_were_counted(self):
        Backlog = self.env["helpdesk_lite.backlog"]
        with freeze_time(START):
            self.make_ticket()
        with freeze_time(START + timedelta(days=20)):
            self.run_job("backlog")
        day = (START + timedelta(days=2)).date()
        counted = [("team_id", "=", self.team.id), ("day", "=", day)]
        self.assertEqual(sum(Backlog.search(counted).mapped("open_count")), 1)
        with freeze_time(START + timedelta(days=20, hours=1)):
            # imported from another helpdesk
            self.make_ticket(opened_on=START + timedelta(days=1))
        with freeze_time(START + timedelta(days=21)):
            self.run_job("backlog")
        self.assertEqual(sum(Backlog.search(counted).mapped("open_count")), 2)

    def test_stage_hours_equal_the_clock(self):
        tickets, _ends = self.live()
        rows = self.env["helpdesk_lite.stage.report"].search([("ticket_id", "in", tickets.ids), ("left_on", "!=", False)])
        self.assertTrue(rows)
        calendar, company = self.team.resource_calendar_id, self.team.company_id
        self.assertTrue(calendar)
        for row in rows:
            clock = calendar._get_clock(company, row.entered_on, row.left_on)
            minutes = clock.worked(to_minutes(row.entered_on), to_minutes(row.left_on))
            self.assertAlmostEqual(row.stage_hours, minutes / 60)
            self.assertAlmostEqual(row.calendar_hours, (row.left_on - row.entered_on).total_seconds() / 3600)

    def test_visits_are_the_stages_that_the_log_tells(self):
        tickets, _ends = self.live(count=16, days=4)
        for ticket in tickets:
            visits = self.env["helpdesk_lite.stage.report"].search([("ticket_id", "=", ticket.id)], order="id")
            told = self.events(ticket).filtered(lambda event: event.kind in ("created", "stage"))
            self.assertEqual(
                [(row.stage_id, row.entered_on) for row in visits], [(event.stage_id, event.date) for event in told]
            )
            self.assertEqual(visits.mapped("left_on"), [*(event.date for event in told[1:]), False])

    def test_the_clock_in_sql_is_the_clock(self):
        self.make_ticket()
        calendar, company = self.team.resource_calendar_id, self.team.company_id
        with freeze_time(datetime(2026, 3, 20)):
            clocks = get_clocks(self.env)
            spans = []
            for _number in range(300):
                start = datetime(2026, 1, 5) + timedelta(minutes=self.rng.randrange(100_000))
                spans.append((start, start + timedelta(minutes=self.rng.randrange(-2000, 20_000))))
            rows = self.env.execute_query(
                SQL(
                    "SELECT span.number, %s FROM unnest(%s::timestamp[], %s::timestamp[]) WITH ORDINALITY span (a, b, number)",
                    worked(SQL("span.a"), SQL("span.b"), clocks, SQL("%s", calendar.id), SQL("%s", company.id)),
                    [start for start, _end in spans],
                    [end for _start, end in spans],
                )
            )
        clock = calendar._get_clock(company, datetime(2026, 1, 1), datetime(2026, 12, 31))
        self.assertEqual(len(rows), len(spans))
        for number, hours in rows:
            start, end = spans[number - 1]
            self.assertAlmostEqual(hours, clock.worked(to_minutes(start), to_minutes(end)) / 60)

    def test_a_merged_ticket_counts_once(self):
        tickets = self.make_ticket() | self.make_ticket()
        # as whoever merges does
        tickets[0].counted_elsewhere = True
        self.env.flush_all()
        report = self.env["helpdesk_lite.ticket.report"]
        self.assertEqual(report.search([("ticket_id", "in", tickets.ids)]).ticket_id, tickets[1])
        tickets[0].counted_elsewhere = False
        self.env.flush_all()
        self.assertEqual(report.search([("ticket_id", "in", tickets.ids)]).ticket_id, tickets)

    def test_ticket_report_equals_sql(self):
        tickets, _ends = self.live(count=32, days=4)
        self.env.cr.execute(
            """ SELECT count(*), sum(reopen_count), avg(extract(epoch FROM close_date - opened_on) / 3600)
                  FROM helpdesk_lite_ticket WHERE id = ANY(%s)
            """,
            [tickets.ids],
        )
        count, reopened, hours = self.env.cr.fetchone()
        found = self.call(
            self.manager,
            "helpdesk_lite.ticket.report",
            "formatted_read_group",
            [("ticket_id", "in", tickets.ids)],
            [],
            ["__count", "reopen_count:sum", "open_hours:avg", "question_count:sum"],
        )[0]
        self.assertEqual((found["__count"], found["reopen_count:sum"], found["question_count:sum"]), (count, reopened, 0))
        self.assertAlmostEqual(found["open_hours:avg"], float(hours))


@tagged("post_install", "-at_install")
class TestReportAccess(ReportCase):
    """Who can see a ticket can see its rows, and nobody else."""

    def test_rows_are_those_of_the_tickets(self):
        tickets = {mode: self.make_ticket(mode) for mode in self.teams}
        tickets["invited"] = self.make_ticket("private")
        tickets["invited"].message_subscribe(self.agent.partner_id.ids)
        with freeze_time(datetime.now() + timedelta(days=2)):
            self.run_job("backlog")
        ids = [ticket.id for ticket in tickets.values()]
        for user, hidden in ((self.manager, set()), (self.agent, {tickets["private"].id})):
            seen = set(ids) - hidden
            for model in ("helpdesk_lite.ticket.report", "helpdesk_lite.stage.report"):
                with self.subTest(user=user.login, model=model):
                    rows = self.call(user, model, "search_read", [("ticket_id", "in", ids)], ["ticket_id"])
                    self.assertEqual({row["ticket_id"][0] for row in rows}, seen)
                    groups = self.call(user, model, "formatted_read_group", [("ticket_id", "in", ids)], [], ["__count"])
                    self.assertEqual(groups[0]["__count"], len(seen))
        with self.subTest("a row of a hidden ticket is not there by its id either"):
            rows = self.call(self.agent, "helpdesk_lite.ticket.report", "read", ids, ["number"])
            self.assertEqual({row["id"] for row in rows}, set(ids) - {tickets["private"].id})
        with self.subTest("the backlog of a team is for those who see the team"):
            rows = self.call(self.agent, "helpdesk_lite.backlog", "search_read", [], ["team_id"])
            teams = {row["team_id"][0] for row in rows}
            self.assertIn(self.teams["public"].id, teams)
            self.assertNotIn(self.teams["private"].id, teams)

    def test_employees_and_customers_read_no_report(self):
        for user in (self.employee, self.customer_user):
            for model in ("helpdesk_lite.ticket.report", "helpdesk_lite.stage.report", "helpdesk_lite.backlog"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.call(user, model, "search_read", [], ["id"])

    def test_nobody_writes_a_day(self):
        Backlog = self.env["helpdesk_lite.backlog"]
        row = Backlog.create({"day": date(2026, 3, 2), "team_id": self.team.id, "open_count": 1})
        for user in (self.manager, self.agent):
            for method, *args in (("write", row.ids, {"open_count": 9}), ("unlink", row.ids), ("create", [{"open_count": 9}])):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.call(user, "helpdesk_lite.backlog", method, *args)

    def test_figures_of_colleagues_are_for_administrators(self):
        self.make_ticket(user_id=self.manager.id)
        read = ("helpdesk_lite.ticket.report", "formatted_read_group", [], ["user_id"], ["__count"])
        self.assertTrue(self.call(self.manager, *read))
        with self.assertRaises(AccessError):
            self.call(self.agent, *read)
        for user, there in ((self.manager, True), (self.agent, False)):
            for kind in ("list", "search"):
                arch = self.call(user, read[0], "get_view", view_type=kind)["arch"]
                self.assertEqual("user_id" in arch, there, (user.login, kind))
        self.manager.company_id.helpdesk_lite_people_figures = False
        with self.assertRaises(AccessError):
            self.call(self.manager, *read)

    def test_letter_to_a_leader_counts_what_they_see(self):
        self.team.leader_ids = self.agent
        self.teams["private"].leader_ids = self.agent | self.manager | self.employee
        for mode in ("public", "private"):
            with freeze_time(START):
                self.make_ticket(mode)
        with freeze_time(START + timedelta(days=7)):
            before = self.env["mail.mail"].search([])
            self.run_job("team_letter")
        letters = {mail.email_to: mail.body_html for mail in self.env["mail.mail"].search([]) - before}
        self.assertEqual(set(letters), {self.agent.email_formatted, self.manager.email_formatted}, "employees see no figures")
        self.assertIn("Team public", letters[self.agent.email_formatted])
        self.assertNotIn("Team private", letters[self.agent.email_formatted], "to lead a team gives no sight of it")
        self.assertIn("Team private", letters[self.manager.email_formatted])

    def test_letter_of_monday_is_about_the_week_that_has_just_ended(self):
        """Also where it is still Sunday when the job runs."""
        monday = START + timedelta(days=7 - START.weekday(), hours=5 - START.hour)
        self.team.leader_ids = self.agent | self.manager
        self.agent.tz = "America/Los_Angeles"
        self.manager.tz = "Pacific/Kiritimati"
        last = format_date(self.env, monday.date() - timedelta(days=1))
        before = self.env["mail.mail"].search([])
        with freeze_time(monday):
            self.run_job("team_letter")
        subjects = (self.env["mail.mail"].search([]) - before).mapped("subject")
        self.assertEqual(len(subjects), 2)
        for subject in subjects:
            self.assertTrue(subject.endswith(last), subject)

    def test_one_leader_gets_the_letter_when_that_of_another_fails(self):
        self.team.leader_ids = self.agent
        self.teams["company"].leader_ids = self.manager
        rows = type(self.team)._get_letter_rows

        def fail(teams, last):
            if teams.env.user == self.agent:
                raise ZeroDivisionError
            return rows(teams, last)

        before = self.env["mail.mail"].search([])
        logger = "odoo.addons.helpdesk_lite.models.figures.team_letter"
        with patch.object(type(self.team), "_get_letter_rows", fail), self.assertLogs(logger):
            self.run_job("team_letter")
        self.assertIn(self.manager.email_formatted, (self.env["mail.mail"].search([]) - before).mapped("email_to"))

    def test_digest_counts_with_the_rights_of_the_recipient(self):
        digest = self.env.ref("digest.digest_digest_default")
        names = ("new", "closed", "open", "first_response", "sla", "happy")
        digest.write({f"kpi_helpdesk_lite_{name}": True for name in names})
        # an hour ago, as the digest leaves out the second in which it is made
        opened = datetime.now() - timedelta(hours=1)
        self.make_ticket("private", opened_on=opened)
        self.make_ticket("public", opened_on=opened)
        company = self.env.company
        found = {}
        for user in (self.manager, self.agent, self.employee):
            kpis = {kpi["kpi_name"]: kpi for kpi in digest._compute_kpis(company, user)}
            found[user] = kpis
        self.assertEqual(
            {name for name in found[self.manager] if "helpdesk" in name}, {f"kpi_helpdesk_lite_{n}" for n in names}
        )
        self.assertFalse([name for name in found[self.employee] if "helpdesk" in name])
        value = "kpi_helpdesk_lite_new"
        more = int(found[self.manager][value]["kpi_col1"]["value"]) - int(found[self.agent][value]["kpi_col1"]["value"])
        hidden = Domain("team_id", "=", self.teams["private"].id)
        self.assertEqual(more, self.env["helpdesk_lite.ticket"].search_count(hidden))
