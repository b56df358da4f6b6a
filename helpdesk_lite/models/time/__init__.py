"""What happened to a ticket and when: the event log, and who waits for whom since when.

Each creation, message, change of stage, team, assignee or priority, closing, reopening and merge is one row that is never
changed (``event.py``). ``ticket_events.py`` writes the rows by sets and keeps the columns of the ticket that follow from them,
``ticket_event_sources.py`` says what is an event. Who wrote a message is decided in the room ``mail``.

The sources wrap ``write`` inside of the other rooms, so that each write logs what it changed itself.
"""

from . import event
from . import ticket_events
from . import ticket_event_sources, stage_events, ticket_channel
