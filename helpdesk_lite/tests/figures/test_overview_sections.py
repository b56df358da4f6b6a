from datetime import timedelta
from random import Random

from odoo.fields import Domain
from odoo.tests import tagged

from .figures_case import NOW, FiguresCase

SEED = 17
TICKETS = 120
COUNTED = "counted_elsewhere IS NOT TRUE"


@tagged("post_install", "-at_install")
class TestOverviewSections(FiguresCase):
    """Each figure equals SQL that shares nothing with the product, and opens the records that it counts."""

    def setUp(self):
        super().setUp()
        self.manager.tz = "America/Bogota"  # five hours behind, without summer time
        self.colleague = self.agent.copy({"login": "hl_colleague"})
        rng = Random(SEED)
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_context(mail_notrack=True, mail_create_nosubscribe=True)
            .create([{"name": str(number), "team_id": self.team.id} for number in range(TICKETS)])
        )
        self.tickets = tickets
        closed = tickets.filtered(lambda ticket: rng.random() < 0.6)
        closed.stage_id = self.closed
        tickets.flush_recordset()
        for ticket in tickets:
            opened = NOW - timedelta(minutes=rng.randrange(80 * 24 * 60))
            done = opened + timedelta(minutes=rng.randrange(-600, 30 * 24 * 60))
            elsewhere = rng.random() < 0.1
            self.put(
                ticket,
                opened_on=opened,
                user_id=rng.choice([None, self.agent.id, self.colleague.id]),
                counted_elsewhere=elsewhere,
                active=not elsewhere and rng.random() < 0.9,
                close_date=min(done, NOW) if ticket.is_closed else None,
                close_hours=rng.random() * 90 if ticket.is_closed else None,
                first_response_date=opened + timedelta(hours=1),
                first_response_hours=rng.random() * 9,
                reopen_count=rng.choice([0, 0, 1]),
                response_count=rng.choice([0, 1, 1, 2]),
            )
        self.filters = {"period": "month", "team_ids": self.team.ids}

    def sql(self, what, where):
        self.env.cr.execute(
            f"SELECT {what} FROM helpdesk_lite_ticket WHERE team_id = {self.team.id} AND {COUNTED} AND ({where})"
        )
        return self.env.cr.fetchone()

    def days(self, column, first, last):
        """The days of the manager, from and to which both count."""
        local = f"({column} AT TIME ZONE 'UTC' AT TIME ZONE 'America/Bogota')::date"
        return f"{local} BETWEEN '{first}' AND '{last}'"

    def section(self, name, **filters):
        return self.overview(self.manager, {**self.filters, **filters}, [name])[name]

    def test_trend(self):
        trend = self.section("trend")
        new, closed, backlog = trend["tiles"]
        self.assertEqual(new["value"], self.sql("count(*)", self.days("opened_on", "2026-02-10", "2026-03-11"))[0])
        in_days = self.days("close_date", "2026-02-10", "2026-03-11")
        self.assertEqual(closed["value"], self.sql("count(*)", f"is_closed AND {in_days}")[0])
        self.assertEqual(backlog["value"], self.sql("count(*)", "active AND is_closed IS NOT TRUE")[0])
        series = {one["key"]: one["figures"] for one in trend["chart"]["series"]}
        for tile in (new, closed):
            self.assertEqual(sum(figure["value"] for figure in series[tile["key"]]), tile["value"], "bars add up to the tile")
        ends = ["2026-02-15", "2026-02-22", "2026-03-01", "2026-03-08", "2026-03-11"]
        for figure, day in zip(series["backlog"], ends, strict=True):
            end = f"timestamp '{day} 05:00' + interval '1 day'"
            where = f"opened_on < {end} AND ((active AND is_closed IS NOT TRUE) OR (is_closed AND close_date >= {end}))"
            self.assertEqual(figure["value"], self.sql("count(*)", where)[0], day)
            self.assertTrue(figure["value"])
        for figure in [new, closed, backlog, *(figure for figures in series.values() for figure in figures)]:
            self.assert_opens(self.manager, figure)

    def test_speed(self):
        periods = [("2026-02-10", "2026-03-11"), ("2026-01-11", "2026-02-09")]
        tiles = {tile["key"]: tile for tile in self.section("speed")}
        for name, hours, date, more in (
            ("first_response", "first_response_hours", "first_response_date", "TRUE"),
            ("close", "close_hours", "close_date", "is_closed"),
        ):
            for share, number in (("median", 0.5), ("ninth", 0.9)):
                tile = tiles[f"{name}_{share}"]
                for key, (first, last) in zip(("value", "before"), periods, strict=True):
                    what = f"percentile_cont({number}) WITHIN GROUP (ORDER BY {hours}), count(*)"
                    value, count = self.sql(what, f"{more} AND {self.days(date, first, last)}")
                    self.assertAlmostEqual(tile[key], value)
                    if key == "value":
                        self.assertEqual(tile["n"], count)
                        self.assert_opens(self.manager, {**tile, "value": count})

    def test_quality(self):
        tiles = {tile["key"]: tile for tile in self.section("quality")}
        period = f"is_closed AND {self.days('close_date', '2026-02-10', '2026-03-11')}"
        total = self.sql("count(*)", period)[0]
        for key, where in (("reopened", "reopen_count > 0"), ("one_answer", "response_count = 1 AND reopen_count = 0")):
            count = self.sql("count(*)", f"{period} AND {where}")[0]
            self.assertEqual((tiles[key]["n"], tiles[key]["count"]), (total, count))
            self.assertAlmostEqual(tiles[key]["value"], 100 * count / total)
            self.assert_opens(self.manager, {**tiles[key], "value": count})

    def test_satisfaction(self):
        keys = {"happy": 5, "unhappy": 1}
        self.assertFalse(keys.keys() & {tile["key"] for tile in self.section("quality")}, "no team asks")
        self.team.use_rating = True
        empty = {tile["key"]: tile for tile in self.section("quality")}
        self.assertEqual([(empty[key]["value"], empty[key]["n"]) for key in keys], [(None, 0)] * 2)
        rng = Random(SEED)
        for ticket in self.tickets[: TICKETS // 2]:
            self.rate(ticket, rng.choice([5, 5, 3, 1]), NOW - timedelta(minutes=rng.randrange(60 * 24 * 60)))
        self.env.flush_all()
        tiles = {tile["key"]: tile for tile in self.section("quality")}
        report = self.env["helpdesk_lite.ticket.report"].with_user(self.manager)
        period = self.days("rating.rated_on", "2026-02-10", "2026-03-11")
        self.env.cr.execute(
            f""" SELECT rating.rating, count(*) FILTER (WHERE {period}), count(*)
                   FROM rating_rating rating JOIN helpdesk_lite_ticket ON helpdesk_lite_ticket.id = rating.res_id
                  WHERE rating.res_model = 'helpdesk_lite.ticket' AND team_id = {self.team.id} AND {COUNTED} GROUP BY 1
            """
        )
        rows = self.env.cr.fetchall()
        counts = {rating: count for rating, count, _ever in rows}
        total = sum(counts.values())
        self.assertTrue(all(counts.values()) and len(counts) == 3 and total < TICKETS // 2)
        for key, rating in keys.items():
            self.assertEqual((tiles[key]["n"], tiles[key]["count"]), (total, counts[rating]))
            self.assertAlmostEqual(tiles[key]["value"], 100 * counts[rating] / total)
            self.assert_opens(self.manager, {**tiles[key], "value": counts[rating]})
        with self.subTest("the same in the report"):
            ever = {rating: count for rating, _count, count in rows}
            share, happy, unhappy = (
                report._read_group([("team_id", "=", self.team.id), *more], [], [what])[0][0]
                for more, what in (
                    ([], "happy_rate:avg"),
                    ([("rating_text", "=", "top")], "__count"),
                    ([("rating_text", "=", "ko")], "__count"),
                )
            )
            self.assertAlmostEqual(share, 100 * ever[5] / sum(ever.values()))
            self.assertEqual((happy, unhappy), (ever[5], ever[1]))

    def test_ratings_of_hidden_tickets_are_not_counted(self):
        self.teams["private"].use_rating = True
        self.rate(self.make_ticket("private"), 1)
        self.env.flush_all()
        for user, count in ((self.manager, 1), (self.agent, 0)):
            filters = {"team_ids": self.teams["private"].ids}
            tiles = {tile["key"]: tile for tile in self.overview(user, filters, ["quality"])["quality"]}
            with self.subTest(user=user.login):
                self.assertEqual((tiles["unhappy"]["n"], tiles["unhappy"]["count"]), (count, count))
                self.assert_opens(user, {**tiles["unhappy"], "value": count})

    def test_people(self):
        for user, seen in ((self.manager, {self.agent.id, self.colleague.id}), (self.agent, {self.agent.id})):
            with self.subTest(user=user.login):
                people = self.overview(user, self.filters, ["people"])["people"]
                self.assertEqual({person["id"] for person in people}, seen)
                for person in people:
                    for figure in person["figures"][:2]:
                        self.assert_opens(user, figure)
                    where = f"user_id = {person['id']} AND active AND is_closed IS NOT TRUE"
                    self.assertEqual(person["figures"][0]["value"], self.sql("count(*)", where)[0])
        with self.subTest("where the company does not show them"):
            self.manager.company_id.helpdesk_lite_people_figures = False
            self.assertEqual(self.overview(self.manager, self.filters, ["people"])["people"], [])
            self.put(self.tickets[0], user_id=self.manager.id, active=True)
            self.assertEqual([person["id"] for person in self.section("people")], self.manager.ids)

    def test_when_they_come(self):
        arrival = self.section("arrival")
        period = self.days("opened_on", "2026-02-10", "2026-03-11")
        local = "opened_on AT TIME ZONE 'UTC' AT TIME ZONE 'America/Bogota'"
        figures = [figure for day in arrival["days"] for figure in day["figures"]]
        self.assertEqual(len(figures), 7 * 24)
        for figure in figures:
            _key, day, hour = figure["key"].split("-")
            where = f"{period} AND extract(dow FROM {local}) = {day} AND extract(hour FROM {local}) = {hour}"
            self.assertEqual(figure["value"], self.sql("count(*)", where)[0], figure["key"])
            if figure["value"]:
                found = self.env["helpdesk_lite.ticket"].with_user(self.manager)
                found = found.with_context(active_test=False, tz=self.manager.tz).search_count(figure["domain"])
                self.assertEqual(found, figure["value"], figure["key"])
        self.assertTrue(any(figure["value"] for figure in figures))

    def test_ten_years(self):
        self.put(self.tickets[0], opened_on=NOW - timedelta(days=3600), counted_elsewhere=False)
        trend = self.section("trend", period="custom", first="2016-03-12", last="2026-03-11")
        new = trend["chart"]["series"][0]["figures"]
        self.assertEqual(len(new), 11)
        self.assertEqual(sum(figure["value"] for figure in new), self.sql("count(*)", "TRUE")[0])

    def test_filters(self):
        self.put(self.tickets[:40], channel="mail")
        found = self.section("trend", channel="mail")["tiles"][0]
        period = self.days("opened_on", "2026-02-10", "2026-03-11")
        self.assertEqual(found["value"], self.sql("count(*)", f"channel = 'mail' AND {period}")[0])
        self.assertIn(("channel", "=", "mail"), [tuple(part) for part in found["domain"] if not isinstance(part, str)])
        self.assertTrue(Domain(found["domain"]))

    def test_the_page_takes_few_statements(self):
        for user in (self.manager, self.agent):
            self.overview(user)
            with self.subTest(user=user.login):
                before = self.env.cr.sql_log_count
                self.overview(user)
                self.assertLessEqual(self.env.cr.sql_log_count - before, 25)
