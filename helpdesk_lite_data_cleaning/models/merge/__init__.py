"""Tickets that are one request become one: what moves, who sees it afterwards, and how to take it back.

Which tickets are duplicates is decided in the room ``duplicates``, or by an agent.

The order below is the loading order, and with it the order in which overrides run: the class that
is loaded last runs first. ``tests/test_class_order.py`` holds it.

* ``origin`` comes before ``mail_notification``, which asks it what a merge hides.
* ``group_visibility`` comes before ``group`` and ``record``, which inherit from it.
* No method of a ticket is overridden in two of these files, so their order among each other is free;
  it follows the calls, from what is called to what calls it. Each override runs before the core's:
  an answer reaches the master (``thread``) before the core posts it.
"""

from . import chain
from . import pointers
from . import visibility
from . import origin
from . import mail_notification
from . import activity_state
from . import repointer
from . import journal
from . import merged
from . import values
from . import notes
from . import merging
from . import undo
from . import thread
from . import group_visibility
from . import group
from . import record
from . import selection
