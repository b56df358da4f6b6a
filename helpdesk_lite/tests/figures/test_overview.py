from odoo.exceptions import AccessError
from odoo.tests import tagged

from .figures_case import NOW, FiguresCase

# what is counted now, in SQL that shares nothing with the product
NOW_SQL = {
    "open": "snooze_until IS NULL OR snooze_until <= %(now)s",
    "unassigned": "user_id IS NULL AND (snooze_until IS NULL OR snooze_until <= %(now)s)",
    "waiting": "waiting_since < %(now)s::timestamp - interval '24 hours'",
    "late": "sla_deadline < %(now)s",
    "due": "sla_deadline >= %(now)s AND sla_deadline < '2026-03-12'",
}


@tagged("post_install", "-at_install")
class TestOverviewNow(FiguresCase):
    """The tiles about what is to be done now."""

    def setUp(self):
        super().setUp()
        # what other tests and the demo may have left is counted by the same statements
        self.agent.tz = self.manager.tz = "UTC"
        tickets = {
            name: self.make_ticket(mode)
            for name, mode in [("plain", "public"), ("private", "private"), ("waiting", "public"), ("hour", "company")]
        }
        self.private = tickets["private"]
        self.put(tickets["waiting"], waiting_since=self.ago(hours=25), user_id=self.agent.id)
        self.put(tickets["hour"], waiting_since=self.ago(hours=23), snooze_until=self.ago(hours=-1))
        self.put(self.make_ticket(), sla_deadline=self.ago(minutes=1))
        self.put(self.make_ticket(), sla_deadline=self.ago(hours=-3))
        self.put(self.make_ticket(), sla_deadline=self.ago(hours=-13))
        self.put(self.make_ticket(), sla_deadline=self.ago(minutes=1), active=False)
        self.make_ticket(stage_id=self.closed.id)

    def expected(self, key, among="TRUE"):
        self.env.cr.execute(
            f""" SELECT count(*) FROM helpdesk_lite_ticket
                 WHERE active AND is_closed IS NOT TRUE AND company_id = %(company)s AND ({NOW_SQL[key]}) AND {among}
            """,
            {"now": NOW, "company": self.manager.company_id.id},
        )
        return self.env.cr.fetchone()[0]

    def test_tiles_equal_sql_and_open_what_they_count(self):
        tiles = self.overview(self.manager, sections=["now"])["now"]
        self.assertEqual([tile["key"] for tile in tiles], list(NOW_SQL))
        for tile in tiles:
            with self.subTest(tile=tile["key"]):
                self.assertEqual(tile["value"], self.expected(tile["key"]))
                self.assertTrue(tile["value"], "a tile that is empty here proves nothing")
                self.assert_opens(self.manager, tile)

    def test_an_agent_counts_only_what_they_see(self):
        hidden = f"team_id != {self.teams['private'].id}"
        for tile in self.overview(self.agent, {"team_ids": [team.id for team in self.teams.values()]}, ["now"])["now"]:
            with self.subTest(tile=tile["key"]):
                ours = f"team_id IN ({', '.join(str(team.id) for team in self.teams.values())})"
                self.assertEqual(tile["value"], self.expected(tile["key"], f"{hidden} AND {ours}"))
                self.assert_opens(self.agent, tile)
        with self.subTest("until they are invited"):
            self.private.message_subscribe(self.agent.partner_id.ids)
            tile = self.overview(self.agent, {"team_ids": self.teams["private"].ids}, ["now"])["now"][0]
            self.assertEqual(tile["value"], 1)

    def test_employees_and_customers_get_no_figures(self):
        for user in (self.employee, self.customer_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.overview(user)

    def test_malformed_filters_are_ignored(self):
        plain = self.overview(self.manager, sections=["now"])["now"]
        for filters in (
            {"period": "x" * 1000, "first": "2026-99-99", "last": 7},
            {"period": ["week"], "team_ids": "1", "type_ids": [True, "2", None, -1, 2**40]},
            {"period": {}, "channel": [], "team_ids": [2**31]},
            {"period": "custom", "first": "0001-01-01", "last": "9999-12-31", "channel": "'; --"},
        ):
            with self.subTest(filters=filters):
                self.assertEqual(self.overview(self.manager, filters, ["now"])["now"], plain)
        for sections in (5, "now", {"now": 1}, False):
            self.assertEqual(self.overview(self.manager, sections=sections)["now"], plain)
        for zone in ([], {}, 5, "Nowhere"):
            overview = self.env["helpdesk_lite.overview"].with_user(self.manager).with_context(tz=zone)
            self.assertEqual(overview.get_overview(sections=["now"])["now"], plain)
