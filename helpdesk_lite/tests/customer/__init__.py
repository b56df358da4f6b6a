from . import test_customer_panel, test_customer_tours
