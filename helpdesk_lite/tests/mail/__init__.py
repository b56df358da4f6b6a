from . import test_forged_mail, test_language, test_mail, test_stage_mail
