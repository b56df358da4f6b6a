from datetime import datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import HelpdeskCase

TUESDAY = "2026-05-05 10:00:00"


class AssignmentCase(HelpdeskCase):
    """Three agents in one team, and the hours they work: Monday to Friday, 8 to 17 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.make_calendar("Office", range(5), 8, 17)
        cls.ana, cls.luis, cls.mia = cls.agents = cls.env["res.users"].union(
            *(
                new_test_user(
                    cls.env, f"hl_{name}", "helpdesk_lite.group_user", name=name.title(), email=f"{name}@test.example"
                )
                for name in ("ana", "luis", "mia")
            )
        )
        cls.resources = {user: cls.make_resource(user) for user in cls.agents}
        cls.team.write(
            {
                "member_ids": cls.agents.ids,
                "auto_assignment": True,
                "assign_method": "equal_open",
                "resource_calendar_id": cls.calendar.id,
            }
        )

    @classmethod
    def make_calendar(cls, name, days, start, stop, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {"name": str(day), "dayofweek": str(day), "hour_from": start, "hour_to": stop, "day_period": "morning"}
                    )
                    for day in days
                ],
                **values,
            }
        )

    @classmethod
    def make_resource(cls, user, **values):
        return cls.env["resource.resource"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "calendar_id": cls.calendar.id,
                "tz": "UTC",
                "company_id": cls.env.company.id,
                **values,
            }
        )

    def leave(self, user, start, stop, **values):
        """Create validated time off as the Time Off app stores it; without a user, a public holiday."""
        return self.env["resource.calendar.leaves"].create(
            {"name": "Off", "resource_id": user and self.resources[user].id, "date_from": start, "date_to": stop, **values}
        )

    def new(self, user=None, **values):
        """Create a ticket, by default as an employee who is not an agent."""
        return (
            self.env["helpdesk_lite.ticket"]
            .with_user(user or self.employee)
            .create({"name": "Broken parcel", "team_id": self.team.id, **values})
            .sudo()
        )

    def assignees(self, count, **values):
        return [self.new(**values).user_id.name for _i in range(count)]

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_lite.cron_assign_waiting").method_direct_trigger()
        self.env.invalidate_all()

    def close(self, tickets):
        tickets.stage_id = self.env.ref("helpdesk_lite.stage_solved")


@tagged("post_install", "-at_install")
@freeze_time(TUESDAY)
class TestMethods(AssignmentCase):
    """The assignee by each method."""

    def test_equal_open_chooses_the_member_with_the_fewest_open_tickets(self):
        self.make_ticket(user_id=self.ana.id)
        self.make_ticket(user_id=self.luis.id)
        self.assertEqual(self.assignees(4), ["Mia", "Ana", "Luis", "Mia"])

    def test_equal_open_counts_this_team_and_open_stages_only(self):
        self.make_ticket("company", user_id=self.ana.id)
        self.close(self.make_ticket(user_id=self.ana.id))
        self.make_ticket(user_id=self.ana.id, active=False)
        self.make_ticket(user_id=self.luis.id)
        self.make_ticket(user_id=self.mia.id)
        self.assertEqual(self.assignees(1), ["Ana"])

    def test_equal_open_notices_what_is_closed_and_given_by_hand(self):
        first, second, third = (self.new() for _i in range(3))
        self.close(second)
        self.assertEqual(self.assignees(1), [second.user_id.name])
        third.user_id = first.user_id
        self.assertEqual(self.assignees(1), ["Mia"])

    def test_equal_total_ignores_what_is_open_or_closed(self):
        self.team.assign_method = "equal_total"
        self.make_ticket(user_id=self.ana.id)
        for _i in range(4):
            self.close(self.new())
        self.assertEqual(self.assignees(5), ["Luis", "Mia", "Ana", "Luis", "Mia"])

    def test_equal_total_newcomer_starts_level(self):
        self.team.assign_method = "equal_total"
        self.team.member_ids = self.ana + self.luis
        self.assertEqual(self.assignees(7).count("Ana"), 4)
        self.team.member_ids += self.mia
        self.assertEqual(self.assignees(7), ["Mia", "Luis", "Ana", "Mia", "Luis", "Ana", "Mia"])

    def test_equal_total_return_from_time_off_starts_level(self):
        self.team.assign_method = "equal_total"
        self.assertEqual(self.assignees(3), ["Ana", "Luis", "Mia"])
        leave = self.leave(self.mia, "2026-05-05 08:00:00", "2026-05-05 17:00:00")
        self.assertEqual(self.assignees(20).count("Mia"), 0)
        leave.unlink()
        self.assertEqual(sorted(self.assignees(6)), ["Ana", "Ana", "Luis", "Luis", "Mia", "Mia"])

    def test_equal_total_a_shift_that_comes_together_starts_level(self):
        self.team.assign_method = "equal_total"
        self.team.member_ids = self.ana + self.luis
        self.assignees(3)
        self.team.member_ids = self.mia
        self.assignees(10)
        self.team.member_ids = self.agents - self.mia
        self.assertEqual(sorted(self.assignees(6)), ["Ana", "Ana", "Ana", "Luis", "Luis", "Luis"])

    def test_tags_give_to_the_matching_with_fewest_open(self):
        self.team.assign_method = "tags"
        billing, returns, other = self.env["helpdesk_lite.tag"].create([{"name": name} for name in ("B", "R", "O")])
        self.team.tag_member_ids = [
            Command.create({"tag_id": billing.id, "user_ids": self.ana.ids}),
            Command.create({"tag_id": returns.id, "user_ids": (self.luis + self.mia).ids}),
        ]
        self.make_ticket(user_id=self.luis.id)
        self.assertEqual(self.assignees(1, tag_ids=returns.ids), ["Mia"])
        self.assertEqual(self.assignees(1, tag_ids=[Command.set((billing + other).ids)]), ["Ana"])
        self.assertEqual(self.assignees(2, tag_ids=[Command.link(billing.id), Command.link(returns.id)]), ["Luis", "Mia"])
        nobodys = self.new(tag_ids=other.ids)
        self.assertFalse(nobodys.user_id)
        self.assertFalse(nobodys.assignment_waiting)
        self.assertFalse(self.new().user_id)
        self.team.member_ids -= self.ana
        self.assertFalse(self.new(tag_ids=billing.ids).user_id, "a former member is not chosen because of an old line")

    def test_batch_is_spread_as_if_one_by_one(self):
        for method in ("equal_total", "equal_open"):
            with self.subTest(method=method):
                self.team.assign_method = method
                tickets = (
                    self.env["helpdesk_lite.ticket"]
                    .with_user(self.agent)
                    .create([{"name": str(i), "team_id": self.team.id} for i in range(60)])
                )
                self.assertEqual([len(tickets.filtered(lambda t, u=u: t.user_id == u)) for u in self.agents], [20] * 3)

    def test_batch_counts_what_it_gives_by_hand(self):
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_user(self.agent)
            .create(
                [
                    {"name": str(i), "team_id": self.team.id, "user_id": user}
                    for i, user in enumerate([self.ana.id, False, self.mia.id, False, self.ana.id, False, False])
                ]
            )
        )
        self.assertEqual([t.user_id.name for t in tickets], ["Ana", "Luis", "Mia", "Ana", "Ana", "Mia", "Luis"])

    def test_import_is_spread(self):
        self.env["helpdesk_lite.ticket"].with_user(self.agent).load(
            ["name", "team_id"], [[f"Imported {i}", self.team.name] for i in range(9)]
        )
        tickets = self.env["helpdesk_lite.ticket"].search([("name", "like", "Imported")])
        self.assertEqual([len(tickets.filtered(lambda t, u=u: t.user_id == u)) for u in self.agents], [3] * 3)

    def test_without_members_every_helpdesk_user_of_the_company(self):
        self.team.member_ids = False
        users = self.team._get_assignable_users()
        self.assertLessEqual(self.agents + self.agent + self.manager, users)
        self.assertNotIn(self.employee, users)
        self.assertNotIn(self.customer_user, users)

    def test_who_can_never_be_chosen(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        gone, moved, unskilled = (
            new_test_user(self.env, f"hl_{name}", "helpdesk_lite.group_user") for name in ("gone", "moved", "unskilled")
        )
        self.team.member_ids = gone + moved + unskilled + self.ana
        gone.active = False
        moved.write({"company_ids": other.ids, "company_id": other.id})
        unskilled.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self.team._get_assignable_users(), self.ana)
        self.env.cr.execute("INSERT INTO helpdesk_lite_team_member_rel VALUES (%s, %s)", [self.team.id, self.customer_user.id])
        self.env.invalidate_all()
        self.assertEqual(self.team._get_assignable_users(), self.ana)
        self.assertEqual(set(self.assignees(3)), {"Ana"})


@tagged("post_install", "-at_install")
@freeze_time(TUESDAY)
class TestWhen(AssignmentCase):
    """Which tickets are assigned automatically, and which are not."""

    def test_every_author_gets_the_same_answer(self):
        self.leave(self.ana, "2026-05-05 08:00:00", "2026-05-05 17:00:00")
        self.leave(self.mia, "2026-05-05 08:00:00", "2026-05-05 17:00:00")
        for user in (self.employee, self.agent, self.manager, self.luis):
            self.assertEqual(self.new(user).user_id, self.luis)
        as_customer = self.env["helpdesk_lite.ticket"].with_user(self.customer_user).sudo()
        self.assertEqual(as_customer.create({"name": "x", "team_id": self.team.id}).user_id, self.luis)

    def test_mail_is_assigned(self):
        domain = self.env["mail.alias.domain"].create({"name": "assign.example"})
        self.team.alias_domain_id = domain
        mail = (
            "From: Zoe <zoe@quill.example>\r\nTo: hl-public@assign.example\r\nSubject: My lamp\r\n"
            "Message-ID: <lamp@quill.example>\r\n\r\nThe shade is broken."
        )
        gateway = self.env["mail.thread"].with_user(self.env.ref("base.user_root"))
        ticket = self.env["helpdesk_lite.ticket"].browse(gateway.message_process(False, mail))
        self.assertEqual(ticket.user_id, self.ana)

    def test_assignee_is_told_once_and_follows(self):
        ticket = self.new()
        self.assertIn(self.ana.partner_id, ticket.message_partner_ids)
        told = self.env["mail.message"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id), ("message_type", "=", "user_notification")]
        )
        self.assertEqual(told.partner_ids, self.ana.partner_id)

    def test_a_persons_choice_stands(self):
        self.assertEqual(self.new(self.agent, user_id=self.manager.id).user_id, self.manager)
        by_default = self.env["helpdesk_lite.ticket"].with_user(self.agent).with_context(default_user_id=self.manager.id)
        self.assertEqual(by_default.create({"name": "x", "team_id": self.team.id}).user_id, self.manager)
        ticket = self.new()
        ticket.with_user(self.agent).user_id = False
        self.assertFalse(ticket.user_id)
        ticket.with_user(self.agent).write({"priority": "3", "name": "Changed"})
        self.assertFalse(ticket.user_id)
        self.run_cron()
        self.assertFalse(ticket.user_id)

    def test_closed_tickets_and_teams_without_the_switch_are_left_alone(self):
        self.assertFalse(self.new(stage_id=self.env.ref("helpdesk_lite.stage_solved").id).user_id)
        self.team.auto_assignment = False
        self.assertFalse(self.new().user_id)

    def test_moved_ticket_is_assigned_unless_its_assignee_is_a_member(self):
        company_team = self.teams["company"]
        ours, theirs, nobodys = (
            self.make_ticket("company", user_id=user.id) for user in (self.luis, self.agent, self.env["res.users"])
        )
        (ours + theirs + nobodys).with_user(self.agent).team_id = self.team
        self.assertEqual(ours.user_id, self.luis)
        self.assertEqual((theirs + nobodys).user_id, self.ana + self.mia)
        by_hand = self.make_ticket("company", user_id=self.agent.id)
        by_hand.with_user(self.agent).write({"team_id": self.team.id, "user_id": self.manager.id})
        self.assertEqual(by_hand.user_id, self.manager)
        by_hand.with_user(self.agent).team_id = company_team
        self.assertEqual(by_hand.user_id, self.manager)

    def test_reopened_ticket_of_a_former_member_is_assigned(self):
        tickets = [self.new() for _i in range(3)]
        self.close(self.env["helpdesk_lite.ticket"].union(*tickets))
        self.assertEqual([ticket.user_id for ticket in tickets], [self.ana, self.luis, self.mia])
        self.ana.active = False
        self.team.member_ids -= self.luis
        self.leave(self.mia, "2026-05-05 08:00:00", "2026-05-05 17:00:00")
        self.team.member_ids += self.agent
        for ticket in tickets:
            ticket.with_user(self.agent).stage_id = self.env.ref("helpdesk_lite.stage_in_progress")
        self.assertEqual([ticket.user_id for ticket in tickets], [self.agent, self.agent, self.mia], "Mia will be back")

    def test_reopened_ticket_keeps_whom_a_person_chose(self):
        ticket = self.make_ticket(user_id=self.manager.id)
        self.assertNotIn(self.manager, self.team.member_ids)
        self.close(ticket)
        ticket.with_user(self.agent).stage_id = self.env.ref("helpdesk_lite.stage_new")
        self.assertEqual(ticket.user_id, self.manager)
        self.close(ticket)
        self.manager.group_ids = self.env.ref("base.group_user")
        ticket.with_user(self.agent).stage_id = self.env.ref("helpdesk_lite.stage_new")
        self.assertEqual(ticket.user_id, self.ana, "a person who is no longer an agent has left")

    def test_customers_answer_reopens_and_assigns(self):
        ticket = self.new(partner_id=self.customer.id)
        self.close(ticket)
        ticket.user_id.active = False
        ticket.with_user(self.customer_user).sudo().message_post(
            body="Still broken", message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.customer.id
        )
        self.assertFalse(ticket.is_closed)
        self.assertEqual(ticket.user_id, self.luis)

    def test_private_team_assigns_too(self):
        self.teams["private"].write(
            {"member_ids": self.luis.ids, "auto_assignment": True, "resource_calendar_id": self.calendar.id}
        )
        ticket = self.make_ticket("company", user_id=self.agent.id)
        ticket.with_user(self.manager).team_id = self.teams["private"]
        self.assertEqual(ticket.user_id, self.luis)
        self.assertTrue(ticket.with_user(self.luis).has_access("write"))


@tagged("post_install", "-at_install")
class TestTimeOff(AssignmentCase):
    """People who are away are not chosen, and the next working day is found."""

    def availability(self, moment, users=None):
        availability = self.team._get_availability(users or self.agents, datetime.fromisoformat(moment))
        when = availability.when if isinstance(availability.when, str | None) else str(availability.when)
        return when, "".join(self.env["res.users"].browse(availability.users).mapped("name"))

    def test_right_now_later_today_next_day(self):
        mornings = self.make_calendar("Mornings", (1, 2, 3), 8, 12)
        afternoons = self.make_calendar("Afternoons", (1, 3), 13, 17)
        self.resources[self.ana].calendar_id = self.resources[self.luis].calendar_id = mornings
        self.resources[self.mia].calendar_id = afternoons
        self.assertEqual(self.availability("2026-05-05 10:00:00"), ("now", "AnaLuis"))
        self.assertEqual(self.availability("2026-05-05 08:00:00"), ("now", "AnaLuis"))
        self.assertEqual(self.availability("2026-05-05 07:59:59"), ("today", "AnaLuisMia"))
        self.assertEqual(self.availability("2026-05-05 12:00:00"), ("today", "Mia"))
        self.assertEqual(self.availability("2026-05-05 17:00:00"), ("2026-05-06", "AnaLuis"))
        self.assertEqual(self.availability("2026-05-07 18:00:00"), ("2026-05-12", "AnaLuisMia"))

    def test_half_day_and_hours(self):
        self.leave(self.ana, "2026-05-05 08:00:00", "2026-05-05 12:00:00")
        self.leave(self.luis, "2026-05-05 10:00:00", "2026-05-05 11:30:00")
        self.assertEqual(self.availability("2026-05-05 09:59:00"), ("now", "LuisMia"), "a leave that starts in a minute")
        self.assertEqual(self.availability("2026-05-05 10:00:00"), ("now", "Mia"))
        self.assertEqual(self.availability("2026-05-05 11:30:00"), ("now", "LuisMia"))
        self.assertEqual(self.availability("2026-05-05 12:00:00"), ("now", "AnaLuisMia"))

    def test_overlapping_leaves(self):
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-06 23:59:59")
        self.leave(self.ana, "2026-05-06 00:00:00", "2026-05-08 23:59:59")
        self.assertEqual(self.availability("2026-05-07 10:00:00", self.ana), ("2026-05-11", "Ana"))
        away = self.team._get_availability(self.agents, datetime(2026, 5, 5, 10)).away
        self.assertEqual(away, {self.ana.id: datetime(2026, 5, 9)})

    def test_other_time_types_are_work(self):
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-05 23:59:59", time_type="other")
        self.assertEqual(self.availability(TUESDAY), ("now", "AnaLuisMia"))

    def test_public_holidays_of_the_calendar(self):
        far = self.make_calendar("Elsewhere", range(5), 8, 17)
        self.resources[self.luis].calendar_id = far
        self.leave(False, "2026-05-05 00:00:00", "2026-05-05 23:59:59", calendar_id=self.calendar.id)
        self.assertEqual(self.availability(TUESDAY), ("now", "Luis"))
        self.leave(False, "2026-05-06 00:00:00", "2026-05-06 23:59:59", calendar_id=False)
        self.assertEqual(self.availability("2026-05-05 18:00:00"), ("2026-05-07", "AnaLuisMia"))

    def test_holidays_of_other_companies_do_not_count(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        holiday = self.leave(False, "2026-05-05 00:00:00", "2026-05-05 23:59:59", calendar_id=False)
        self.env.cr.execute("UPDATE resource_calendar_leaves SET company_id = %s WHERE id = %s", [other.id, holiday.id])
        self.env.invalidate_all()
        self.assertEqual(self.availability(TUESDAY), ("now", "AnaLuisMia"))

    def test_leave_entered_under_a_former_calendar_counts(self):
        leave = self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-05 23:59:59")
        former = self.make_calendar("Former", range(5), 9, 18)
        leave.calendar_id = former
        self.assertEqual(self.availability(TUESDAY), ("now", "LuisMia"))

    def test_fully_flexible_keep_the_teams_hours_and_their_time_off(self):
        self.resources[self.ana].calendar_id = False
        self.resources[self.luis].calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "UTC",
                "schedule_type": "flexible",
                "flexible_hours": True,
                "full_time_required_hours": 40,
                "hours_per_day": 8,
            }
        )
        self.assertEqual(self.availability("2026-05-05 16:59:00"), ("now", "AnaLuisMia"))
        self.assertEqual(self.availability("2026-05-05 20:00:00"), ("2026-05-06", "AnaLuisMia"))
        self.leave(self.ana, "2026-05-05 12:00:00", "2026-05-05 23:59:59")
        self.leave(self.luis, "2026-05-05 08:00:00", "2026-05-05 10:00:00")
        self.assertEqual(self.availability("2026-05-05 11:00:00"), ("now", "AnaLuisMia"))
        self.assertEqual(self.availability("2026-05-05 12:00:00"), ("now", "LuisMia"))
        self.assertEqual(self.availability("2026-05-05 09:00:00"), ("now", "AnaMia"))

    def test_without_a_resource_by_the_teams_hours(self):
        users = self.agent + self.manager
        self.assertEqual(self.availability(TUESDAY, users)[0], "now")
        self.assertEqual(self.availability("2026-05-05 18:00:00", users)[0], "2026-05-06")
        self.leave(False, "2026-05-06 00:00:00", "2026-05-06 23:59:59", calendar_id=self.calendar.id)
        self.assertEqual(self.availability("2026-05-05 18:00:00", users)[0], "2026-05-07")
        self.team.resource_calendar_id = False
        self.assertEqual(self.availability("2026-05-05 18:00:00", users)[0], "now", "without hours every hour counts")

    def test_the_resource_of_the_teams_company_counts(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        elsewhere = self.make_resource(self.ana, company_id=other.id)
        self.env["resource.calendar.leaves"].create(
            {"name": "Off", "resource_id": elsewhere.id, "date_from": "2026-05-05 00:00:00", "date_to": "2026-05-05 23:59:59"}
        )
        self.assertEqual(self.availability(TUESDAY), ("now", "AnaLuisMia"))
        self.resources[self.ana].active = False
        self.assertEqual(self.availability(TUESDAY), ("now", "LuisMia"), "the only job there is tells whether she is there")

    def test_time_zones_and_daylight_saving(self):
        self.calendar.tz = "Europe/Madrid"
        self.resources[self.ana].tz = "America/New_York"
        self.resources[self.luis].tz = self.resources[self.mia].tz = "Europe/Madrid"
        # Madrid changes to summer time on 29 March 2026: 8:00 is 7:00 UTC before, 6:00 after
        self.assertEqual(self.availability("2026-03-27 06:30:00"), ("today", "AnaLuisMia"))
        self.assertEqual(self.availability("2026-03-27 07:00:00"), ("now", "LuisMia"))
        self.assertEqual(self.availability("2026-03-30 06:00:00"), ("now", "LuisMia"))
        self.assertEqual(self.availability("2026-03-30 12:00:00"), ("now", "AnaLuisMia"))
        self.assertEqual(self.availability("2026-03-30 15:00:00"), ("now", "Ana"))
        # 23:30 in Madrid is Friday there and Friday afternoon in New York is over at 21:00 UTC
        self.assertEqual(self.availability("2026-03-27 21:30:00"), ("2026-03-30", "AnaLuisMia"))

    def test_no_time_zone(self):
        self.ana.tz = False
        self.team.resource_calendar_id = False
        self.env.company.resource_calendar_id = False
        self.assertEqual(self.availability(TUESDAY), ("now", "AnaLuisMia"))

    def test_calendar_without_attendances_never_works(self):
        empty = self.env["resource.calendar"].create({"name": "Empty", "tz": "UTC", "attendance_ids": [Command.clear()]})
        self.assertFalse(empty.attendance_ids)
        self.resources[self.ana].calendar_id = empty
        self.assertEqual(self.availability(TUESDAY), ("now", "LuisMia"))
        self.assertEqual(self.availability(TUESDAY, self.ana), (None, ""))

    def test_sixty_days_and_not_one_more(self):
        self.leave(self.ana, "2026-05-01 00:00:00", "2026-07-03 23:59:59")  # a Friday
        self.assertEqual(self.availability("2026-05-07 10:00:00", self.ana), ("2026-07-06", "Ana"))
        self.assertEqual(self.availability("2026-05-06 10:00:00", self.ana), (None, ""))

    def test_everybody_away_waits_for_the_cron(self):
        leaves = [self.leave(user, "2026-05-01 00:00:00", "2026-12-31 23:59:59") for user in self.agents]
        with freeze_time(TUESDAY):
            ticket = self.new()
            self.assertFalse(ticket.user_id)
            self.assertTrue(ticket.assignment_waiting)
            self.assertEqual(self.team.with_user(self.agent).unassigned_ticket_count, 1)
            self.run_cron()
            self.assertFalse(ticket.user_id)
            leaves[1].unlink()
            self.run_cron()
            self.assertEqual(ticket.user_id, self.luis)
            self.assertFalse(ticket.assignment_waiting)

    def test_hr_leave_of_every_kind(self):
        """Requests of the Time Off app: draft, validated, refused; a day, half a day, hours."""
        leave_type = self.env["hr.leave.type"].create(
            {
                "name": "Any",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "request_unit": "hour",
                "time_type": "leave",
            }
        )
        self.calendar.attendance_ids = [Command.clear()] + [
            Command.create(
                {"name": f"{day} {period}", "dayofweek": str(day), "hour_from": start, "hour_to": stop, "day_period": period}
            )
            for day in range(5)
            for period, start, stop in (("morning", 8, 12), ("afternoon", 12, 17))
        ]
        employee = self.env["hr.employee"].create(
            {"name": "Mia", "user_id": self.agent.id, "resource_calendar_id": self.calendar.id, "tz": "UTC"}
        )
        day = {
            "employee_id": employee.id,
            "holiday_status_id": leave_type.id,
            "request_date_from": "2026-05-05",
            "request_date_to": "2026-05-05",
        }
        for kind, moments in (
            ({}, {"08:00": True, "16:59": True}),
            (
                {"request_unit_half": True, "request_date_from_period": "am", "request_date_to_period": "am"},
                {"08:30": True, "16:00": False},
            ),
            (
                {"request_unit_hours": True, "request_hour_from": 10, "request_hour_to": 11},
                {"09:59": False, "10:00": True, "11:00": False},
            ),
        ):
            with self.subTest(kind=kind), self.cr.savepoint() as savepoint:
                if kind.get("request_unit_half"):
                    leave_type.request_unit = "half_day"
                leave = self.env["hr.leave"].create({**day, **kind})
                self.assertEqual(self.availability(TUESDAY, self.agent)[0], "now", "asked for is not validated")
                leave.action_approve()
                for hour, is_off in moments.items():
                    self.assertEqual(self.availability(f"2026-05-05 {hour}:00", self.agent)[0] != "now", is_off, hour)
                leave.action_refuse()
                self.assertEqual(self.availability(TUESDAY, self.agent)[0], "now", "refused after all")
                savepoint.rollback()
                self.env.invalidate_all()


@tagged("post_install", "-at_install")
@freeze_time(TUESDAY)
class TestExplained(AssignmentCase):
    """The reason for a choice, and warnings about teams whose tickets cannot be assigned."""

    def note(self, ticket):
        return ticket.message_ids.filtered(lambda message: message.author_id == self.env.ref("base.partner_root")).preview

    def test_one_line_on_the_ticket(self):
        self.leave(self.luis, "2026-05-04 00:00:00", "2026-05-08 23:59:59")
        self.leave(self.mia, "2026-05-05 08:00:00", "2026-05-05 13:30:00")
        self.team.member_ids += self.agent + self.manager
        for user, count in ((self.ana, 3), (self.agent, 4), (self.manager, 5)):
            for _i in range(count):
                self.make_ticket(user_id=user.id)
        ticket = self.new()
        self.assertEqual(
            self.note(ticket).replace("\u202f", " "),
            "Assigned to Ana: 3 open tickets, the fewest of the 3 people available; "
            "Mia is off until 1:30 PM; Luis is off until 8 May.",
        )
        message = ticket.message_ids.filtered(lambda message: message.author_id == self.env.ref("base.partner_root"))
        self.assertTrue(message.is_internal, "customers do not read who is off")

    def test_explains_the_only_one_available_and_the_next_working_day(self):
        self.team.member_ids = self.ana
        self.assertEqual(self.note(self.new()), "Assigned to Ana, the only one available.")
        with freeze_time("2026-05-05 07:00:00"):
            self.assertEqual(self.note(self.new()), "Assigned to Ana, the only one who works later today.")
        self.team.member_ids = self.ana + self.luis
        self.team.assign_method = "equal_total"
        with freeze_time("2026-05-08 20:00:00"):
            self.assertEqual(
                self.note(self.new()),
                "Assigned to Luis: 0 on the count of tickets handed out, "
                "the lowest of the 2 people who work again on Monday, 11 May.",
            )

    def test_in_the_language_of_the_assignee(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.team.member_ids = self.ana
        self.ana.lang = "fr_FR"
        with freeze_time("2026-05-08 20:00:00"):
            self.assertIn("lundi", self.note(self.new()))

    def test_every_explanation_is_reproduced_from_the_data(self):
        self.leave(self.luis, "2026-05-06 08:00:00", "2026-05-07 12:00:00")
        self.leave(self.ana, "2026-05-08 00:00:00", "2026-05-08 23:59:59")
        for hour in range(0, 96, 5):
            with freeze_time(datetime(2026, 5, 5 + hour // 24, hour % 24)):
                self.team.assign_method = ("equal_open", "equal_total")[hour % 2]
                self.close(self.new()) if hour % 3 else self.new()
        assignments = self.env["helpdesk_lite.assignment"].with_user(self.manager).search([("team_id", "=", self.team.id)])
        self.assertEqual(len(assignments), 20)
        self.assertEqual(assignments._find_discrepancies(), [])
        # and the checker finds a manipulated choice
        first = assignments[-1]
        first.sudo().reason = {
            **first.reason,
            "loads": {user: 9 - load for user, load in first.reason["loads"].items()},
            "turns": {user: -int(user) for user in first.reason["turns"]},
        }
        third = assignments[-3]
        third.sudo().reason = {**third.reason, "when": "today"}
        self.assertEqual({assignment for assignment, _what in assignments._find_discrepancies()}, {first, third})

    def test_wrong_setup_is_said_on_the_form(self):
        team = self.team.with_user(self.manager)
        self.assertFalse(team.assignment_warning)
        team.member_ids += self.employee
        self.assertIn("hl_employee", team.assignment_warning)
        team.member_ids = self.employee
        self.assertIn("no member of the team", team.assignment_warning)
        team.member_ids = self.ana
        team.assign_method = "tags"
        self.assertIn("no tag", team.assignment_warning)
        team.assign_method = "equal_open"
        self.leave(self.ana, "2026-05-01 00:00:00", "2026-12-31 23:59:59")
        team.invalidate_recordset()
        self.assertIn("60 days", team.assignment_warning)
        team.auto_assignment = False
        self.assertFalse(team.assignment_warning)


@tagged("post_install", "-at_install")
@freeze_time(TUESDAY)
class TestWorkload(AssignmentCase):
    """The workload of a team, absent members, and reassigning their tickets."""

    def members(self, user):
        return {
            member["label"]: member["is_assignable"]
            for member in self.call(user, "helpdesk_lite.team", "get_workload_members", self.team.ids)
        }

    def test_chart_names_members_and_who_is_away(self):
        self.make_ticket(user_id=self.ana.id)
        self.leave(self.luis, "2026-05-05 00:00:00", "2026-05-08 23:59:59")
        self.assertEqual(self.members(self.agent), {"Ana": True, "Luis is off until 8 May": True, "Mia": True})
        # former members who still have tickets are shown
        self.make_ticket(user_id=self.mia.id)
        self.team.member_ids -= self.mia
        self.assertEqual(self.members(self.agent)["Mia"], False)

    def test_chart_is_for_people_who_can_see_the_team(self):
        self.team = self.teams["private"]
        self.team.member_ids = self.ana
        self.make_ticket("private", user_id=self.ana.id)
        self.assertEqual(self.members(self.ana), {"Ana": True})
        for user in (self.agent, self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                self.members(user)

    def test_customers_do_not_learn_who_is_away(self):
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-08 23:59:59")
        self.assertIn("Ana is off until 8 May", self.members(self.employee))
        with self.assertRaises(AccessError):
            self.members(self.customer_user)
        self.teams["public"].message_subscribe(self.customer.ids)
        ticket = self.new(partner_id=self.customer.id)
        self.assertIn("Ana is off", "".join(ticket.message_ids.mapped("body")))
        shown = (
            self.env["mail.message"]
            .with_user(self.customer_user)
            .search([("model", "=", ticket._name), ("res_id", "=", ticket.id)])
        )
        self.assertTrue(shown)
        self.assertNotIn("Ana", "".join(shown.mapped("body")))
        mine = self.make_ticket(user_id=self.ana.id, partner_id=self.customer.id)
        self.assertIn("Ana is off", mine.with_user(self.employee).assignee_time_off)
        self.assertFalse(mine.with_user(self.customer_user).sudo().assignee_time_off)
        with self.assertRaises(AccessError):
            mine.with_user(self.customer_user).read(["assignee_time_off"])

    def test_only_administrators_read_the_log_and_reassign(self):
        self.new()
        for user in (self.agent, self.employee, self.customer_user):
            for model in ("helpdesk_lite.assignment", "helpdesk_lite.assignment.ledger", "helpdesk_lite.reassign"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.team.with_user(user).action_reassign()

    def test_time_off_of_the_assignee_is_on_the_ticket(self):
        ticket, closed = self.make_ticket(user_id=self.ana.id), self.make_ticket(user_id=self.ana.id)
        self.close(closed)
        self.assertFalse(ticket.with_user(self.employee).assignee_time_off)
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-08 23:59:59")
        (ticket + closed).invalidate_recordset()
        self.assertEqual(ticket.with_user(self.employee).assignee_time_off, "Ana is off until 8 May")
        self.assertFalse(closed.with_user(self.employee).assignee_time_off)

    def test_manager_reassigns_tickets_of_people_who_are_away(self):
        tickets = self.env["helpdesk_lite.ticket"].union(*(self.make_ticket(user_id=self.ana.id) for _i in range(3)))
        other = self.make_ticket(user_id=self.luis.id)
        team = self.team.with_user(self.manager)
        self.assertEqual(team.away_ticket_count, 0)
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-08 23:59:59")
        team.invalidate_recordset()
        self.assertEqual(team.away_ticket_count, 3)
        wizard = self.env["helpdesk_lite.reassign"].with_user(self.manager).browse(team.action_reassign()["res_id"])
        self.assertEqual(wizard.line_ids.ticket_id, tickets)
        self.assertEqual(sorted(line.user_id.name for line in wizard.line_ids), ["Luis", "Mia", "Mia"])
        self.assertEqual(tickets.user_id, self.ana, "nothing happens before it is confirmed")
        kept = wizard.line_ids[-1]
        kept.user_id = False
        wizard.action_confirm()
        self.assertEqual(kept.ticket_id.user_id, self.ana)
        self.assertEqual(set((tickets - kept.ticket_id).mapped("user_id.name")) | {"Mia"}, {"Luis", "Mia"})
        self.assertEqual(other.user_id, self.luis)
        assignments = self.env["helpdesk_lite.assignment"].search([("ticket_id", "in", tickets.ids)])
        self.assertEqual(len(assignments), 2)
        self.assertIn("Ana is off until 8 May", assignments[0]._explain())

    def test_proposal_that_was_overtaken_is_refused(self):
        ticket = self.make_ticket(user_id=self.ana.id)
        self.leave(self.ana, "2026-05-05 00:00:00", "2026-05-08 23:59:59")
        wizard = self.env["helpdesk_lite.reassign"].with_user(self.manager)._propose(self.team.with_user(self.manager))
        ticket.user_id = self.mia
        with self.assertRaisesRegex(Exception, "in the meantime"):
            wizard.action_confirm()
