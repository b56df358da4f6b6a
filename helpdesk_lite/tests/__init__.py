# Odoo runs the modules that it finds here by name, and looks into no room: each room names its own
from .access import *
from .assignment import *
from .contacts import *
from .finding import *
from .leaving import *
from .importing import *
from .intake import *
from .mail import *
from .time import *
from .sla import *
from .pipeline import *
from .queue import *
from .requests import *
from .neighbours import *
from .setup import *
from .closing import *
from .replies import *
from .ratings import *
from .figures import *
from . import test_class_order, test_conformance, test_form, test_hours, test_neutralize, test_numbers, test_portal
from . import test_portal_tours
from .presence import *
from .relations import *
from .customer import *
from . import (
    test_query_count,
    test_res_partner,
    test_screens,
    test_ticket,
    test_ticket_classes,
    test_tags,
    test_tooltips,
    test_tours,
    test_tours_spanish,
)
