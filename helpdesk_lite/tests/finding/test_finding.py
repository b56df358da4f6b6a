import doctest

from lxml import etree
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...models.finding import number_finding, ticket_finding
from ...tools import search_words, ticket_numbers
from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestFinding(HelpdeskCase):
    """What the search box finds, with what the web client makes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamp = cls.make_ticket(
            name="Lamp flickers",
            partner_name="Zoë Quill",
            partner_email="zoe@quill.example",
            description="<p>Since Monday, with Ohm &amp; Söhne bulbs.</p>",
        )
        cls.other = cls.make_ticket(name="Two chairs", partner_id=cls.customer.id)
        cls.hidden = cls.make_ticket("private", name="Lamp of the vault", partner_name="Zoë Vault")

    def search(self, user, text, field="found_by"):
        """The tickets that the client lists after somebody typed a text and pressed Enter.

        :param str field: the search field that is chosen; the first one is what Enter takes
        """
        arch = etree.fromstring(
            self.call(user, "helpdesk_lite.ticket", "get_views", [(False, "search")])["views"]["search"]["arch"]
        )
        first = arch.find(".//field")
        self.assertEqual(first.get("name"), "found_by")
        chosen = arch.find(f".//field[@name='{field}']")
        given = chosen.get("filter_domain")
        domain = safe_eval(given, {"self": text}) if given else [(field, "ilike", text)]
        found = self.call(user, "helpdesk_lite.ticket", "web_search_read", domain, {"name": {}})
        return {record["name"] for record in found["records"]}

    def test_arithmetic(self):
        for module in (ticket_numbers, search_words):
            self.assertFalse(doctest.testmod(module).failed)

    def test_what_enter_finds(self):
        number = self.lamp.number
        for text in (
            "Zoë",
            "quill",
            "zoe@quill",
            "flick",
            "since monday",
            "Ohm & Söhne",
            number,
            f"#{number}",
            f"[{number}]",
            f" [#{number}] ",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.search(self.agent, text), {"Lamp flickers"})
        self.assertEqual(self.search(self.agent, "hl_customer"), {"Two chairs"}, "the name of a contact")
        self.assertEqual(self.search(self.agent, "customer@test"), {"Two chairs"})

    def test_who_does_not_find(self):
        self.assertEqual(self.search(self.agent, "Lamp"), {"Lamp flickers"})
        self.assertEqual(self.search(self.manager, "Lamp"), {"Lamp flickers", "Lamp of the vault"})
        self.assertEqual(self.search(self.employee, "Vault"), set())

    def test_numbers_in_links_to_tickets(self):
        for text in (self.lamp.number, f"#{self.lamp.number}", f"[{self.lamp.number}]"):
            found = self.call(self.agent, "helpdesk_lite.ticket", "name_search", text)
            self.assertEqual([id_ for id_, _name in found], self.lamp.ids)

    def test_numbers_as_people_type_them(self):
        """By the beginning, in any case, or the figures alone; not by figures of the middle, nor by another number."""
        # the number of each, since the one that is drawn may be T00705
        self.lamp.number, self.other.number, self.hidden.number = "T70512", "T80001", "T80002"
        for text in ("T70512", "t70512", "70512", "#t70512", "[T70512]:", "T705", "705", "070512"):
            for field in ("found_by", "number"):
                with self.subTest(text=text, field=field):
                    self.assertEqual(self.search(self.agent, text, field), {self.lamp.name})
        for text in ("T7051_", "T7%12", "512", "T70513", " ", "T" * 100):
            self.assertEqual(self.search(self.agent, text, "number"), set(), text)
        self.hidden.number = "T70513"
        self.assertEqual(self.search(self.employee, "70513"), set())
        self.assertEqual(self.search(self.manager, "7051"), {self.lamp.name, self.hidden.name})

    def test_many_numbers_are_found_without_a_list(self):
        self.patch(number_finding, "FEW", 0)
        self.assertEqual(self.search(self.agent, self.lamp.number, "number"), {self.lamp.name})

    def test_numbers_and_customers_are_found_by_indexes(self):
        if not self.env.registry.has_trigram:
            self.skipTest("this database has no trigrams")
        self.cr.execute("SET LOCAL enable_seqscan = off")
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent).with_context(active_test=False)
        for domain, index in (
            ([("partner_name", "ilike", "quill")], "helpdesk_lite_ticket_customer_index"),
            ([("partner_email", "=ilike", "ZOE@quill.example")], "helpdesk_lite_ticket_customer_index"),
            (
                ["|", ("partner_name", "ilike", "oë q"), ("partner_email", "ilike", "oe@")],
                "helpdesk_lite_ticket_customer_index",
            ),
            (Domain("number", "in", [self.lamp.number]), "helpdesk_lite_ticket_number_unique"),
            ([("found_by", "ilike", "quill")], "helpdesk_lite_ticket_customer_index"),
        ):
            query = Ticket.sudo()._search(domain)
            self.assertEqual(query.get_result_ids(), tuple(self.lamp.ids))
            plan = str(self.env.execute_query(SQL("EXPLAIN %s", Ticket.sudo()._search(domain).select())))
            self.assertIn(index, plan)
            self.assertNotIn("Seq Scan on helpdesk_lite_ticket", plan)

    def test_a_customer_is_found_in_one_line_only(self):
        """The name and the address are one text for the index, and two for people."""
        self.assertEqual(self.search(self.agent, "Zoë Quill", "partner_id"), {self.lamp.name})
        self.assertEqual(self.search(self.agent, "zoe@quill.example", "partner_email"), {self.lamp.name})
        self.assertEqual(self.search(self.agent, "Zoë Quill", "partner_email"), set())
        for text in ("Quill zoe", "Quill\nzoe"):
            self.assertEqual(self.search(self.agent, text, "partner_id"), set(), text)
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
        without = Ticket.search([("partner_name", "not ilike", "quill"), ("id", "in", (self.lamp | self.other).ids)])
        self.assertEqual(without, self.other.with_user(self.agent))
        self.assertEqual(Ticket.search([("partner_name", "=ilike", "zoë q%")]), self.lamp.with_user(self.agent))

    def test_words_in_messages(self):
        self.lamp.with_user(self.agent).message_post(body="Please try another fuse & switch.", message_type="comment")
        self.hidden.message_post(body="The fuse of the vault", message_type="comment")
        self.assertEqual(self.search(self.agent, "another fuse & switch", "message_words"), {"Lamp flickers"})
        self.assertEqual(self.search(self.employee, "fuse", "message_words"), {"Lamp flickers"})
        self.assertEqual(self.search(self.manager, "fuse", "message_words"), {"Lamp flickers", "Lamp of the vault"})
        self.assertEqual(self.search(self.agent, "fuse"), set(), "the other field looks into no messages")
        for domain in ([("message_words", "ilike", "fuse")], ["!", ("message_words", "ilike", "fuse")]):
            with self.assertRaises(AccessError):
                self.call(self.customer_user, "helpdesk_lite.ticket", "search_count", domain)

    def test_words_of_messages_that_only_their_recipients_read(self):
        """What is found agrees with what the messages' own access says, one by one."""
        Ticket = self.env["helpdesk_lite.ticket"]
        self.lamp.with_user(self.agent).message_notify(
            partner_ids=self.manager.partner_id.ids, body="A word about the umbrella", subject="You"
        )
        self.other.with_user(self.agent).message_post(body="An umbrella stand", message_type="comment")
        for user in (self.agent, self.employee):
            found = Ticket.with_user(user).search([("message_words", "ilike", "umbrella")])
            readable = (
                self.env["mail.message"]
                .with_user(user)
                .search(Domain("model", "=", Ticket._name) & Domain("body", "ilike", "umbrella"))
            )
            notices = readable.filtered(lambda message: message.sudo().message_type == "user_notification")
            self.assertEqual(found.ids, Ticket.browse((readable - notices).mapped("res_id")).ids, user.login)
            self.assertEqual(found, self.other.with_user(user))

    def test_further_rules_on_messages_count(self):
        self.lamp.with_user(self.agent).message_post(body="An umbrella", message_type="comment")
        self.env["ir.rule"].create(
            {
                "name": "No umbrellas",
                "model_id": self.env["ir.model"]._get_id("mail.message"),
                "groups": [(4, self.env.ref("base.group_user").id)],
                "domain_force": "[('body', 'not ilike', 'umbrella')]",
            }
        )
        self.assertEqual(self.search(self.agent, "umbrella", "message_words"), set())

    def test_words_are_found_by_an_index(self):
        if not self.env.registry.has_trigram:
            self.skipTest("this database has no trigrams")
        self.cr.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'mail_message_ticket_words_index'")
        ((definition,),) = self.cr.fetchall()
        # "./dev bench desk" measures that it is used
        for part in ("USING gin", "body", "gin_trgm_ops", "WHERE", "helpdesk_lite.ticket"):
            self.assertIn(part, definition)

    def test_words_of_descriptions_are_found_by_an_index(self):
        """A rare one by its beginning, with whatever signs around it; only by those who see the ticket."""
        self.hidden.description = "<p>A samovar, <b>“polished”</b>&nbsp;in 2026/03 for Söhne_Nord.</p>"
        for text in ("samovar", "SAMOV", "polished", "2026/03", "nord", "söhne_nord", "03 for"):
            with self.subTest(text):
                self.assertIn(self.hidden.name, self.search(self.manager, text))
                self.assertNotIn(self.hidden.name, self.search(self.employee, text))
        self.assertNotIn(self.hidden.name, self.search(self.manager, "samovar polished"), "as it is written")
        self.cr.execute("SET LOCAL enable_seqscan = off")
        used = []
        query = type(self.env["helpdesk_lite.ticket"])._search

        def explain(model, domain, **options):
            found = query(model, domain, **options)
            if options.get("limit") == ticket_finding.FEW + 1 and "description" in str(domain):
                used.append(found)
            return found

        self.patch(type(self.env["helpdesk_lite.ticket"]), "_search", explain)
        self.search(self.manager, "samovar")
        [rows] = [self.env.execute_query(SQL("EXPLAIN %s", used[0].select()))]
        self.assertIn("helpdesk_lite_ticket_description_words_index", str(rows))

    def test_a_common_word_is_found_anywhere(self):
        """What more tickets have than are listed is found as without the index."""
        self.patch(ticket_finding, "FEW", 0)
        for text in ("monday", "since mon"):
            self.assertEqual(self.search(self.agent, text), {self.lamp.name})

    def test_words_that_are_not_divided_are_found_anywhere(self):
        self.lamp.description = "<p>台灯闪烁</p>"
        self.assertEqual(self.search(self.agent, "闪烁"), {self.lamp.name})
