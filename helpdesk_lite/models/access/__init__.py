"""Who sees what, and why: the record rules at speed, visibility and invitations, access links and file signatures.

What is granted stands in ``security/rules.xml``; here it is asked, explained, and kept for the rows of Odoo that
hang on tickets: messages, notifications, followers, activities, aliases, files.
Loaded last, so that what customers may read or trigger is decided outside of everything else.
"""

from . import team_visibility
from . import ticket_rules, stage_rules
from . import ticket_access_link, ir_attachment, ir_binary
from . import ticket_protected_fields, ticket_portal_fields
from . import mail_activity, mail_alias, mail_compose_message, mail_followers, mail_message, mail_notification
from . import ir_rule
from . import reasons
