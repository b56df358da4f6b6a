from . import test_forged_mail, test_language, test_mail, test_reading, test_stage_mail, test_tracking
