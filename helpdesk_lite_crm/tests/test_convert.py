import itertools
from unittest.mock import ANY

from odoo.addons.helpdesk_lite.tests.common import COMPANY_MODES
from odoo.tests import Form, tagged

from .common import ConvertCase

ROLES = ("agent", "both", "manager")


@tagged("post_install", "-at_install")
class TestConvert(ConvertCase):
    """A ticket is converted to an opportunity or a lead."""

    def test_choice_of_customer_by_leads_by_role_by_mode(self):
        existing = self.env["res.partner"].create({"name": "Ann Known", "email": "ann@known.example"})
        for leads, mode, role in itertools.product((False, True), COMPANY_MODES, ROLES):
            if leads:
                self.use_leads()
            for number, action in enumerate(("create", "link", "none")):
                with self.subTest(leads=leads, mode=mode, role=role, action=action):
                    email = f"zoe{number}-{leads:d}-{mode}-{role}@quill.example"
                    ticket = self.make_request(mode, partner_email=email)
                    values = {"partner_action": action, "user_id": self.salesperson.id}
                    if action == "link":
                        values["partner_id"] = existing.id
                    lead = self.convert(ticket, self[role], **values)
                    self.assertEqual(lead.type, "lead" if leads else "opportunity")
                    self.assertEqual(lead.ticket_id, ticket)
                    self.assertEqual(lead.user_id, self.salesperson)
                    self.assertEqual(lead.team_id, self.sales_team)
                    self.assertFalse(ticket.active)
                    self.assertEqual(lead.email_from, email)
                    if action == "create":
                        self.assertEqual(lead.partner_id.email, email)
                        self.assertEqual(lead.partner_id.create_uid, self[role])
                    else:
                        self.assertEqual(lead.partner_id, existing if action == "link" else existing.browse())
                    self.assertEqual(
                        existing.read(["name", "email", "phone"]),
                        [{"id": existing.id, "name": "Ann Known", "email": "ann@known.example", "phone": False}],
                    )
                    copied = mode != "private"
                    self.assertEqual(len(self.files(lead)), 3 if copied else 0)
                    self.assertEqual(lead.description or "", "<p>Forty of the green ones.</p>" if copied else "")

    def __getitem__(self, name):
        return getattr(self, name)

    def test_what_sales_gets(self):
        tags = self.env["helpdesk_lite.tag"].create([{"name": "Training"}, {"name": "Lamps for tests"}])
        there = self.env["crm.tag"].search([("name", "=ilike", "training")]) or self.env["crm.tag"].create({"name": "Training"})
        lead = self.convert(self.make_request(tag_ids=tags.ids))
        self.assertEqual(
            lead.read(
                ["name", "description", "contact_name", "email_from", "phone", "priority", "company_id", "partner_id"],
                load=None,
            ),
            [
                {
                    "id": lead.id,
                    "name": "We need forty lamps",
                    "description": "<p>Forty of the green ones.</p>",
                    "contact_name": "Zoe Quill",
                    "email_from": "zoe@quill.example",
                    "phone": "+1 555 0100",
                    "priority": "2",
                    "company_id": self.team.company_id.id,
                    "partner_id": False,
                }
            ],
        )
        self.assertEqual(sorted(lead.tag_ids.mapped("name")), sorted([there.name, "Lamps for tests"]))
        self.assertIn(there, lead.tag_ids)

    def test_known_customer_gives_company_language_and_what_the_ticket_lacks(self):
        self.env["res.lang"]._activate_lang("es_ES")
        company = self.env["res.partner"].create({"name": "Quill Ltd", "is_company": True, "city": "Ghent"})
        contact = self.env["res.partner"].create(
            {"name": "Zoe Quill", "parent_id": company.id, "lang": "es_ES", "email": "zoe@quill.example", "phone": "123"}
        )
        ticket = self.make_ticket(partner_id=contact.id)
        self.assertEqual(self.make_wizard(ticket).partner_id, contact)
        lead = self.convert(ticket, partner_action="link", partner_id=contact.id)
        self.assertEqual(lead.partner_name, "Quill Ltd")
        self.assertEqual(lead.contact_name, "Zoe Quill")
        self.assertEqual(lead.lang_id.code, "es_ES")
        self.assertEqual(lead.phone, "123")
        other = self.convert(self.make_ticket(partner_id=contact.id), partner_action="none")
        self.assertFalse(other.partner_id)
        self.assertEqual((other.partner_name, other.lang_id.code), ("Quill Ltd", "es_ES"))

    def test_contacts_are_never_written_to(self):
        contact = self.env["res.partner"].create({"name": "No Address", "email": "old@quill.example", "phone": "+1 555 0199"})
        bare = self.env["res.partner"].create({"name": "Bare"})
        before = (contact + bare).read(["name", "email", "phone", "lang", "user_id", "write_date", "comment"])
        for partner in contact + bare:
            ticket = self.make_request(partner_id=partner.id)
            ticket.write({"partner_email": "new@quill.example", "partner_phone": "+1 555 0100"})
            lead = self.convert(ticket, partner_action="link", partner_id=partner.id)
            self.assertEqual((lead.email_from, lead.phone), ("new@quill.example", "+1 555 0100"))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((contact + bare).read(["name", "email", "phone", "lang", "user_id", "write_date", "comment"]), before)

    def test_default_follows_what_is_known_of_the_customer(self):
        known = self.env["res.partner"].create({"name": "Ann Known", "email": "ann@known.example"})
        twins = self.env["res.partner"].create([{"name": f"Twin {i}", "email": "twin@known.example"} for i in range(2)])
        none = known.browse()
        self.env["res.partner"].with_user(self.customer_user).sudo().create({"name": "Eve", "email": "typed@known.example"})
        for values, action, partner in (
            ({"partner_id": twins[1].id}, "link", twins[1]),
            ({"partner_email": "Ann <ANN@known.example>"}, "link", known),
            ({"partner_email": "twin@known.example"}, "create", none),
            ({"partner_email": "new@known.example"}, "create", none),
            # somebody typed this address on the portal
            ({"partner_email": "typed@known.example"}, "create", none),
            ({"partner_name": "Only a Name"}, "create", none),
            ({}, "none", none),
        ):
            with self.subTest(values=values):
                wizard = self.make_wizard(self.make_ticket(**values))
                self.assertEqual((wizard.partner_action, wizard.partner_id), (action, partner))

    def test_default_of_a_selection(self):
        known, unknown = self.make_ticket(partner_id=self.customer.id), self.make_ticket()
        self.assertEqual(self.make_wizard(known + known.copy()).partner_action, "link")
        self.assertEqual(self.make_wizard(known + unknown).partner_action, "none")

    def test_team_and_salesperson_propose_each_other(self):
        wizard = Form(
            self.env["helpdesk_lite_crm.convert"].with_user(self.agent).with_context(default_ticket_ids=self.make_ticket().ids)
        )
        self.assertTrue(wizard.sales_team_id.member_ids)
        wizard.user_id = self.salesperson
        self.assertEqual(wizard.sales_team_id, self.sales_team)
        other = self.env["crm.team"].create({"name": "Other", "user_id": self.other_salesperson.id})
        wizard.sales_team_id = other
        self.assertEqual(wizard.user_id, self.other_salesperson)
        wizard.user_id = self.salesperson
        self.assertEqual(wizard.sales_team_id, self.sales_team)

    def test_defaults_of_the_screen_are_not_those_of_sales(self):
        wizard = self.make_wizard(self.make_request(), partner_action="create", user_id=self.salesperson.id)
        wizard.with_context(default_stage_id=0, default_phone="1", default_type="lead", default_city="x").action_convert()
        lead = wizard.ticket_ids.sudo().converted_lead_id
        self.assertEqual((lead.phone, lead.type, lead.partner_id.city), ("+1 555 0100", "opportunity", False))

    def test_title_is_what_the_agent_says(self):
        ticket = self.make_request("private", name="Fire at the chemical plant")
        lead = self.convert(ticket, name="Forty lamps")
        self.assertEqual(lead.name, "Forty lamps")
        said = " ".join([*lead.message_ids.mapped("body"), *ticket.message_ids.mapped("body")])
        self.assertNotIn("Fire", said)
        self.assertIn(f"#{ticket.number}", said)

    def test_both_chatters_link(self):
        for mode in COMPANY_MODES:
            with self.subTest(mode=mode):
                ticket = self.make_request(mode)
                lead = self.convert(ticket)
                self.assertIn(f'data-oe-id="{ticket.id}"', lead.message_ids[0].body)
                self.assertIn(f'data-oe-id="{lead.id}"', ticket.message_ids[0].body)
                self.assertTrue(ticket.message_ids[0].is_internal and lead.message_ids[0].is_internal)
                self.assertEqual(ticket.lead_ids, lead)

    def test_nobody_outside_follows_or_is_mailed(self):
        ticket = self.make_request(partner_id=self.customer.id)
        outsider = self.env["res.partner"].create({"name": "Watcher", "email": "watcher@else.example"})
        ticket.message_subscribe((self.customer + outsider + self.employee.partner_id).ids)
        mails = self.env["mail.mail"].sudo().search([]).ids
        notified = self.env["mail.notification"].sudo().search([]).ids
        lead = self.convert(ticket, partner_action="link", partner_id=self.customer.id, user_id=self.salesperson.id)
        self.env.flush_all()
        self.assertEqual(lead.message_partner_ids, self.salesperson.partner_id)
        new = self.env["mail.notification"].sudo().search([("id", "not in", notified)])
        self.assertEqual(new.res_partner_id, self.salesperson.partner_id)
        mails = self.env["mail.mail"].sudo().search([("id", "not in", mails)])
        self.assertEqual(mails.recipient_ids, self.salesperson.partner_id)
        self.assertFalse(mails.filtered("email_to"))

    def test_leader_is_told_when_there_is_no_salesperson(self):
        request = self.make_request()
        notified = self.env["mail.notification"].sudo().search([]).ids
        self.convert(request, sales_team_id=self.sales_team.id, user_id=False)
        new = self.env["mail.notification"].sudo().search([("id", "not in", notified)])
        self.assertEqual(new.res_partner_id, self.sales_manager.partner_id)

    def test_a_salesperson_is_told_of_several_in_one_mail(self):
        for count in (1, 3):
            tickets = self.env["helpdesk_lite.ticket"].concat(*(self.make_request() for _number in range(count)))
            before = self.env["mail.message"].search([], order="id desc", limit=1)
            leads = self.convert(tickets, user_id=self.salesperson.id)
            told = self.env["mail.message"].search(
                [("id", ">", before.id), ("notified_partner_ids", "in", self.salesperson.partner_id.ids)]
            )
            self.assertEqual(len(told), 1)
            self.assertEqual(told.body.count("<a "), count)
            # a mail about several opens none of them by its button, and an answer to it lands on none
            self.assertEqual(told.res_id, leads.id if count == 1 else 0)

    def test_an_open_opportunity_instead_of_a_new_one(self):
        contact = self.env["res.partner"].create({"name": "Ann Known", "email": "ann@known.example"})
        mine = self.env["crm.lead"].create(
            {"name": "Chairs", "type": "opportunity", "partner_id": contact.id, "user_id": self.both.id}
        )
        won = mine.copy({"partner_id": contact.id})
        won.action_set_won()
        first, second = (self.make_request(partner_id=contact.id) for _i in range(2))
        self.assertFalse(self.make_wizard(first).open_lead_ids, "an agent without CRM rights learns nothing of sales")
        self.assertEqual(self.make_wizard(first, self.both).open_lead_ids, mine)
        before = self.env["crm.lead"].search_count([])
        for ticket in (first, second):
            self.convert(ticket, self.both, lead_id=mine.id)
            self.assertEqual(ticket.converted_lead_id, mine)
            self.assertFalse(ticket.active)
        self.assertEqual(self.env["crm.lead"].with_context(active_test=False).search_count([]), before)
        self.assertEqual(len(self.files(mine)), 6)
        self.assertEqual(mine.name, "Chairs")
        self.assertFalse(mine.ticket_id)
        self.assertEqual(mine.helpdesk_ticket_count, 2)
        self.assertNotIn("Chairs", " ".join(first.message_ids.mapped("body")))

    def test_opens_the_lead_for_those_who_may_and_tells_the_others(self):
        may = self.make_wizard(self.make_request(), self.both, partner_action="none").action_convert()
        self.assertEqual((may["type"], may["res_model"]), ("ir.actions.act_window", "crm.lead"))
        may_not = self.make_wizard(self.make_request(), self.agent, partner_action="none").action_convert()
        self.assertEqual(may_not["tag"], "display_notification")
        self.assertEqual(may_not["params"], {"type": "success", "title": ANY, "message": ANY, "next": ANY})
        self.assertIn("do not have access", may_not["params"]["message"])

    def test_one_customer_for_several_tickets_of_one_address(self):
        tickets = self.env["helpdesk_lite.ticket"].concat(
            *(self.make_request(partner_email=f"{name}@quill.example") for name in ("zoe", "Zoe", "max"))
        )
        leads = self.convert(tickets, partner_action="create")
        self.assertEqual(len(leads), 3)
        self.assertEqual(len(leads.partner_id), 2)
