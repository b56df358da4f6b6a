from unittest.mock import patch

from odoo import fields
from odoo.addons.mail.models.mail_thread import MailThread
from odoo.tests import freeze_time, tagged

from ..common import HelpdeskCase

# what differs from message to message by its nature
OWN = {"id", "message_id", "create_date", "write_date", "date", "tracking_value_ids", "display_name"}


@tagged("post_install", "-at_install")
class TestTracking(HelpdeskCase):
    """The lines about changes of many tickets are those of Odoo, in few statements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new, cls.done = cls.env["helpdesk_lite.stage"].create([{"name": "New"}, {"name": "Done", "fold": True}])
        (cls.new | cls.done).team_ids = cls.team
        cls.subtype = cls.env.ref("helpdesk_lite.mt_ticket_stage")

    def make_tickets(self, count=3):
        tickets = self.env["helpdesk_lite.ticket"]
        for _number in range(count):
            tickets |= self.make_ticket(partner_id=self.customer.id, stage_id=self.new.id)
        for ticket in tickets[:2]:
            ticket.message_post(body="The lamp is broken.", message_type="comment", author_id=self.customer.id)
            ticket.message_post(body="A note")
        self.env.cr.flush()
        return tickets

    def change(self, tickets, vals, user=None):
        """Change tickets as an agent, up to what Odoo does before it commits.

        :return: tuple (the new messages, number of statements)
        """
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        tickets.with_user(user or self.agent).write(vals)
        self.env.cr.flush()
        counted = self.env.cr.sql_log_count - before
        self.env.invalidate_all()
        return self.env["mail.message"].search([("id", ">", last), ("model", "=", tickets._name)], order="res_id, id"), counted

    def read_lines(self, messages, tickets):
        """Everything about messages that is stored, with tickets by their place and not by their id."""
        places = {ticket.id: place for place, ticket in enumerate(tickets)}
        former = {message.id: message.body for message in tickets.message_ids - messages}
        names = [name for name, field in messages._fields.items() if field.store and name not in OWN]
        lines = []
        for values, message in zip(messages.read(names, load=None), messages, strict=True):
            values.pop("id")
            values |= {"res_id": places[message.res_id], "parent_id": former.get(message.parent_id.id)}
            values["tracked"] = [
                (
                    value.field_id.name,
                    value.old_value_integer,
                    value.old_value_char,
                    value.new_value_integer,
                    value.new_value_char,
                )
                for value in message.tracking_value_ids
            ]
            lines.append(values)
        return lines

    def test_lines_are_those_of_odoo(self):
        changes = {
            "stage": {"stage_id": self.done.id},
            "stage and more": {"stage_id": self.done.id, "name": "Another", "user_id": self.agent.id},
            "no stage": {"priority": "2", "name": "Another"},
        }
        for what, vals in changes.items():
            with self.subTest(what):
                ours, theirs = self.make_tickets(), self.make_tickets()
                found = self.read_lines(self.change(ours, vals)[0], ours)
                with patch.object(type(ours), "_message_track", MailThread._message_track):
                    expected = self.read_lines(self.change(theirs, vals)[0], theirs)
                self.assertEqual(len(found), 3)
                self.assertTrue(all(line["tracked"] for line in found))
                self.assertEqual(found, expected)

    def test_as_many_statements_for_many(self):
        few, many = self.make_tickets(3), self.make_tickets(30)
        # Odoo's caches
        self.change(self.make_tickets(30), {"stage_id": self.done.id})
        # in one second: tickets that are closed in two have different values to write
        with freeze_time(fields.Datetime.now()):
            _lines, count = self.change(few, {"stage_id": self.done.id})
            lines, more = self.change(many, {"stage_id": self.done.id})
        self.assertEqual(len(lines), 30)
        self.assertEqual(more, count)
        self.assertLessEqual(more, 24)

    def test_followers_of_the_stage_are_told(self):
        tickets = self.make_tickets()
        tickets[1]._message_subscribe(self.employee.partner_id.ids, self.subtype.ids)
        # who does it need not be told
        tickets[2]._message_subscribe(self.agent.partner_id.ids, self.subtype.ids)
        lines, _count = self.change(tickets, {"stage_id": self.done.id})
        self.assertEqual(lines.mapped("res_id"), tickets.ids)
        self.assertEqual(lines.subtype_id, self.subtype)
        self.assertEqual(
            [line.notified_partner_ids for line in lines],
            [lines.author_id.browse(), self.employee.partner_id, lines.author_id.browse()],
        )
        # somebody else does it
        tickets[2].with_user(self.employee).sudo().stage_id = self.new
        self.env.cr.flush()
        self.assertEqual(tickets[2].message_ids[0].notified_partner_ids, self.agent.partner_id)

    def test_text_and_author_that_were_set(self):
        tickets = self.make_tickets()
        root = self.env.ref("base.partner_root")
        tickets[0]._track_set_author(root)
        tickets[1]._track_set_log_message("<b>Why</b>")
        lines, _count = self.change(tickets, {"stage_id": self.done.id})
        self.assertEqual([line.author_id for line in lines], [root, self.agent.partner_id, self.agent.partner_id])
        self.assertIn("&lt;b&gt;Why", lines[1].body)
        self.assertFalse(lines[0].body or lines[2].body)

    def test_deleted_tickets_have_no_line(self):
        tickets = self.make_tickets()
        tickets.with_user(self.manager).write({"stage_id": self.done.id})
        tickets[0].unlink()
        self.env.cr.flush()
        self.assertEqual(len(tickets[1].message_ids.filtered(lambda line: line.subtype_id == self.subtype)), 1)
