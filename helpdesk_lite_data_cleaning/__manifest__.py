{
    "name": "Helpdesk Lite Data Cleaning",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "summary": "Find duplicate tickets, merge them without loss or leak, and undo it",
    "author": "Helpdesk Lite contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_lite", "data_recycle"],
    "data": [
        "security/ir.model.access.csv",
        "views/merge_rule_views.xml",
        "views/merge_group_views.xml",
        "views/ticket_views.xml",
        "views/menus.xml",
        "views/portal_templates.xml",
    ],
    "assets": {
        "web.assets_tests": ["helpdesk_lite_data_cleaning/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
