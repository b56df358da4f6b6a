from . import test_conformance, test_doors, test_duplicates_tours, test_merge, test_merge_bad_input, test_merge_contract
from . import test_merge_guards, test_merge_leaks, test_merge_links, test_merge_random, test_merge_rule, test_merge_tours
from . import test_merged_thread, test_probe, test_similarity
