from . import ir_rule, mail_message
from . import ticket, ticket_answers, ticket_convert, ticket_documents, ticket_views
from . import crm_lead, crm_lead_convert, crm_lead_search
