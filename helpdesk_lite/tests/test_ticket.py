from datetime import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestTicket(HelpdeskCase):
    """The life cycle of a ticket, with the rights of the people who handle it."""

    def create_as(self, user, **values):
        return (
            self.env["helpdesk_lite.ticket"]
            .with_user(user)
            .create({"name": "Broken parcel", "team_id": self.team.id, **values})
        )

    def stage(self, xmlid):
        return self.env.ref(f"helpdesk_lite.stage_{xmlid}")

    def test_new_ticket_starts_in_first_open_stage_with_a_number_and_nobody(self):
        ticket = self.create_as(self.employee)
        self.assertEqual(ticket.sudo().stage_id, self.stage("new"))
        self.assertTrue(ticket.number.startswith("T"))
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.is_closed)
        self.assertIn(self.employee.partner_id, ticket.message_partner_ids)

    def test_card_added_to_a_column_stays_in_it(self):
        stage = self.team.stage_ids.filtered(lambda stage: not stage.fold)[1]
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent).with_context(default_stage_id=stage.id)
        self.assertEqual(Ticket.create({"name": "Here", "team_id": self.team.id}).stage_id, stage)

    def test_numbers_are_unique_and_drawn_in_order(self):
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_user(self.agent)
            .create([{"name": str(i), "team_id": self.team.id} for i in range(5)])
        )
        self.assertEqual(len(set(tickets.mapped("number"))), 5)
        self.assertEqual(tickets.mapped("number"), sorted(tickets.mapped("number")))
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute("UPDATE helpdesk_lite_ticket SET number = %s WHERE id = %s", [tickets[0].number, tickets[1].id])

    def test_each_company_counts_for_itself(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        team = self.env["helpdesk_lite.team"].create({"name": "Elsewhere", "company_id": other.id})
        ticket = self.env["helpdesk_lite.ticket"].create({"name": "Hi", "team_id": team.id})
        self.assertEqual(ticket.number, f"T{other.id}-00001")
        self.assertEqual(ticket.company_id, other)

    @freeze_time("2026-03-02 08:00:00")
    def test_dates_tell_the_truth(self):
        ticket = self.create_as(self.agent).with_user(self.agent)
        self.assertFalse(ticket.assign_date)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.action_assign_to_me()
            self.assertEqual(ticket.assign_date, datetime(2026, 3, 2, 10))
        with freeze_time("2026-03-03 10:00:00"):
            ticket.user_id = self.manager
            self.assertEqual(ticket.assign_date, datetime(2026, 3, 2, 10), "the first assignment counts")
            ticket.stage_id = self.stage("solved")
            self.assertTrue(ticket.is_closed)
            self.assertEqual(ticket.close_date, datetime(2026, 3, 3, 10))
        with freeze_time("2026-03-04 10:00:00"):
            ticket.stage_id = self.stage("cancelled")
            self.assertEqual(ticket.close_date, datetime(2026, 3, 3, 10), "it was closed already")
            ticket.stage_id = self.stage("in_progress")
            self.assertFalse(ticket.close_date)
            ticket.user_id = False
            self.assertEqual(ticket.assign_date, datetime(2026, 3, 2, 10), "the first assignment counts")

    def test_folding_a_stage_closes_its_tickets(self):
        ticket = self.make_ticket(stage_id=self.stage("on_hold").id)
        self.stage("on_hold").with_user(self.manager).fold = True
        self.assertTrue(ticket.is_closed)
        self.assertTrue(ticket.close_date)

    def test_hours_are_working_hours_of_the_team(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Mornings",
                "tz": "UTC",
                "attendance_ids": [
                    fields.Command.create(
                        {"name": str(day), "dayofweek": str(day), "hour_from": 8, "hour_to": 12, "day_period": "morning"}
                    )
                    for day in range(5)
                ],
            }
        )
        self.team.resource_calendar_id = calendar
        # Friday 2026-03-06 11:00 to Monday 2026-03-09 09:30: 1 h + 1.5 h
        ticket = self.make_ticket()
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET opened_on = '2026-03-06 11:00:00' WHERE id = %s", [ticket.id])
        ticket.invalidate_recordset()
        # only imports and the server write these dates
        ticket.with_user(self.agent).sudo().write({"assign_date": datetime(2026, 3, 6, 11, 30)})
        ticket.with_user(self.agent).sudo().write({"close_date": datetime(2026, 3, 9, 9, 30)})
        self.assertAlmostEqual(ticket.assign_hours, 0.5)
        self.assertAlmostEqual(ticket.close_hours, 2.5)

    def test_bulk_edit_duplicate_archive_work_on_many(self):
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_user(self.agent)
            .create([{"name": f"Ticket {i}", "team_id": self.team.id, "stage_id": self.stage("solved").id} for i in range(3)])
        )
        copies = tickets.copy()
        self.assertEqual(copies.mapped("name"), [f"Ticket {i} (copy)" for i in range(3)])
        self.assertFalse(any(copies.mapped("is_closed")), "a duplicate starts anew")
        self.assertFalse(set(copies.mapped("number")) & set(tickets.mapped("number")))
        tickets.write({"priority": "3", "user_id": self.agent.id})
        tickets.action_archive()
        self.assertFalse(any(tickets.mapped("active")))

    def test_export_and_import_again(self):
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        ticket = self.make_ticket(name="Exported")
        data = ticket.with_user(self.agent).export_data(["name", "number", "team_id/name", "stage_id/name"])["datas"]
        self.assertEqual(data[0][:2], ["Exported", ticket.number])
        loaded = (
            self.env["helpdesk_lite.ticket"]
            .with_user(self.agent)
            .load(
                ["name", "team_id", "partner_email"],
                [[f"Imported {i}", self.team.name, f"someone{i}@example.com"] for i in range(3)],
            )
        )
        self.assertFalse([m for m in loaded["messages"] if m["type"] == "error"])
        self.assertEqual(len(loaded["ids"]), 3)
        self.assertFalse(
            self.env["mail.mail"].sudo().search_count([("model", "=", "helpdesk_lite.ticket"), ("res_id", "in", loaded["ids"])])
        )

    def test_employee_creates_but_changes_nothing(self):
        ticket = self.create_as(self.employee)
        for change in ({"name": "x"}, {"stage_id": self.stage("solved").id}, {"user_id": self.employee.id}):
            with self.assertRaises(AccessError):
                ticket.write(change)
        with self.assertRaises(AccessError):
            ticket.unlink()
        self.assertTrue(ticket.message_post(body="One more thing", subtype_xmlid="mail.mt_comment"))

    def test_links_to_hidden_records_are_refused(self):
        private = self.teams["private"]
        with self.assertRaises(AccessError):
            self.create_as(self.employee, team_id=private.id)
        ticket = self.create_as(self.agent)
        with self.assertRaises(AccessError):
            ticket.write({"team_id": private.id})
        self.assertEqual(ticket.team_id, self.team)

    def test_stage_of_another_team_is_refused(self):
        foreign = self.env["helpdesk_lite.stage"].create({"name": "Foreign", "team_ids": self.teams["company"].ids})
        with self.assertRaises(ValidationError):
            self.make_ticket().with_user(self.agent).stage_id = foreign

    def test_team_with_tickets_is_not_deleted(self):
        self.make_ticket()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.team.with_user(self.manager).unlink()

    def test_stage_with_tickets_is_not_deleted_and_shared_stage_survives(self):
        self.make_ticket()
        with self.assertRaisesRegex(UserError, "still holds"):
            self.stage("new").with_user(self.manager).unlink()
        on_hold = self.stage("on_hold").with_user(self.manager)
        on_hold.with_context(default_team_id=self.team.id).unlink()
        self.assertTrue(on_hold.exists())
        self.assertNotIn(self.team, on_hold.team_ids)
        self.assertIn(self.teams["company"], on_hold.team_ids)

    def test_contact_is_never_written_to(self):
        partner = self.env["res.partner"].create({"name": "Marta", "email": "marta@test.example", "phone": "123"})
        ticket = self.make_ticket(partner_id=partner.id)
        self.assertEqual(ticket.partner_email, "marta@test.example")
        ticket.with_user(self.agent).write({"partner_email": "other@test.example", "partner_phone": "9", "partner_name": "M"})
        self.assertEqual((partner.name, partner.email, partner.phone), ("Marta", "marta@test.example", "123"))

    def test_new_team_needs_only_a_name(self):
        team = self.env["helpdesk_lite.team"].with_user(self.manager).create({"name": "Returns & Repairs"})
        self.assertEqual(team.stage_ids, self.env["helpdesk_lite.stage"].search([("is_default", "=", True)]))
        self.assertTrue(team.alias_name)
        self.assertNotIn(self.manager.partner_id, team.message_partner_ids)
        again = self.env["helpdesk_lite.team"].with_user(self.manager).create({"name": "Returns & Repairs"})
        self.assertNotEqual(again.alias_name, team.alias_name)

    def test_teams_of_one_name_in_a_batch_have_addresses_of_their_own(self):
        Team = self.env["helpdesk_lite.team"]
        created = Team.browse(
            self.call(
                self.manager,
                Team._name,
                "create",
                [{"name": "Lamps"}, {"name": "Lamps"}, {"name": "Oil", "alias_name": "lamps-3"}],
            )
        )
        self.assertEqual(created.mapped("alias_name"), ["lamps", "lamps-2", "lamps-3"])
        answer = self.call(self.manager, Team._name, "load", ["name"], [["Lamps"], ["Lamps"]])
        self.assertEqual(Team.browse(answer["ids"]).mapped("alias_name"), ["lamps-4", "lamps-5"], answer["messages"])
        copies = created.with_user(self.manager).copy()
        self.assertEqual(len({*copies.mapped("alias_name"), *created.mapped("alias_name")}), 6)

    def test_search_by_number_customer_and_text(self):
        ticket = self.make_ticket(name="Screen flickers", partner_name="Zoe Quill", partner_email="zoe@quill.example")
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.employee)
        for text in (ticket.number, "flickers", "Zoe Q", "zoe@quill"):
            self.assertIn(ticket.id, [found for found, _name in Ticket.name_search(text)])

    def test_rotting(self):
        self.stage("new").rotting_threshold_days = 3
        with freeze_time("2026-03-02 08:00:00"):
            ticket = self.make_ticket()
        with freeze_time("2026-03-06 08:00:00"):
            ticket.invalidate_recordset()
            self.assertTrue(ticket.with_user(self.agent).is_rotting)
