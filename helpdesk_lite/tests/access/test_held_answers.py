from odoo.tests import tagged

from ...models.guards.held_answers import answer_of, held_answers
from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestHeldAnswers(HelpdeskCase):
    """What somebody sees is asked once within a reading request, and anew in the next one."""

    def board(self, user):
        """The ids of the tickets in the columns of a kanban.

        :param user: record of ``res.users``
        :return: set of ids
        """
        answer = self.call(
            user,
            "helpdesk_lite.ticket",
            "web_read_group",
            [("team_id", "in", [team.id for team in self.teams.values()])],
            ["stage_id"],
            [],
            auto_unfold=True,
            unfold_read_specification={"name": {}},
            unfold_read_default_limit=80,
        )
        return {row["id"] for group in answer["groups"] for row in group.get("__records", [])}

    def test_each_column_costs_one_statement(self):
        """Beside the page of the column itself, the teams and followed tickets of the user are not asked again."""
        stages = self.team.stage_ids.sorted("sequence")
        counts = {}
        for many in (1, 3):
            for stage in stages[:many]:
                self.make_ticket("private", stage_id=stage.id).message_subscribe(self.employee.partner_id.ids)
            self.board(self.employee)
            before = self.cr.sql_log_count
            self.board(self.employee)
            counts[many] = self.cr.sql_log_count - before
        self.assertEqual(counts[3] - counts[1], 2)

    def test_answers_end_with_the_request(self):
        ticket = self.make_ticket("private")
        self.assertNotIn(ticket.id, self.board(self.employee))
        ticket.message_subscribe(self.employee.partner_id.ids)
        self.assertIn(ticket.id, self.board(self.employee))
        ticket.message_unsubscribe(self.employee.partner_id.ids)
        self.assertNotIn(ticket.id, self.board(self.employee))
        self.teams["private"].message_subscribe(self.employee.partner_id.ids)
        self.assertIn(ticket.id, self.board(self.employee))

    def test_answers_are_of_one_user_and_one_question(self):
        """Neither another user, nor the same one in other companies, nor another question gets an answer."""
        env = self.env(user=self.employee.id)
        with held_answers(env):
            self.assertEqual(answer_of(env, ("teams", 1), lambda: "mine"), "mine")
            self.assertEqual(answer_of(env, ("teams", 1), lambda: "asked again"), "mine")
            self.assertEqual(answer_of(env, ("teams", 2), lambda: "another"), "another")
            other = self.env(user=self.agent.id)
            self.assertEqual(answer_of(other, ("teams", 1), lambda: "theirs"), "theirs")
            elsewhere = env(context={"allowed_company_ids": self.env.company.ids})
            self.assertEqual(answer_of(elsewhere, ("teams", 1), lambda: "there"), "there")
        self.assertEqual(answer_of(env, ("teams", 1), lambda: "anew"), "anew")

    def test_answers_end_with_an_error(self):
        env = self.env(user=self.employee.id)
        with self.assertRaises(ZeroDivisionError), held_answers(env):
            answer_of(env, ("teams", 1), lambda: "before")
            raise ZeroDivisionError
        self.assertEqual(answer_of(env, ("teams", 1), lambda: "after"), "after")
