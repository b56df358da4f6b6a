"""Texts that agents write once and use often, and what is done with a ticket in the same step.

``reply.py`` is the text with its actions, ``reply_text.py`` the text in another language, ``reply_placeholders.py`` what it may
contain and what that stands for, ``reply_actions.py`` what it does, ``reply_search.py`` which ones are offered on a ticket.
``ticket_staged.py`` carries out what an agent staged beside a message, with the agent's rights and in the transaction of the
message; ``mail_compose_message.py`` and ``mail_scheduled_message.py`` bring it there from Odoo's full composer. Whom a message
reaches is the affair of the room *mail*.
"""

from . import reply, reply_text, reply_placeholders, reply_actions, reply_search
from . import ticket_moves, ticket_staged, ticket_bulk_reply
from . import mail_compose_message, mail_scheduled_message
