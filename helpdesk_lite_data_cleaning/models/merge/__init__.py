"""Tickets that are one request become one, or are joined: what moves, what stays, and how to undo it.

*Tickets of one customer in one team become one; any others are joined, and each keeps its own readers.* ``service.py``
is the merge; the table of states and moves is in ``ARCHITECTURE.rst``. Whether tickets are duplicates is decided in
the room ``duplicates``, or by an agent.

The order of the files is the loading order, and with it the order in which overrides run: the class
that is loaded last runs first. Within this room it is free, but for one thing: ``group_visibility``
comes before ``group`` and ``record``, which inherit from it. No method of a ticket is overridden in
two files. So the files stand in the order of their calls, and none calls a later one.

What matters is that the overrides run before those of the core, for instance that ``thread`` leads
an answer to the master before the core posts it. The dependency of the addon does that.
``tests/test_class_order.py`` holds all this.
"""

from . import group_visibility
from . import chain
from . import pointers
from . import repointer
from . import journal, journal_retention
from . import readers
from . import values
from . import events
from . import service
from . import merged
from . import thread
from . import closing
from . import timeline
from . import files
from . import group
from . import record
from . import actions
