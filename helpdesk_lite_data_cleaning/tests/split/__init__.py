from . import test_split
