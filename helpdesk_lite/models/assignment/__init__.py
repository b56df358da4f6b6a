"""Automatic assignment: candidates, availability, turns, explanations and the workload.

The ledger of assignments is locked while a choice is made; the arithmetic is in
``tools/fair_share.py``. The files about tickets are loaded last, because they use the team's decisions.
"""

from . import resource_calendar, tag_member
from . import assignment, assignment_retention, assignment_ledger
from . import team_availability, team_assignment, team_explanation, team_workload
from . import ticket_assignment, ticket_assignee_notice, ticket_workload
