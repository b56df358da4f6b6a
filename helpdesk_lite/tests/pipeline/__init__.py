from . import test_types, test_stage_needs, test_reply_stages, test_close_dialog_tours
