import importlib.util
from pathlib import Path

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..common import MergeCase

SCRIPT = Path(__file__).parents[2] / "upgrades" / "19.0.1.1.0" / "end-joined.py"
TABLES = ("mail_message", "mail_activity", "mail_scheduled_message", "ir_attachment")


@tagged("post_install", "-at_install")
class TestFormerMerges(MergeCase):
    """The update puts back what merges of the last release moved to a master with other readers."""

    def setUp(self):
        super().setUp()
        spec = importlib.util.spec_from_file_location("end_joined", SCRIPT)
        self.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.script)
        for table in TABLES:
            self.cr.execute(SQL("ALTER TABLE %s ADD COLUMN merge_origin_id int", SQL.identifier(table)))
        self.other = new_test_user(self.env, "hl_other", "base.group_portal", email="other@test.example").partner_id

    def say(self, ticket, body, author, **values):
        return self.env["mail.message"].create(
            {
                "model": ticket._name,
                "res_id": ticket.id,
                "body": body,
                "message_type": "email",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "author_id": author.id,
                **values,
            }
        )

    def came_from(self, source, records):
        self.env.flush_all()
        self.cr.execute(
            SQL("UPDATE %s SET merge_origin_id = %s WHERE id = ANY(%s)", SQL.identifier(records._table), source.id, records.ids)
        )

    def merge_as_formerly(self, tickets, master, said):
        """Everything goes to the master, messages of hidden sources become notes, and the journal says so."""
        self.merge(tickets, master, user=self.manager, forced=tickets - master)
        note = self.env.ref("mail.mt_note").id
        journal = self.env["helpdesk_lite.merge.journal"].search([("master_id", "=", master.id)], limit=1)
        notes = self.env["helpdesk_lite.merge.repointer"]._change(
            "mail_message", said.ids, {"subtype_id": SQL("%s", note), "is_internal": SQL("TRUE")}
        )
        moves = self.script.load(journal.moves)
        for move in moves:
            if isinstance(move, self.script.Set) and "merge_kind" in move.old:
                del move.old["merge_kind"], move.new["merge_kind"]
        journal.moves = self.script.dump(notes + moves)
        self.env.invalidate_all()

    def test_rows_go_back_to_tickets_with_other_readers(self):
        internal = {"is_internal": True, "subtype_id": self.env.ref("mail.mt_note").id}
        master, same = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.customer.id)
        foreign = self.make_ticket(partner_id=self.other.id)
        said, theirs = self.say(foreign, "Said", self.other), self.say(same, "Theirs", self.customer)
        file = self.env["ir.attachment"].create({"name": "x", "raw": b"x", "res_model": foreign._name, "res_id": foreign.id})
        self.merge_as_formerly(master | same | foreign, master, said)
        self.assertEqual((said | theirs).mapped("res_id"), [master.id] * 2)
        answer, own = self.say(master, "Answer", self.other, **internal), self.say(master, "Own", self.customer)
        named = self.say(master, "Visible only to people who can see that ticket", self.agent.partner_id, **internal)
        self.came_from(foreign, said | answer | named)
        self.came_from(foreign, file)
        self.came_from(same, theirs | own)
        # what was said, the file, the answer, and the note that named the ticket
        self.assertEqual(self.script.put_back(self.env(su=True)), (4, 1))
        self.env.invalidate_all()
        self.assertEqual((master._get_absorbed(), master._get_joined()), (same, foreign))
        for record, ticket in (
            (said, foreign),
            (answer, foreign),
            (named, foreign),
            (file, foreign),
            (theirs, master),
            (own, master),
        ):
            self.assertEqual(record.res_id, ticket.id, record.display_name)
        self.assertEqual((said | answer | named).mapped("is_internal"), [False, False, True])
        self.assertTrue(said.with_user(self.other.user_ids).has_access("read"))
        # and the merge can still be undone
        master.with_user(self.manager).action_undo_merge()
        self.assertEqual((same | foreign).mapped("active"), [True, True])
        self.assertEqual((same | foreign).mapped("merge_kind"), [False, False])
        self.assertEqual((theirs | own).mapped("res_id"), [same.id] * 2)
        self.assertEqual((said | answer).mapped("res_id"), [foreign.id] * 2)

    def test_rows_go_back_through_a_chain(self):
        first, between, last = (self.make_ticket(partner_id=partner.id) for partner in (self.customer, self.other, self.other))
        said = self.say(first, "Said", self.customer)
        self.merge_as_formerly(first | between, between, said)
        self.merge_as_formerly(between | last, last, said.browse())
        self.came_from(first, said)
        self.assertEqual(said.res_id, last.id)
        self.script.migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(said.res_id, first.id)
        self.assertFalse(said.is_internal)
        self.assertEqual((last._get_absorbed(), last._get_joined()), (between, first))
        last.with_user(self.manager).action_undo_merge()
        between.with_user(self.manager).action_undo_merge()
        self.assertEqual(said.res_id, first.id)
        self.assertTrue(first.active)
