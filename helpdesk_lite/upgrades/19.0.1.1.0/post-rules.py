"""Stages were seen through teams of other companies, and a domain over teams was split into three.

Both rules are replaced even where an administrator edited them: they close a hole. What they said stands
in the log. Nothing else that is under ``noupdate`` changed since 19.0.1.0.0.
"""

from odoo.addons.helpdesk_lite.upgrading import refresh


def migrate(cr, version):
    refresh(cr, "helpdesk_lite", "stage_rule_employee", "stage_rule_manager")
