from . import test_access, test_access_oracle, test_assignment, test_conformance, test_doors, test_followers, test_language
from . import test_mail
from . import test_assignment_property, test_assignment_tours, test_query_count, test_ticket, test_visibility_changes
from . import test_form, test_links, test_notes, test_numbers, test_portal, test_portal_tours, test_stage_mail
from . import test_res_partner, test_rules, test_tooltips, test_tours, test_tours_spanish
from . import test_probe
