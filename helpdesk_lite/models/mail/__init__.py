"""Mail in and out: what comes in and where it goes, who wrote it, whom it reaches, and in which language.

The gateway's hooks come first; posting is loaded after what it asks (recipients, references), the acknowledgement
after the stage mail that it sends.
"""

from . import mail_thread
from . import ticket_language
from . import ticket_reference, ticket_recipients
from . import ticket_incoming, ticket_posting
from . import ticket_stage_mail, ticket_failed_template, ticket_acknowledgement
