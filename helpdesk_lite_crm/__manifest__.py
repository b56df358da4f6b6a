{
    "name": "Helpdesk Lite: CRM",
    "version": "19.0.1.1.0",
    "category": "Services/Helpdesk",
    "summary": "Convert tickets to opportunities or leads, exactly once, and take it back",
    "author": "Helpdesk Lite contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_lite", "crm"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "report/opportunity_report_views.xml",
        "wizard/convert_views.xml",
        "wizard/convert_lead_views.xml",
        "views/ticket_views.xml",
        "views/crm_lead_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["helpdesk_lite_crm/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
