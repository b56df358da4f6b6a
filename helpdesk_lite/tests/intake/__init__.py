from . import test_incoming_states
