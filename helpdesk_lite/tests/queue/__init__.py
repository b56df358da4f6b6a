from . import test_news, test_queue_tours, test_snooze
