"""The tickets, their teams and stages here; what cuts across them has a room of its own.

The order is part of the behaviour: a class that is loaded later wraps what an earlier one does in the same
method. First what the models inherit, then the models with the files about one of them, then the rooms:
assignment chooses before a ticket is subscribed to, mail decides what a message is, and access looks at all
of it from outside. ``tests/test_class_order.py`` holds the chains.
"""

from . import guards
from . import short_cursor, form_visit, res_company, res_partner
from . import stage, tag
from . import team, team_dashboard, team_follow_all
from . import ticket, ticket_hours, ticket_number, ticket_subscriptions, ticket_portal, ticket_views
from . import assignment
from . import mail
from . import access
