"""People who leave: when somebody stops working on tickets, and what ends then.

``staff.py`` notices it, whichever way it happens. The files about teams and tickets end memberships, following
and assignments, in a constant number of statements. Nothing comes back by itself.
"""

from . import team_leaving, ticket_leaving
from . import staff
from . import res_users, res_groups, res_company
