"""Refresh the record rules that changed since 19.0.1.0.0 in existing databases.

Stages were visible through teams of other companies, because a domain on teams was split into three conditions.
The rule for agents, which repeated the rule for employees, is removed: the agents' access rights suffice.

The rules are replaced even if an administrator edited them, because they close a security hole. The log contains
their former domains.
"""

from odoo.addons.helpdesk_lite.upgrading import refresh


def migrate(cr, version):
    refresh(cr, "helpdesk_lite", "stage_rule_employee", "stage_rule_manager", "ticket_rule_employee", "ticket_rule_user")
