from . import test_conformance, test_merge, test_merge_contract, test_merge_leaks, test_merge_random, test_merged_thread
from . import test_duplicates_tours, test_merge_rule, test_similarity
