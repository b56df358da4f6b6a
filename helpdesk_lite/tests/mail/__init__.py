from . import test_language, test_mail, test_stage_mail
