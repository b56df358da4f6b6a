from . import test_bad_input, test_contract, test_doors, test_guards, test_leaks, test_links, test_merge, test_merge_tours
from . import (
    test_desk_of_merged,
    test_event_moves,
    test_former_merges,
    test_journal_retention,
    test_mended,
    test_merge_promises,
    test_random,
    test_thread,
    test_verbs,
    test_worlds,
)
