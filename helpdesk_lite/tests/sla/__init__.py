from . import test_sla, test_sla_tours, test_sla_worlds
