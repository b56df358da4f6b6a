from . import test_replies, test_staged, test_bulk_reply, test_reply_tours
