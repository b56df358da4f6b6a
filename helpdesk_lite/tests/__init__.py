from . import test_access, test_conformance, test_followers, test_mail, test_query_count, test_ticket
from . import test_form, test_portal, test_portal_tours
from . import test_res_partner, test_rules, test_tours
