from odoo.addons.helpdesk_lite.tests.access.test_links import NAMES, SECRET, LinksCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestLinks(ConvertCase):
    """Links between helpdesk and sales show no names of hidden records."""

    def names(self, record, fname):
        """Collect the names of a link by every way in which the web client reads it."""
        domain = [("id", "=", record.id)]
        Model = record.with_context(active_test=False)
        return {
            record.read([fname])[0][fname][1],
            record.web_read({fname: {"fields": {"display_name": {}}}})[0][fname]["display_name"],
            Model.web_search_read(domain, {fname: {"fields": {"display_name": {}}}})["records"][0][fname]["display_name"],
            Model.formatted_read_group(domain, [fname], ["__count"])[0][fname][1],
        }

    def test_subject_of_a_private_ticket(self):
        ticket = self.make_ticket("private", name="Fire at the plant")
        lead = self.convert(ticket, name="Lamps", user_id=self.salesperson.id)
        self.assertEqual(self.names(lead.with_user(self.salesperson), "ticket_id"), {f"#{ticket.number}"})
        self.assertEqual(self.names(lead.with_user(self.both), "ticket_id"), {f"Fire at the plant (#{ticket.number})"})
        with self.assertRaisesRegex(UserError, "private helpdesk team"):
            lead.with_user(self.salesperson).action_open_helpdesk_tickets()
        self.assertFalse(self.env["crm.lead"].with_user(self.salesperson).search([("ticket_id", "ilike", "Fire")]))

    def test_title_of_other_peoples_opportunities(self):
        ticket = self.make_ticket()
        lead = self.convert(ticket, name="Takeover of Quill Ltd", user_id=self.salesperson.id)
        self.assertEqual(self.names(ticket.with_user(self.other_salesperson), "converted_lead_id"), {f"#{lead.id}"})
        self.assertEqual(self.names(ticket.with_user(self.salesperson), "converted_lead_id"), {"Takeover of Quill Ltd"})
        self.assertNotIn("converted_lead_id", ticket.with_user(self.agent).fields_get())
        self.assertTrue(ticket.with_user(self.agent).is_converted)
        with self.assertRaisesRegex(UserError, "Sales works on this ticket"):
            ticket.with_user(self.agent).action_open_leads()

    def test_a_list_tells_no_more_names_than_a_form(self):
        """The web client reads the links of all records in a list together."""
        tickets = self.make_ticket("private", name="Fire at the plant") + self.make_ticket("private", name="Flood")
        leads = self.convert(tickets, name="Lamps", user_id=self.salesperson.id)
        name = {"fields": {"display_name": {}}}
        for method, args in (
            ("web_read", (leads.ids, {"ticket_id": name})),
            ("web_search_read", ([("id", "in", leads.ids)], {"ticket_id": name})),
            ("read", (leads.ids, ["ticket_id"])),
        ):
            with self.subTest(method=method):
                answer = str(call_kw(self.env["crm.lead"].with_user(self.salesperson), method, list(args), {}))
                self.assertIn("#", answer)
                self.assertNotIn("Fire", answer)
                self.assertNotIn("Flood", answer)
        shared = self.make_ticket("company") + self.make_ticket("company")
        self.convert(shared, name="Takeover of Quill Ltd", user_id=self.salesperson.id)
        Ticket = self.env[shared._name].with_user(self.other_salesperson)
        answer = str(call_kw(Ticket, "web_read", [shared.ids, {"converted_lead_id": name}], {}))
        self.assertIn("#", answer)
        self.assertNotIn("Takeover", answer)

    def test_buttons_open_the_other_side(self):
        ticket = self.make_ticket()
        lead = self.convert(ticket, user_id=self.salesperson.id)
        action = ticket.with_user(self.salesperson).action_open_leads()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))
        action = lead.with_user(self.salesperson).action_open_helpdesk_tickets()
        self.assertEqual((action["res_model"], action["res_id"]), (ticket._name, ticket.id))

    def test_merged_opportunities_keep_their_tickets(self):
        tickets = self.env["helpdesk_lite.ticket"].concat(*(self.make_ticket() for _i in range(2)))
        plain = self.env["crm.lead"].create({"name": "There before", "type": "opportunity", "probability": 90})
        leads = self.convert(tickets, self.both)
        merged = (plain + leads).with_user(self.both).merge_opportunity()
        self.assertEqual(tickets.converted_lead_id, merged)
        self.assertIn(merged.ticket_id, tickets)
        self.assertEqual(merged.helpdesk_ticket_count, 2)

    def test_no_context_unmasks_links(self):
        ticket = self.make_ticket("private", name="Fire at the plant")
        lead = self.convert(ticket, name="Lamps", user_id=self.salesperson.id)
        reader = lead.with_user(self.salesperson)
        for value in (False, None, 0, True):
            context = {"helpdesk_lite_crm_masked": value}
            spec = {"ticket_id": {"context": context, "fields": {"display_name": {}}}}
            with self.subTest(value=value):
                shown = [
                    reader.web_read(spec),
                    reader.with_context(**context).web_read(spec),
                    reader.with_context(**context).read(["ticket_id"]),
                    reader.search([("id", "=", lead.id)]).web_search_read([("id", "=", lead.id)], spec)["records"],
                    reader.onchange({"name": "x"}, ["name"], {"name": {}, **spec}),
                ]
                self.assertNotIn("Fire", str(shown))


