"""Uninstalling the bridge to CRM keeps tickets, opportunities and their conversations."""

from rpc import Rpc, WebClient

TICKET, LEAD = "helpdesk_lite.ticket", "crm.lead"
COUNTS = """
    SELECT (SELECT count(*) FROM helpdesk_lite_ticket), (SELECT count(*) FROM crm_lead),
           (SELECT count(*) FROM mail_message WHERE model IN ('helpdesk_lite.ticket', 'crm.lead')),
           (SELECT count(*) FROM ir_attachment WHERE res_model IN ('helpdesk_lite.ticket', 'crm.lead'))
"""


def test_tickets_and_opportunities_stay_whole(odoo_server):
    # without scheduled actions, because modules cannot be removed while one runs
    server = odoo_server("--max-cron-threads", "0")
    admin = Rpc(server)
    admin("helpdesk_lite.team", "create", {"name": "Care"})
    ticket = admin(TICKET, "create", {"name": "Forty lamps", "partner_email": "zoe@quill.example", "description": "Forty."})
    zoe = admin("res.partner", "create", {"name": "Zoe Quill", "email": "zoe@quill.example"})
    admin(
        TICKET,
        "message_post",
        ticket,
        body="How much?",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
        partner_ids=[zoe],
    )
    admin("ir.attachment", "create", {"name": "plan.txt", "raw": "the plan", "res_model": TICKET, "res_id": ticket})
    wizard = admin("helpdesk_lite_crm.convert", "create", {"ticket_ids": [(6, 0, [ticket])], "partner_action": "none"})
    admin("helpdesk_lite_crm.convert", "action_convert", wizard)
    lead = admin.read(TICKET, ticket, "converted_lead_id")[0]
    facts = ["name", "description", "active", "message_ids"]
    before = admin.read(TICKET, ticket, *facts), admin.read(LEAD, lead, *facts)
    counted = server.query(COUNTS)

    module = admin("ir.module.module", "search", [("name", "=", "helpdesk_lite_crm")])
    web = WebClient(server, "admin")
    web("/web/dataset/call_kw", model="ir.module.module", method="button_immediate_uninstall", args=[module], kwargs={})

    assert server.query("SELECT state FROM ir_module_module WHERE name IN ('helpdesk_lite', 'crm')") == [["installed"]] * 2
    assert not server.query(
        "SELECT 1 FROM information_schema.columns WHERE table_name IN ('crm_lead', 'helpdesk_lite_ticket')"
        " AND column_name IN ('ticket_id', 'converted_ticket_id', 'converted_lead_id')"
    )
    assert server.query(COUNTS) == counted
    assert (admin.read(TICKET, ticket, *facts), admin.read(LEAD, lead, *facts)) == before
    web("/web/dataset/call_kw", model=TICKET, method="action_unarchive", args=[[ticket]], kwargs={})
    assert admin.read(TICKET, ticket, "active") is True
