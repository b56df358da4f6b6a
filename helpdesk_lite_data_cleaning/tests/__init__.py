from . import test_conformance, test_merge, test_merge_bad_input, test_merge_contract, test_merge_leaks
from . import test_merge_random, test_merge_tours, test_merged_thread
