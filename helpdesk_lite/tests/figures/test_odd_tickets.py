from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from .figures_case import NOW, FiguresCase
from .test_reports import START, ReportCase


@tagged("post_install", "-at_install")
class TestOddTickets(FiguresCase):
    """Figures of what should not be there, and is."""

    def report(self, user, ticket, *names):
        return self.call(user, "helpdesk_lite.ticket.report", "search_read", [("ticket_id", "=", ticket.id)], [*names])

    def test_an_import_that_was_closed_before_it_was_opened_takes_no_time(self):
        opened = self.ago(days=2)
        ticket = self.make_ticket(
            stage_id=self.closed.id, opened_on=opened, close_date=opened - timedelta(days=9), user_id=self.agent.id
        )
        self.put(ticket, first_response_date=opened - timedelta(days=1))
        ticket._measure_answers()
        ticket._count_hours_again()
        self.assertLess(ticket.close_date, ticket.opened_on)
        (row,) = self.report(self.manager, ticket, "open_hours", "close_hours", "first_response_hours", "answer_hours")
        for name in ("open_hours", "close_hours", "first_response_hours", "answer_hours"):
            self.assertGreaterEqual(row[name] or 0, 0, name)
        found = self.overview(self.manager, {"team_ids": self.team.ids})
        for tile in found["speed"]:
            self.assertGreaterEqual(tile["value"] or 0, 0, tile["key"])
        for series in found["trend"]["chart"]["series"]:
            for figure in series["figures"]:
                self.assertGreaterEqual(figure["value"], 0, figure["key"])
                self.assert_opens(self.manager, figure)

    def test_people_who_left_keep_their_figures(self):
        self.agent.tz = "UTC"
        leaver = self.agent.copy({"login": "hl_leaver", "name": "Lee Aver"})
        done = self.make_ticket(user_id=leaver.id)
        done.with_user(leaver).stage_id = self.closed
        self.put(done, close_date=self.ago(hours=1))
        leaver.active = False
        filters = {"team_ids": self.team.ids}
        people = {person["id"]: person for person in self.overview(self.manager, filters, ["people"])["people"]}
        self.assertEqual(people[leaver.id]["name"], "Lee Aver")
        self.assertEqual(people[leaver.id]["figures"][1]["value"], 1)
        self.assert_opens(self.manager, people[leaver.id]["figures"][1])
        self.assertEqual(self.report(self.manager, done, "closer_id")[0]["closer_id"], (leaver.id, "Lee Aver"))
        with self.subTest("until they are deleted"):
            leaver.unlink()
            found = self.overview(self.manager, filters, ["trend", "people"])
            self.assertEqual(found["people"], [])
            self.assertEqual(found["trend"]["tiles"][1]["value"], 1, "what they closed is closed")
            self.assertFalse(self.report(self.manager, done, "closer_id")[0]["closer_id"])

    def test_a_ticket_that_was_moved_to_a_private_team_meanwhile_is_not_opened(self):
        ticket = self.make_ticket()
        filters = {"team_ids": self.team.ids}
        shown = self.overview(self.agent, filters, ["now"])["now"][0]
        self.assertEqual(shown["value"], 1)
        self.assertTrue(self.report(self.agent, ticket, "number"))
        ticket.team_id = self.teams["private"]
        self.assert_opens(self.agent, {**shown, "value": 0})
        for filters in ({}, {"team_ids": [self.team.id, self.teams["private"].id]}):
            tile = self.overview(self.agent, filters, ["now"])["now"][0]
            opened = self.call(self.agent, "helpdesk_lite.ticket", "search", tile["domain"])
            self.assertNotIn(ticket.id, opened)
            self.assertEqual(len(opened), tile["value"])
        self.assertFalse(self.report(self.agent, ticket, "number"))
        visits = [("ticket_id", "=", ticket.id)]
        self.assertFalse(self.call(self.agent, "helpdesk_lite.stage.report", "search_read", visits, ["stage_id"]))
        self.assertTrue(self.call(self.manager, "helpdesk_lite.stage.report", "search_read", visits, ["stage_id"]))

    def test_fifty_years_are_the_longest_period(self):
        self.put(self.make_ticket(), opened_on=datetime(1995, 5, 5))
        filters = {"period": "custom", "first": "0001-01-01", "last": "9999-12-31", "team_ids": self.team.ids}
        found = self.overview(self.manager, filters)
        self.assertEqual(found["period"]["last"], NOW.date().isoformat())
        new = found["trend"]["chart"]["series"][0]["figures"]
        self.assertLessEqual(len(new), 52)
        self.assertEqual(sum(figure["value"] for figure in new), 1)


@tagged("post_install", "-at_install")
class TestWithoutCalendar(ReportCase):
    """Teams without working hours work day and night."""

    def test_all_hours_count(self):
        self.team.resource_calendar_id = False
        with freeze_time(START):
            ticket = self.make_ticket(partner_id=self.customer.id)
        # on Saturday
        with freeze_time(START + timedelta(days=5)):
            self.say(ticket, self.agent)
            ticket.stage_id = self.other
        with freeze_time(START + timedelta(days=6)):
            ticket.stage_id = self.closed
            self.env.flush_all()
            row = self.env["helpdesk_lite.ticket.report"].search([("ticket_id", "=", ticket.id)])
            self.assertEqual([row.first_response_hours, row.close_hours, row.open_hours], [5 * 24, 6 * 24, 6 * 24])
            visits = self.env["helpdesk_lite.stage.report"].search([("ticket_id", "=", ticket.id)], order="id")
            self.assertEqual(visits.mapped("stage_hours"), [5 * 24, 24, 0])
            average = [("ticket_id", "=", ticket.id)], [], ["stage_hours:avg"]
            (average,) = self.env["helpdesk_lite.stage.report"]._read_group(*average)
            self.assertEqual(average[0], 3 * 24, "a visit that lasts has no hours yet")
            tiles = self.call(self.manager, "helpdesk_lite.overview", "get_overview", {"team_ids": self.team.ids}, ["speed"])
            self.assertEqual([tile["value"] for tile in tiles["speed"]], [5 * 24, 5 * 24, 6 * 24, 6 * 24])
