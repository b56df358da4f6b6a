from . import test_closing, test_after_closing
