"""The queue of an agent: who waits for whom, what is new to them, what is put aside until later, and what comes next.

Since when a customer waits is a column that the room ``time`` keeps. What is new is each user's own: ``look.py`` holds up to
which message somebody has looked at a ticket, ``ticket_news.py`` compares. ``ticket_snooze.py`` puts tickets aside for
everybody, which is no stage: the clocks go on. Who may read or change a ticket is not decided here.
"""

from . import look
from . import ticket_news, ticket_snooze
from . import res_users
