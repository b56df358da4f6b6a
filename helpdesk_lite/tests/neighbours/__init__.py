from . import test_addresses, test_shared_form
