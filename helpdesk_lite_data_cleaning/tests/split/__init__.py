from . import test_split, test_split_tours
