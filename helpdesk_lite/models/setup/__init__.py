"""What a new helpdesk still needs, for its administrators: teams with members, and mail in both directions.

The checklist reads what is there and changes nothing. What a mail is and where it goes is decided in ``intake`` and ``mail``.
"""

from . import checklist, team_setup
