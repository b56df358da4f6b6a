# Odoo's loader runs the modules it finds here by name, and looks into no room
from .access import (
    test_access, test_access_oracle, test_doors, test_followers, test_links, test_notes, test_probe, test_rules,
    test_single_guards, test_visibility_changes,
)
from .assignment import test_assignment, test_assignment_property, test_assignment_tours
from .mail import test_forged_mail, test_language, test_mail, test_stage_mail
from . import test_class_order, test_conformance, test_form, test_numbers, test_portal, test_portal_tours, test_query_count
from . import test_res_partner, test_ticket, test_tooltips, test_tours, test_tours_spanish
