"""Incoming and outgoing mail: routing, authors, recipients, references, acknowledgements and languages.

The hooks of the mail gateway come first. Posting is loaded after the files whose methods it calls (recipients,
references), and the acknowledgement after the stage mail that it sends.
"""

from . import mail_thread, mail_thread_reading
from . import ticket_language
from . import ticket_reference, ticket_recipients
from . import ticket_reading_note, ticket_incoming, ticket_posting
from . import ticket_stage_mail, ticket_failed_template, ticket_acknowledgement
