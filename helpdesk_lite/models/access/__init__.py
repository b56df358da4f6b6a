"""Who can see what, and why: fast record rules, visibility and invitations, access links and link signatures.

``security/rules.xml`` decides who has access. This package evaluates and explains it, and applies it to rows of
Odoo that belong to tickets: messages, notifications, followers, activities, aliases and files.
It is loaded last, so that it wraps everything else when a customer reads a field or posts a message.
"""

from . import team_visibility, ticket_links
from . import ticket_rules, stage_rules
from . import ticket_access_link, ir_attachment, ir_binary
from . import ticket_protected_fields, ticket_portal_fields, ticket_customer_post
from . import res_company, ticket_readers
from . import mail_activity, mail_alias, mail_compose_message, mail_followers, mail_message, mail_notification
from . import mail_scheduled_message, record_names
from . import ir_rule
from . import reasons
