# Odoo runs the modules that it finds here by name, and looks into no room: each room names its own
from .duplicates import *
from .merge import *
from .split import *
from . import test_class_order, test_conformance, test_form_statements, test_probe
