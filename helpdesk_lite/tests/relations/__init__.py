from . import test_relations
