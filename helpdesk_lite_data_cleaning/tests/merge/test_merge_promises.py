from odoo.addons.helpdesk_lite.tests.sla.test_sla import SlaCase, at
from odoo.tests import freeze_time, tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMergePromises(MergeCase, SlaCase):
    """What a merge, a join and their undoing do to the clocks: the table in the guide."""

    def setUp(self):
        super().setUp()
        self.make_policy({"kind": "first_response", "minutes_low": 60}, {"kind": "resolution", "minutes_low": 240})
        # an agent entered it, the customer has written nothing there
        with freeze_time(at(9)):
            self.master = (
                self.env["helpdesk_lite.ticket"]
                .with_user(self.agent)
                .create({"name": "Lamp", "team_id": self.team.id, "partner_id": self.customer.id})
            )
            self.env.flush_all()
        self.source = self.deliver(at(9.25))

    def merge_at(self, moment, **values):
        if values:
            self.move(self.source, moment, **values)
        with freeze_time(moment):
            self.merge(self.master | self.source, master=self.master)
            self.env.flush_all()
        self.assertFalse(self.source.active)

    def undo_at(self, moment):
        with freeze_time(moment):
            self.master.with_user(self.agent).action_undo_merge()
            self.env.flush_all()
        self.assertTrue(self.source.active)

    def promises(self, ticket):
        return {
            kind: (status.state, status.deadline) for (kind, _round), status in self.statuses(ticket).items() if status.active
        }

    def test_merged_the_question_awaits_its_answer_on_the_master(self):
        self.assertEqual(self.promises(self.master), {"resolution": ("running", at(14))})
        before = self.promises(self.source)
        self.assertEqual(before, {"first_response": ("running", at(10.25)), "resolution": ("running", at(14.25))})
        self.merge_at(at(9.5))
        self.assertEqual(
            self.promises(self.master), {"first_response": ("running", at(10.25)), "resolution": ("running", at(14))}
        )
        self.assertEqual(self.promises(self.source), {"first_response": ("paused", False), "resolution": ("paused", False)})
        self.assertFalse(self.source.sla_deadline)

    def test_answered_on_the_master(self):
        self.merge_at(at(9.5))
        self.answer(self.master, at(10), partner_ids=self.customer.ids)
        self.assertEqual(self.promises(self.master)["first_response"][0], "met")

    def test_what_the_source_missed_stays_its_own(self):
        with freeze_time(at(11)):
            self.run_job("due")
        self.merge_at(at(11))
        self.assertEqual(self.promises(self.source)["first_response"][0], "failed")
        self.undo_at(at(11.5))
        self.assertEqual(self.promises(self.source)["first_response"][0], "failed")

    def test_undone_the_clocks_go_on_without_the_time_in_between(self):
        self.merge_at(at(9.5))
        self.undo_at(at(10))
        self.assertEqual(
            self.promises(self.source), {"first_response": ("running", at(10.75)), "resolution": ("running", at(14.75))}
        )
        self.assertEqual(self.promises(self.master), {"resolution": ("running", at(14))})

    def test_joined_each_keeps_its_own_and_that_of_the_source_stands(self):
        other = self.env["res.partner"].create({"name": "Somebody else", "email": "else@test.example"})
        self.merge_at(at(9.5), partner_id=other.id)
        self.assertEqual(self.promises(self.master), {"resolution": ("running", at(14))})
        self.assertEqual(self.promises(self.source), {"first_response": ("paused", False), "resolution": ("paused", False)})
        self.undo_at(at(10))
        self.assertEqual(
            self.promises(self.source), {"first_response": ("running", at(10.75)), "resolution": ("running", at(14.75))}
        )
