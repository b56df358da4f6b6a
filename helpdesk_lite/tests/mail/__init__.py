from . import test_chatter, test_forged_mail, test_language, test_mail, test_reading, test_stage_mail, test_tracking
