# Odoo finds tests by the names in this package that begin with test_, and does not look into the
# rooms: so each of their modules is imported here, and its name is given once in the addon.
from . import test_class_order, test_conformance, test_probe
from .duplicates import test_duplicates_tours, test_rule, test_similarity
from .merge import test_bad_input, test_contract, test_doors, test_guards, test_leaks, test_links, test_merge
from .merge import test_merge_tours, test_random, test_thread