@tagged("post_install", "-at_install")
class TestLinksByRequest(LinksCase, ConvertCase):
    """Ids in requests: users cannot link records that they cannot change, and forms do not name these."""

    def test_a_salesperson_archives_no_ticket_by_a_link(self):
        values = {"name": "zz", "user_id": self.salesperson.id}
        for ticket in (self.hidden_ticket, self.make_ticket()):
            for fname in ("ticket_id", "converted_ticket_id"):
                context = {f"default_{fname}": ticket.id}
                with self.subTest(fname=fname, mode=ticket.team_id.privacy_visibility):
                    self.assert_refused(self.salesperson, "crm.lead", "create", values, context=context)
                    self.assert_refused(self.salesperson, "crm.lead", "create", {**values, fname: ticket.id})
                    self.assert_refused(self.salesperson, "crm.lead", "web_save", [], {**values, fname: ticket.id}, {})
                    self.assert_refused(self.salesperson, "crm.lead", "web_save", [], values, {}, context=context)
                    self.assert_refused(self.salesperson, "crm.lead", "name_create", "zz", context=context)
                    mine = self.call(self.salesperson, "crm.lead", "create", values)
                    self.assert_refused(self.salesperson, "crm.lead", "copy", [mine], {fname: ticket.id})
                    self.assert_refused(self.salesperson, "crm.lead", "copy", [mine], context=context)
                    self.assert_refused(self.salesperson, "crm.lead", "write", [mine], {fname: ticket.id})
                    self.assert_refused(
                        self.sales_manager,
                        "res.partner",
                        "write",
                        [self.customer.id],
                        {"opportunity_ids": [Command.create({"name": "zz", fname: ticket.id})]},
                    )
                    loaded = self.call(self.salesperson, "crm.lead", "load", ["name", f"{fname}/.id"], [["zz", str(ticket.id)]])
                    self.assertFalse(loaded["ids"])
                    self.assertNotIn(SECRET, str(loaded))
            self.assertFalse(self.env["crm.lead"].search([("ticket_id", "=", ticket.id)]))
            self.assertFalse(self.env["crm.lead"].search([("converted_ticket_id", "=", ticket.id)]))
            self.assertTrue(ticket.active)

    def test_tickets_are_not_handed_over_by_a_link(self):
        commands = [Command.link(self.hidden_ticket.id)]
        values = {"name": "zz", "user_id": self.salesperson.id}
        for answer in (
            ("create", {**values, "handed_over_ticket_ids": commands}),
            ("web_save", [], {**values, "handed_over_ticket_ids": commands}, {}),
        ):
            self.assert_refused(self.salesperson, "crm.lead", *answer)
        self.assert_refused(
            self.salesperson, "crm.lead", "create", values, context={"default_handed_over_ticket_ids": commands}
        )
        self.assertFalse(self.hidden_ticket.converted_lead_id)

    def test_forms_of_leads(self):
        spec = {
            "name": {},
            "ticket_id": NAMES,
            "converted_ticket_id": NAMES,
            "handed_over_ticket_ids": {"fields": {"name": {}, "display_name": {}}},
        }
        for fname in ("ticket_id", "converted_ticket_id"):
            self.assert_refused(self.salesperson, "crm.lead", "onchange", [], {fname: self.hidden_ticket.id}, [fname], spec)
            self.assert_refused(
                self.salesperson, "crm.lead", "onchange", [], {}, [], spec, context={f"default_{fname}": self.hidden_ticket.id}
            )
        self.assert_refused(
            self.salesperson,
            "crm.lead",
            "onchange",
            [],
            {"handed_over_ticket_ids": [Command.link(self.hidden_ticket.id)]},
            ["handed_over_ticket_ids"],
            spec,
        )

    def test_forms_of_conversions(self):
        self.teams["private"].message_unsubscribe(self.agent.partner_id.ids)
        secret = self.env["crm.lead"].create({"name": SECRET, "type": "opportunity", "user_id": self.other_salesperson.id})
        spec = {
            "name": {},
            "ticket_ids": {"fields": {"display_name": {}}},
            "partner_id": NAMES,
            "user_id": NAMES,
            "lead_id": NAMES,
            "sales_team_id": NAMES,
            "same_email_names": {},
        }
        for values in (
            {"ticket_ids": [Command.set(self.hidden_ticket.ids)]},
            {"ticket_ids": [Command.link(self.hidden_ticket.id)]},
            {"lead_id": secret.id},
            {"partner_id": self.hidden_partner.id},
            {"user_id": self.hidden_user.id},
        ):
            with self.subTest(values=values):
                self.assert_refused(self.agent, "helpdesk_lite_crm.convert", "onchange", [], values, list(values), spec)
        shown = self.call(
            self.agent,
            "helpdesk_lite_crm.convert",
            "onchange",
            [],
            {},
            [],
            spec,
            context={"default_ticket_ids": [self.hidden_ticket.id, self.make_ticket().id]},
        )
        self.assertNotIn(SECRET, str(shown))
        spec = {"name": {}, "lead_id": NAMES, "team_id": NAMES, "partner_id": NAMES}
        for values in ({"lead_id": secret.id}, {"team_id": self.teams["private"].id}, {"partner_id": self.hidden_partner.id}):
            with self.subTest(values=values):
                self.assert_refused(
                    self.salesperson, "helpdesk_lite_crm.convert_lead", "onchange", [], values, list(values), spec
                )
                self.assert_refused(
                    self.salesperson,
                    "helpdesk_lite_crm.convert_lead",
                    "onchange",
                    [],
                    {},
                    [],
                    spec,
                    context={f"default_{fname}": value for fname, value in values.items()},
                )
                self.assert_refused(self.salesperson, "helpdesk_lite_crm.convert_lead", "create", values)

    def test_rows_of_conversions_are_their_creators(self):
        mine = self.make_wizard(self.make_ticket(), self.agent, partner_action="none")
        self.assert_refused(self.both, mine._name, "read", [mine.id], ["name"])
        self.assert_refused(self.both, mine._name, "action_convert", [mine.id])
        with self.assertRaises(AccessError):
            self.call(self.agent, mine._name, "write", [mine.id], {"result": "<p>x</p>"})
