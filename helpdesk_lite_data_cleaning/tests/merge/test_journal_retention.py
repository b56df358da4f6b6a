from odoo.tests import tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestJournalRetention(MergeCase):
    """Journals of merges are kept as long as the merge can be undone."""

    def make_journal(self, undone):
        """The journal of a merge of two tickets, all of it a year old."""
        tickets = self.make_ticket(partner_id=self.customer.id) | self.make_ticket(partner_id=self.customer.id)
        self.merge(tickets, tickets[0])
        if undone:
            tickets[0].with_user(self.agent).action_undo_merge()
        journal = self.env["helpdesk_lite.merge.journal"].search([("master_id", "=", tickets[0].id)])
        self.assertTrue(journal)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE helpdesk_lite_merge_journal SET write_date = now() - interval '1 year' WHERE id = ANY(%s)", [journal.ids]
        )
        self.env.invalidate_all()
        return journal

    def test_only_what_was_undone_is_deleted(self):
        undone, kept = self.make_journal(True), self.make_journal(False)
        self.env["helpdesk_lite.merge.journal"]._gc_undone()
        self.assertFalse(undone.exists())
        self.assertEqual(kept.exists(), kept)
        master = kept.master_id.with_user(self.agent)
        self.assertTrue(master.can_undo_merge)
        master.action_undo_merge()

    def test_days_are_set(self):
        journal = self.make_journal(True)
        self.env["ir.config_parameter"].set_param("helpdesk_lite.merge_journal_days", "500")
        self.env["helpdesk_lite.merge.journal"]._gc_undone()
        self.assertEqual(journal.exists(), journal)
