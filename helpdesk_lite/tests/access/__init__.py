from . import (
    test_access,
    test_access_oracle,
    test_doors,
    test_ended_links,
    test_followers,
    test_held_answers,
    test_links,
    test_notes,
)
from . import test_notified, test_probe, test_record_names, test_rules
from . import test_single_guards, test_visibility_changes
