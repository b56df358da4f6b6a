from . import test_duplicates_tours, test_rule, test_similarity
