"""Mail in and out: what comes in and where it goes, who wrote it, what the customer is told and in which language.

Answers are loaded after mail: who of ours really wrote a mail is found out before it is posted.
"""

from . import mail_thread
from . import ticket_language
from . import ticket_mail, ticket_answers
from . import ticket_stage_mail
