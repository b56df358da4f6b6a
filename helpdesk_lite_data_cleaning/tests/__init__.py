from . import test_conformance, test_merge, test_merged_thread
from . import test_similarity
from . import test_merge_rule
