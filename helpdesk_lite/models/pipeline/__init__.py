"""What a ticket is about, why it was closed, and what a stage does: types, close reasons and the rules of stages.

``ticket_needs.py`` refuses people who move a ticket to a stage that needs more, and tells what is missing on tickets that came
there otherwise. ``ticket_replies.py`` moves a ticket to the next stage when somebody writes.
"""

from . import type, close_reason
from . import stage_rules
from . import team_types, ticket_type, ticket_close_reason, ticket_needs, ticket_replies
