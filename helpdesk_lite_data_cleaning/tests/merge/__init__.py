from . import test_bad_input, test_contract, test_doors, test_leaks, test_links, test_merge, test_merge_tours, test_random
from . import test_thread
