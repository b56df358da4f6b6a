"""Messages that are another request go to a ticket of their own, and come back when that is undone.

A split is the opposite of a merge, so it moves rows with the same tools and keeps the same journal, in which its entries are of
a kind of their own. Who may do it, and what stands in the way, is decided in ``service.py``. The new ticket is in the same team
and has the same customer, so its messages are read by nobody else but its assignee.
"""

from . import service, actions
