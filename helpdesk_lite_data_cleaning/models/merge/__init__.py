"""Tickets that are one request become one: what moves, who sees it afterwards, and how to undo it.

Whether tickets are duplicates is decided in the room ``duplicates``, or by an agent.

The order of the files is the loading order, and with it the order in which overrides run: the class
that is loaded last runs first. Within this room it is free, but for one thing: ``group_visibility``
comes before ``group`` and ``record``, which inherit from it. No method of a ticket is overridden in
two files. So the files stand in the order of their calls, and none calls a later one.

What matters is that the overrides run before those of the core, for instance that ``thread`` leads
an answer to the master before the core posts it. The dependency of the addon does that for tickets.
For messages, activities and attachments, ``origin`` does it by the order of its bases.
``tests/test_class_order.py`` holds all this.
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
