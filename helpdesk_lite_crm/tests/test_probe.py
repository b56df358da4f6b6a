from odoo.addons.helpdesk_lite.tests.access.probe import ProbeCase
from odoo.addons.helpdesk_lite.tests.access.probe_world import Place
from odoo.addons.helpdesk_lite.tests.access.probe_writes import KEPT
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestProbe(ProbeCase):
    """No entry point between helpdesk and sales reveals hidden data."""

    module = "helpdesk_lite_crm"
    promised = 5_000
    standard = ("crm.lead", "mail.message")
    reached = ("crm.lead",)
    guarded = (*KEPT, "crm.lead")
    # Restore Ticket sets aside a new opportunity, also one that only sales sees
    granted = {("helpdesk_lite.ticket", "action_undo_convert"): "crm.lead"}

    @classmethod
    def build_more(cls):
        builder, world = cls.builder, cls.world
        seller = cls.make_user("hl_probe_seller", "sales_team.group_sale_salesman", cls.env.company)
        known = {"partner_name": "Zoe Quill", "partner_email": "zoe@quill.example", "partner_phone": "+1 555 0100"}
        nobody, private = Place("nobody"), Place("private")
        cls.convert(builder.make_ticket("private", private), seller, world.word("lead: title", nobody))
        # sales can see this opportunity and its customer; the ticket stays private
        cls.convert(builder.make_ticket("private", private, **known), None, "Forty lamps")
        cls.convert(builder.make_ticket("company", Place("company")), seller, world.word("lead: title", nobody))
        lead = cls.env["crm.lead"].create(
            {
                "name": world.word("lead: title", nobody),
                "user_id": seller.id,
                "type": "opportunity",
                "description": world.word("lead: notes", nobody),
            }
        )
        builder.furnish(lead, nobody)
        lead._convert_to_ticket(builder.teams["company"], cls.env["res.partner"], "A lamp", False)
        world.put(lead, nobody)
        world.put(cls.env["crm.lead"].search([("user_id", "=", seller.id)]), nobody)
        world.put(cls.open_wizard(builder.hidden, seller, world.word("pop-up of somebody else: title", nobody)), nobody)
        world.put(
            cls.env["helpdesk_lite_crm.convert_lead"].create(
                {"lead_id": lead.id, "team_id": builder.teams["company"].id, "name": world.word("pop-up: subject", nobody)}
            ),
            nobody,
        )

    @classmethod
    def open_wizard(cls, ticket, seller, title):
        return (
            cls.env["helpdesk_lite_crm.convert"]
            .with_context(default_ticket_ids=ticket.ids)
            .create({"partner_action": "none", "user_id": seller and seller.id, "name": title})
        )

    @classmethod
    def convert(cls, ticket, seller, title):
        cls.open_wizard(ticket, seller, title).action_convert()
        # the salesperson that CRM itself chooses is not probed
        ticket.converted_lead_id.user_id = seller

    def test_no_hidden_word_comes_back(self):
        self.probe()
