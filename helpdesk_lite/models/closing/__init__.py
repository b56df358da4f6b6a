"""When a ticket closes by itself, and what a message on a closed ticket does.

``team_closing.py`` has the rules of a team, ``ticket_closing.py`` the scheduled action that follows them, ``ticket_after.py``
what happens when the customer of a closed ticket writes. Since when nobody has written is a column of the event log.
"""

from . import team_closing, team_days, stage_closing
from . import ticket_closing, ticket_after
