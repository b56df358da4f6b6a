import doctest

from markupsafe import Markup
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...tools import search_keys, similarity, text
from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestSimilarity(MergeCase):
    """Which tickets are similar, and who is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = cls.make_ticket(name="Invoice 4711 has the wrong tax", description="<p>Hello,</p><p>you charged 21 %.</p>")
        cls.alike = cls.make_ticket(name="Wrong tax on invoice 4711", description="<p>21 % were charged.</p>")
        cls.other = cls.make_ticket(name="The printer on the second floor is out of paper")

    def test_arithmetic(self):
        for module in (text, similarity, search_keys):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)

    def test_similar_texts_are_found_and_explained(self):
        found = self.asked._merge_similarity(self.alike | self.other)
        self.assertGreater(found[self.alike.id][0], 70)
        self.assertLess(found[self.other.id][0], 10)
        self.assertIn("4711", found[self.alike.id][1])
        self.assertIn("Invoice", found[self.alike.id][1], "as it was written, not as it is compared")

    def test_accents_plurals_greetings_and_signatures_do_not_matter(self):
        one = self.make_ticket(name="Facturas duplicadas", description="<p>Hola, buenos días:</p><p>Atención</p>")
        other = self.make_ticket(
            name="factura duplicada", description="<p>Estimados señores,</p><p>atencion</p><p>Un saludo,</p><p>José</p>"
        )
        self.assertEqual(one.sudo().merge_words, other.sudo().merge_words)

    def test_words_are_stored_with_the_ticket(self):
        """In the same statement where its text is final, and otherwise once that was sanitized, with the same words."""
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
        clean = "<p>The shade is broken.</p>"
        for source in (Markup(clean), f"{clean}<script>alert('zebra')</script>", False):
            ticket = Ticket.create({"name": "Lamp", "team_id": self.team.id, "description": source})
            made = ticket.sudo().merge_words
            self.env.add_to_compute(ticket._fields["merge_words"], ticket)
            self.assertEqual((made, "zebra" in made), (ticket.sudo().merge_words, False))
            ticket.name = "Chair"
            self.assertIn("chair", ticket.sudo().merge_words)
        with self.assertRaises(AccessError):
            Ticket.create({"name": "Lamp", "team_id": self.team.id, "merge_words": "zebra"})
        with self.assertRaises(AccessError):
            ticket.write({"merge_words": "zebra"})

    def test_the_customer_the_team_and_the_time_count(self):
        ticket = self.make_ticket(name=self.asked.name, partner_id=self.customer.id)
        same, unknown, elsewhere = (
            self.make_ticket(name="Wrong tax on invoice 4711", partner_id=self.customer.id),
            self.make_ticket(name="Wrong tax on invoice 4711"),
            self.make_ticket("company", name="Wrong tax on invoice 4711"),
        )
        found = ticket._merge_similarity(same | unknown | elsewhere)
        self.assertGreater(found[same.id][0], found[unknown.id][0])
        self.assertGreater(found[unknown.id][0], found[elsewhere.id][0])
        self.env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET opened_on = opened_on - interval '60 days' WHERE id = %s", [same.id]
        )
        same.invalidate_recordset()
        self.assertLess(ticket._merge_similarity(same)[same.id][0], found[same.id][0])

    def test_empty_texts_and_emoji_are_similar_to_nothing(self):
        for name in ("😀😀", "?!", "…"):
            one, other = self.make_ticket(name=name), self.make_ticket(name=name)
            with self.subTest(name=name):
                self.assertEqual(one._merge_similarity(other), {other.id: (0.0, "")})
                self.assertFalse(one._merge_find_candidates()[one.id])

    def test_a_huge_text_is_compared_by_its_beginning(self):
        body = "<p>The pallet lift is stuck.</p>" + "<p>&lt;trace&gt; at 0x7f</p>" * 180_000
        self.assertGreater(len(body), 4_900_000)
        huge = self.make_ticket(name="Pallet lift stuck", description=body)
        other = self.make_ticket(name="Pallet lift is stuck again")
        self.assertLess(len(huge.sudo().merge_words), 2000)
        self.assertIn(huge.id, other._merge_find_candidates()[other.id])

    def test_older_tickets_are_indexed_in_batches(self):
        tickets = self.asked | self.alike | self.other
        words = {ticket.id: ticket.sudo().merge_words for ticket in tickets}
        write_dates = tickets.mapped("write_date")
        self.env.cr.execute("UPDATE helpdesk_lite_ticket SET merge_words = NULL WHERE id = ANY(%s)", [tickets.ids])
        tickets.invalidate_recordset()
        found = self.asked._merge_similarity(self.alike)
        self.assertGreater(found[self.alike.id][0], 70, "computed at once")
        Ticket = self.env["helpdesk_lite.ticket"]
        last_id = Ticket._merge_index_batch(self.asked.id - 1, size=2)
        self.assertEqual(last_id, self.alike.id)
        self.assertEqual(Ticket._merge_index_batch(last_id, size=2), self.other.id)
        self.assertEqual(Ticket._merge_index_batch(self.other.id), 0)
        self.assertEqual({ticket.id: ticket.sudo().merge_words for ticket in tickets}, words)
        self.assertEqual(tickets.mapped("write_date"), write_dates)

    def test_new_weights_replace_the_old_ones(self):
        Vocabulary = self.env["helpdesk_lite.merge.vocabulary"].sudo()
        for _number in range(6):
            self.make_ticket(name="The zebrafish pump is loud")
        Vocabulary._renew()
        self.assertEqual(Vocabulary.search_count([]), 1)
        weights, count = Vocabulary._get_weights()
        self.assertIn("zebrafish", weights.words)
        self.assertEqual(count, self.env["helpdesk_lite.ticket"].with_context(active_test=False).search_count([]))

    # ------------------------------------------------------------
    # POSSIBLE DUPLICATES
    # ------------------------------------------------------------

    def suggested(self, ticket, user):
        ticket.invalidate_recordset()
        return ticket.with_user(user).read(["possible_duplicates"])[0]["possible_duplicates"] or []

    def test_possible_duplicates_best_first(self):
        best = self.make_ticket(name=self.asked.name, description=self.asked.description)
        found = self.suggested(self.asked, self.agent)
        self.assertEqual([line["id"] for line in found], [best.id, self.alike.id])
        self.assertEqual(found, sorted(found, key=lambda line: -line["similarity"]))
        self.assertTrue(found[0]["can_merge"])

    def test_nothing_reveals_tickets_that_the_user_cannot_read(self):
        before = self.suggested(self.asked, self.agent)
        for _number in range(50):
            self.make_ticket("private", name=self.asked.name, description=self.asked.description)
        self.assertEqual(self.suggested(self.asked, self.agent), before)
        self.assertEqual(len(self.suggested(self.asked, self.manager)), 5)

    def test_related_tickets_are_not_possible_duplicates(self):
        """Whatever their relation is, and from either side; it costs no statement."""
        self.suggested(self.asked, self.agent)
        before = self.cr.sql_log_count
        self.suggested(self.asked, self.agent)
        statements = self.cr.sql_log_count - before
        for kind in ("relates", "follow_up", "part"):
            relation = self.asked.with_user(self.agent)._relate(kind, self.alike)
            self.env.flush_all()
            before = self.cr.sql_log_count
            with self.subTest(kind=kind):
                self.assertEqual(self.suggested(self.asked, self.agent), [])
                self.assertLessEqual(self.cr.sql_log_count - before, statements)
                self.assertEqual(self.suggested(self.alike, self.agent), [])
            relation.unlink()
            self.assertEqual([line["id"] for line in self.suggested(self.asked, self.agent)], [self.alike.id])

    def test_only_users_who_can_change_both_are_offered_the_merge(self):
        mine = self.make_ticket("private", name=self.asked.name, description=self.asked.description, user_id=self.agent.id)
        lines = {line["id"]: line for line in self.suggested(self.asked, self.agent)}
        self.assertTrue(lines[mine.id]["can_merge"])
        # readable as before, but only superuser code can write it
        self.env["ir.rule"].create(
            {
                "name": "frozen",
                "model_id": self.env["ir.model"]._get_id("helpdesk_lite.ticket"),
                "perm_read": False,
                "domain_force": [("id", "!=", mine.id)],
            }
        )
        lines = {line["id"]: line for line in self.suggested(self.asked, self.agent)}
        self.assertFalse(lines[mine.id]["can_merge"])
        self.assertTrue(lines[self.alike.id]["can_merge"])

    def test_employees_and_customers_get_no_suggestions(self):
        fields = self.env["helpdesk_lite.ticket"].with_user(self.employee).fields_get()
        self.assertNotIn("possible_duplicates", fields)
        self.assertNotIn("merge_words", self.env["helpdesk_lite.ticket"].with_user(self.manager).fields_get())

    def test_discarded_duplicates_are_not_suggested_again(self):
        action = (self.asked | self.alike).with_user(self.agent).action_merge()
        group = self.env["helpdesk_lite.merge.group"].with_user(self.agent).browse(action["res_id"])
        group.action_discard()
        self.assertNotIn(self.alike.id, [line["id"] for line in self.suggested(self.asked, self.agent)])

    def test_a_suggestion_says_that_a_merge_was_undone(self):
        best = self.make_ticket(name=self.asked.name, description=self.asked.description)
        action = (self.asked | best).with_user(self.agent).action_merge()
        group = self.env["helpdesk_lite.merge.group"].with_user(self.agent).browse(action["res_id"])
        group.action_merge()
        self.env[self.asked._name].with_user(self.agent).browse(group.sudo().master_id.id).action_undo_merge()
        found = self.suggested(self.asked, self.agent)
        self.assertEqual([(line["id"], line["undone"]) for line in found], [(self.alike.id, False), (best.id, True)])

    def test_a_new_ticket_has_no_duplicates(self):
        self.assertFalse(self.env["helpdesk_lite.ticket"].with_user(self.agent).new({"name": "x"}).possible_duplicates)

    def test_suggestions_cost_a_constant_number_of_queries(self):
        counts = []
        for number in (2, 30):
            for _number in range(number):
                self.make_ticket(name=self.asked.name)
            self.env.flush_all()
            self.env.invalidate_all()
            ticket = self.asked.with_user(self.agent)
            ticket.read(["name"])
            start = self.env.cr.sql_log_count
            ticket.read(["possible_duplicates"])
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 1)
