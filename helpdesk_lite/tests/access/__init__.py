from . import test_access, test_access_oracle, test_doors, test_followers, test_links, test_notes, test_probe, test_rules
from . import test_record_names, test_single_guards, test_visibility_changes
