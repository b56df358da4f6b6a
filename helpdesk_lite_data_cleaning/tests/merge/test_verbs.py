from itertools import product
from types import SimpleNamespace
from unittest import SkipTest

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_thread import ThreadCase

# what each verb makes of a ticket in each state; None: it is refused, with a sentence. Everything else changes no state.
# The same table is in ARCHITECTURE.rst.
MOVES = {
    "open": {"merge": "merged", "convert": "converted", "delete": "deleted", "take back": "archived"},
    "merged": {"undo merge": "open", "merge": None, "convert": None, "undo convert": None, "delete": None, "take back": None},
    "converted": {"undo convert": "open", "merge": None, "convert": None, "delete": "deleted", "take back": None},
    "archived": {"merge": "merged", "convert": None, "delete": "deleted", "take back": None, "reply": "open"},
    "deleted": {},
}
CHANGES = ("move team", "change customer", "change mode", "reply")
VERBS = ("merge", "undo merge", "convert", "undo convert", "take back", "delete", *CHANGES)
# what may happen to a ticket that was merged into the one on which the verbs are done
BELOW = {"undo below": "undo merge", "reply below": "reply"}


@tagged("post_install", "-at_install")
class TestVerbs(ThreadCase):
    """Every two verbs, in every order, on a ticket and the one with which it is or was merged, and on a master of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "crm.lead" not in cls.env:
            raise SkipTest("without CRM there is no conversion")
        cls.boss = new_test_user(
            cls.env, "hl_boss", "helpdesk_lite.group_manager,sales_team.group_sale_manager", email="boss@test.example"
        )

    def state(self, ticket):
        """The one state of a ticket; two at once, or none, are errors."""
        if not ticket.exists():
            return "deleted"
        self.env.flush_all()
        self.env.invalidate_all()
        merged, converted = bool(ticket.merge_target_id), ticket.is_converted
        self.assertFalse(merged and (ticket.active or converted))
        self.assertEqual(bool(ticket.merge_kind), merged)
        return "merged" if merged else "converted" if converted else "open" if ticket.active else "archived"

    def do(self, verb, ticket, master):
        own = ticket.with_user(self.boss).with_context(active_test=False)
        if verb == "merge":
            self.merge(master | ticket, master, user=self.boss)
        elif verb == "undo merge":
            master.with_user(self.boss).action_undo_merge()
        elif verb == "convert":
            wizard = self.env["helpdesk_lite_crm.convert"].with_user(self.boss).with_context(default_ticket_ids=own.ids)
            wizard.create({"partner_action": "none"}).action_convert()
        elif verb == "undo convert":
            own.action_undo_convert()
        elif verb == "take back":
            self.lead.with_user(self.boss).action_undo_convert_to_ticket()
        elif verb == "delete":
            own.unlink()
        elif verb == "move team":
            own.team_id = self.teams["private"]
        elif verb == "change customer":
            own.partner_id = self.agent.partner_id
        elif verb == "change mode":
            ticket.team_id.privacy_visibility = "company" if ticket.team_id.privacy_visibility != "company" else "public"
        elif verb == "reply":
            said = ticket.message_ids.filtered(lambda message: "Said" in message.body)
            headers = f"References: {said.message_id}\n" if said else ""
            self.receive(f"answer {ticket.id} {self.env.cr.sql_log_count}", subject=f"[{ticket.number}]", headers=headers)

    def expect(self, verb, state, lead_is_there, others_are_below=False):
        """The state after a verb, or None when it is refused.

        :param str state: of the ticket
        :param bool lead_is_there: whether the ticket was made from a lead that can take it back
        :param bool others_are_below: whether another ticket was merged into it
        """
        if verb in ("delete", "take back") and others_are_below:
            return None
        if verb == "undo merge":
            return "open" if state == "merged" else None
        if verb == "undo convert":
            return "open" if state == "converted" else None
        if verb == "take back" and not lead_is_there:
            return None
        return MOVES[state].get(verb, state)

    def begin(self, kind, with_below=False):
        """Make a ticket that can be merged into another.

        :param with_below: whether another ticket is merged into this one
        """
        self.team.privacy_visibility = "public"
        partner = self.customer if kind == "absorbed" else self.other
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        self.lead = self.env["crm.lead"].create({"name": "A request", "user_id": self.boss.id})
        ticket = self.make_ticket(name="Ticket", partner_id=partner.id)
        self.lead.converted_ticket_id = ticket
        self.lead.active = False
        said = ticket.message_post(body="Said", message_type="comment", subtype_xmlid="mail.mt_comment")
        below = self.make_ticket(name="Below", partner_id=self.customer.id) if with_below else ticket.browse()
        asked = below and below.message_post(body="Asked", message_type="comment", subtype_xmlid="mail.mt_comment")
        if below:
            self.do("merge", below, ticket)
            self.assertEqual(below.merge_kind, kind)
        return SimpleNamespace(kind=kind, master=master, ticket=ticket, below=below, said=said, asked=asked)

    def follow(self, scene, paths, done=(), former=None):
        """Go all paths of verbs, and look after each verb. What paths have in common is done once.

        :param set paths: tuples of verbs that come next
        :param tuple done: the verbs before them
        :param former: the state before the ticket was merged
        """
        if self.state(scene.ticket) == "deleted":
            return
        for verb in sorted({path[0] for path in paths if path}):
            with self.subTest(kind=scene.kind, verbs=(*done, verb)), self.env.cr.savepoint() as savepoint:
                now_former = self.try_verb(scene, verb, done, former)
                self.follow(scene, {path[1:] for path in paths if path[:1] == (verb,)}, (*done, verb), now_former)
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def try_verb(self, scene, verb, done, former):
        """Do a verb, or see it refused, and look. :return: the state before the ticket was merged"""
        ticket, below = scene.ticket, scene.below
        before, others_are_below = self.state(ticket), below.is_merged
        expected = self.expect(verb, before, bool(self.lead.converted_ticket_id), others_are_below)
        if verb == "undo merge" and expected:
            expected = former
        if verb == "merge" and expected:
            former = before
        if verb == "undo below" and (before == "merged" or not others_are_below):
            expected = None
        refused = False
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.addons.mail.models.mail_thread"):
                if verb in BELOW:
                    self.do(BELOW[verb], below, ticket)
                else:
                    self.do(verb, ticket, scene.master)
        except UserError:
            refused = True
        place = f"{scene.kind}: {' → '.join((*done, verb))} when {before}, {'with' if below else 'without'} another below"
        self.assertEqual(refused, expected is None, place)
        self.assertEqual(self.state(ticket), before if refused else expected, place)
        self.assertEqual(self.state(scene.master), "open", place)
        if verb == "undo below" and not refused:
            others_are_below = False
        if below:
            self.assertEqual(self.state(below), "merged" if others_are_below else "open", place)
            self.assertEqual(below.merge_target_id, ticket if others_are_below else ticket.browse(), place)
        for message, path in ((scene.said, ticket), (scene.asked, below | ticket)) if below else ((scene.said, ticket),):
            if not path[:1].exists():
                continue
            home = path[0]
            while home.merge_kind == "absorbed":
                home = home.merge_target_id
            self.assertEqual(message.exists(), message, place)
            self.assertEqual(message.res_id, home.id, place)
        return former

    def test_every_two_verbs_in_every_order(self):
        pairs = set(product(VERBS, repeat=2))
        self.follow(self.begin("joined"), pairs)  # before a merge, its kind makes no difference
        for kind in ("absorbed", "joined"):
            self.follow(self.begin(kind), {("merge", *pair) for pair in pairs})

    def test_every_two_verbs_in_every_order_on_a_master(self):
        """It keeps what was merged into it, or gives it back; what would leave it without a place is refused."""
        for kind in ("absorbed", "joined"):
            self.follow(self.begin(kind, with_below=True), set(product((*VERBS, *BELOW), repeat=2)))

    def test_a_converted_master(self):
        """The master of other tickets is converted and given back, before and after the merge is undone."""
        for kind, undone in product(("absorbed", "joined"), ("never", "before", "after")):
            with self.subTest(kind=kind, undone=undone):
                master = self.make_ticket(name="Master", partner_id=self.customer.id)
                source = self.make_ticket(partner_id=(self.customer if kind == "absorbed" else self.other).id)
                source.message_post(body="secret-words", message_type="comment", subtype_xmlid="mail.mt_comment")
                self.do("merge", source, master)
                self.do("convert", master, None)
                lead = master.converted_lead_id
                copied = lead.message_ids.filtered(lambda message: "secret-words" in message.body)
                self.assertEqual(bool(copied), kind == "absorbed", "sales gets what is the ticket's own")
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    self.do("delete", master, None)
                if undone == "before":
                    self.do("undo merge", source, master)
                    self.assertEqual(self.state(source), "open")
                    again = lead.message_ids.filtered(lambda message: "secret-words" in message.body)
                    self.assertEqual(again, copied, "undoing shows sales nothing that it did not get")
                self.do("undo convert", master, None)
                self.assertEqual(self.state(master), "open")
                if undone == "after":
                    self.do("undo merge", source, master)
                self.assertEqual(self.state(source), "merged" if undone == "never" else "open")

    def test_an_answer_to_a_ticket_joined_with_a_converted_master(self):
        """Sales works on the master, so it stays there. Those of sales who can read the answer get it, others hear of it."""
        seller = new_test_user(self.env, "hl_seller", "sales_team.group_sale_salesman_all_leads", email="seller@test.example")
        for mode in ("public", "private"):
            for kind in ("open", "won"):
                with self.subTest(mode=mode, lead=kind):
                    master = self.make_ticket(partner_id=self.customer.id)
                    source = self.make_ticket(mode, partner_id=self.other.id)
                    self.do("merge", source, master)
                    self.do("convert", master, None)
                    lead = master.converted_lead_id
                    lead.user_id = seller
                    if kind == "won":
                        lead.action_set_won()
                    before = self.env["mail.message"].search([("model", "=", lead._name)])
                    answer = self.receive(
                        f"secret-words {mode} {kind}", sender="other@test.example", subject=f"[{source.number}]"
                    )
                    self.assertEqual(answer.res_id, source.id)
                    self.assertEqual((self.state(master), self.state(source)), ("converted", "merged"))
                    self.assertEqual(master.active, kind == "won", "after the deal, Helpdesk works on it")
                    told = self.env["mail.message"].search([("model", "=", lead._name)]) - before
                    self.assertEqual(seller.partner_id in answer.notified_partner_ids, (mode, kind) == ("public", "open"))
                    self.assertEqual(seller.partner_id in told.notified_partner_ids, (mode, kind) == ("private", "open"))
                    self.assertEqual(bool(told), kind == "open")
                    for message in told:
                        for secret in ("secret-words", source.number, self.other.name):
                            self.assertNotIn(secret, f"{message.subject} {message.body}")

    def test_convert_merge_undo_undo(self):
        ticket, master = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.customer.id)
        self.do("convert", ticket, master)
        with self.assertRaisesRegex(UserError, "converted already"), self.env.cr.savepoint():
            self.do("merge", ticket, master)
        self.do("undo convert", ticket, master)
        self.assertEqual(self.state(ticket), "open")

    def test_a_lead_does_not_take_back_the_master_of_others(self):
        lead = self.env["crm.lead"].create({"name": "A request", "user_id": self.boss.id})
        master, source = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.other.id)
        lead.converted_ticket_id = master
        self.do("merge", source, master)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            lead.with_user(self.boss).action_undo_convert_to_ticket()
        self.do("undo merge", source, master)
        lead.with_user(self.boss).action_undo_convert_to_ticket()
        self.assertEqual(self.state(master), "archived")
