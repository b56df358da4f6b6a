from . import test_gateway, test_incoming_mail, test_incoming_mail_access, test_incoming_mail_tours, test_incoming_states
from . import test_mail_alarm, test_mail_statements
