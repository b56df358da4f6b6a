"""What an administrator is asked, or told, about incoming mail."""

from . import mail_result
from . import mail_selection  # what the following inherit from
from . import mail_block_sender, mail_discard, mail_place
