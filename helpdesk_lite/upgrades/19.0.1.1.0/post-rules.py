"""Rules that changed since 19.0.1.0.0, for databases that have them already.

Stages were seen through teams of other companies, as a domain over teams was split into three conditions. And
what agents change is decided by the rule of all employees and the rights of their group: a rule of their own,
which repeated it, is gone.

They are replaced even where an administrator edited them, as they close a hole. What they said stands in the log.
"""

from odoo.addons.helpdesk_lite.upgrading import refresh


def migrate(cr, version):
    refresh(
        cr, "helpdesk_lite",
        "stage_rule_employee", "stage_rule_manager", "ticket_rule_employee", "ticket_rule_user",
    )
