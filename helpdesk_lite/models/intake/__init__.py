"""Incoming mail: kept before it is read, processed exactly once, and never answered with an error of ours.

The room decides what happens to a mail that enters by ``mail.thread.message_process``: it is stored first, recognised
when it comes again, processed in a transaction of its own, tried again after an error, and deleted when its time is over.
What a mail says and where it goes is decided by the room ``mail``, whose hooks are loaded before and run within.
"""

from . import not_kept, raw_binary, delivery, ir_attachment
from . import mail_block, mail
from . import mail_keep, mail_process, mail_again, mail_retention
from . import mail_routes, mail_thread, mail_alias, mail_alias_domain, ticket_made
from . import mail_preview, mail_actions, mail_senders, mail_alarm, res_config_settings  # what administrators see and do
from . import mail_uid, gateway

# is told what the files above did with a fetched mail, so it wraps them
from . import fetchmail_server
