from . import test_closing, test_closing_edges, test_after_closing
