"""Who is on a ticket now, what arrives while they are, and that no answer crosses a message that its author has not seen.

``presence.py`` holds who is here, ``ticket_presence.py`` hears of it and tells agents, ``ir_websocket.py`` decides who may
listen. ``ticket_crossing.py`` stops an answer, ``ticket_held.py`` keeps one whose author cannot be asked at once, and
``draft.py`` what is not sent yet. The room is loaded after those that post, so that nothing has happened when it stops a
message. Whom a message reaches is decided in the room *mail*.
"""

from . import presence, draft, held_reply
from . import ticket_presence, ticket_draft, ir_websocket
from . import mail_message, ticket_crossing, ticket_held
from . import mail_compose_message, mail_scheduled_message
