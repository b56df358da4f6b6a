"""How a ticket is found by what somebody remembers of it: its number, its title, its customer, or words of its texts.

``ticket_finding.py`` says what the search box looks at, ``number_finding.py`` reads numbers as people type them, and
``mail_message.py`` makes words of messages fast to find. Who finds what is not decided here: a search returns tickets that its
author can read, and looks into messages that they can read.
"""

from . import mail_message, number_finding, ticket_finding
