from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestReport(ConvertCase):
    """The report equals the sums by SQL, and contains only rows that the user can see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([("ticket_id", "!=", False)]).unlink()
        cls.manager.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def fill(self):
        """Create opportunities in two months, three teams, by two agents; won, lost and open."""
        revenue = 1000.01
        for month in ("2026-03-05", "2026-04-06"):
            for mode in self.teams:
                for agent in (self.agent, self.both):
                    tickets = self.env["helpdesk_lite.ticket"].concat(
                        *(self.make_ticket(mode, user_id=agent.id) for _i in range(3))
                    )
                    leads = self.convert(tickets, agent, user_id=self.salesperson.id)
                    for lead in leads:
                        revenue += 17.17
                        lead.expected_revenue = revenue
                    leads[1].action_set_won()
                    leads[2].action_set_lost()
                    leads.flush_recordset()
                    self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)", [month, leads.ids])
        undone = self.make_ticket()
        self.convert(undone).expected_revenue = 5
        undone.with_user(self.agent).action_undo_convert()
        self.env.flush_all()

    def by_sql(self, condition="TRUE"):
        self.env.cr.execute(f"""
            SELECT ticket.team_id, ticket.user_id, date_trunc('month', lead.create_date)::date::text,
                   count(*), sum(lead.expected_revenue), sum(lead.expected_revenue) FILTER (WHERE lead.won_status = 'won')
              FROM crm_lead lead JOIN helpdesk_lite_ticket ticket ON ticket.id = lead.ticket_id
             WHERE {condition} GROUP BY 1, 2, 3
        """)
        return {row[:3]: row[3:] for row in self.env.cr.fetchall()}

    def by_report(self, user):
        return {
            (team.id, agent.id, str(month.date())): (count, expected, won)
            for team, agent, month, count, expected, won in self.env["helpdesk_lite_crm.opportunity_report"]
            .with_user(user)
            ._read_group(
                [],
                ["ticket_team_id", "ticket_user_id", "create_date:month"],
                ["lead_count:sum", "expected_revenue:sum", "won_revenue:sum"],
            )
        }

    def assert_same(self, report, sql):
        self.assertEqual(report.keys(), sql.keys())
        for key, (count, expected, won) in sql.items():
            self.assertEqual(report[key][0], count)
            self.assertAlmostEqual(report[key][1], float(expected), 2)
            self.assertAlmostEqual(report[key][2], float(won), 2)

    def test_equal_to_sql_to_the_cent(self):
        self.fill()
        sql = self.by_sql()
        self.assertEqual(len(sql), 12)
        self.assert_same(self.by_report(self.manager), sql)

    def test_only_rows_that_are_visible_on_both_sides(self):
        self.fill()
        private = self.teams["private"].id
        self.salesperson.group_ids += self.env.ref("helpdesk_lite.group_user")
        self.assert_same(self.by_report(self.salesperson), self.by_sql(f"ticket.team_id != {private}"))
        self.other_salesperson.group_ids += self.env.ref("helpdesk_lite.group_user")
        self.assertEqual(self.by_report(self.other_salesperson), {})
        Report = self.env["helpdesk_lite_crm.opportunity_report"]
        hidden = Report.search([("ticket_team_id", "=", private)])
        self.assertTrue(hidden)
        self.assertFalse(hidden.with_user(self.salesperson)._filtered_access("read"))
        self.assertFalse(Report.with_user(self.salesperson).search([("ticket_team_id", "=", private)]))
        for user in (self.employee, self.agent, self.customer_user):
            self.assertFalse(Report.with_user(user).has_access("read"))
