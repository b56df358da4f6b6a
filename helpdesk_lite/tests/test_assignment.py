
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import HelpdeskCase

TUESDAY = "2026-05-05 10:00:00"


class AssignmentCase(HelpdeskCase):
    """Three agents in one team, and the hours they work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.make_calendar("Office", range(5), 8, 17)
        cls.company = cls.env.company
        cls.ana, cls.luis, cls.mia = (
            new_test_user(cls.env, f"hl_{name}", "helpdesk_lite.group_user", name=name.title(), email=f"{name}@test.example")
            for name in ("ana", "luis", "mia")
        )
        cls.agents = cls.ana + cls.luis + cls.mia
        cls.resources = {user: cls.make_resource(user) for user in cls.agents}
        cls.team.write({
            "member_ids": cls.agents.ids, "auto_assignment": True, "assign_method": "equal_open",
            "resource_calendar_id": cls.calendar.id,
        })

    @classmethod
    def make_calendar(cls, name, days, start, stop, **values):
        return cls.env["resource.calendar"].create({"name": name, "tz": "UTC", "attendance_ids": [
            Command.create({"name": str(day), "dayofweek": str(day), "hour_from": start, "hour_to": stop, "day_period": "morning"})
            for day in days
        ], **values})

    @classmethod
    def make_resource(cls, user, **values):
        return cls.env["resource.resource"].create({
            "name": user.name, "user_id": user.id, "calendar_id": cls.calendar.id, "tz": "UTC",
            "company_id": cls.env.company.id, **values,
        })

    def leave(self, user, start, stop, **values):
        return self.env["resource.calendar.leaves"].create({
            "name": "Off", "resource_id": user and self.resources[user].id, "date_from": start, "date_to": stop, **values,
        })

    def new(self, user=None, **values):
        """A ticket by somebody who is no agent, unless said."""
        return self.env["helpdesk_lite.ticket"].with_user(user or self.employee).create(
            {"name": "Broken parcel", "team_id": self.team.id, **values},
        ).sudo()


@tagged("post_install", "-at_install")
class TestAssignment(AssignmentCase):
    """Who is given a ticket, and who is not."""

    @freeze_time(TUESDAY)
    def test_equal_open_gives_to_who_has_fewest_open(self):
        self.make_ticket(user_id=self.ana.id)
        self.make_ticket(user_id=self.luis.id)
        ticket = self.new()
        self.assertEqual(ticket.user_id, self.mia)
        self.assertEqual([self.new().user_id for _i in range(3)], [self.ana, self.luis, self.mia])
        self.assertEqual(ticket.message_ids[0].preview, "")
