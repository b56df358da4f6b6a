from . import test_customer_panel
