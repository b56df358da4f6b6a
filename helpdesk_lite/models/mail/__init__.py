"""Incoming and outgoing mail: routing, senders, robots, recipients, references, acknowledgements and languages.

The hooks of the mail gateway come first, and the addresses by which it finds teams. Posting is loaded after the files whose
methods it calls (recipients, references), and the acknowledgement after the stage mail that it sends.
"""

from . import mail_thread_reading, mail_routing, mail_alias_domain
from . import team_addresses, team_mail
from . import ticket_language
from . import ticket_reference, ticket_recipients
from . import ticket_sender, ticket_loop, ticket_automatic, ticket_unsent
from . import ticket_reading_note, ticket_incoming, ticket_posting
from . import ticket_tracking
from . import ticket_stage_mail, ticket_failed_template, ticket_acknowledgement, mail_template, mail_mail
