from . import test_gateway, test_incoming_states
