"""Who gets a ticket: who could, who works when, whose turn it is, why, and who has how much to do.

The ledger of what was given to whom is locked for the length of one choice; the arithmetic is in
``tools/fair_share.py``. Ticket files come last, as they use what the team decides.
"""

from . import resource_calendar, tag_member
from . import assignment, assignment_ledger
from . import team_availability, team_assignment, team_explanation, team_workload
from . import ticket_assignment, ticket_assignee_notice, ticket_workload
