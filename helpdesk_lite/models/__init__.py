"""Tickets, teams and stages; each capability that concerns several of them has a package (a "room") of its own.

The import order is part of the behaviour: a class that is loaded later wraps the earlier ones in each method
that they share. The mixins come first, then the models with the files about a single model, then the rooms.
Each chain of methods that follows from it, and the reason for its order, stands in ``tests/test_class_order.py``.
"""

from . import guards
from . import ir_module_module, short_cursor, working_time, form_visit, form_settings, res_company, res_partner
from . import stage, tag
from . import team, team_dashboard, team_follow_all, team_hours
from . import (
    ticket,
    ticket_bonds,
    ticket_classes,
    ticket_hours,
    ticket_number,
    ticket_properties,
    ticket_subscriptions,
    ticket_portal,
    ticket_views,
)
from . import time
from . import sla
from . import assignment
from . import mail
from . import leaving
from . import contacts
from . import pipeline
from . import finding
from . import relations
from . import closing
from . import queue
from . import ratings
from . import replies
from . import presence
from . import customer
from . import intake
from . import importing
from . import setup
from . import requests
from . import figures
from . import neighbours
from . import access
