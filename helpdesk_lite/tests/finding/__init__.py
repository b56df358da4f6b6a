from . import test_finding
