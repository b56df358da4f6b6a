from . import test_contact_merge, test_verified_address
