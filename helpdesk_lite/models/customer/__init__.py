"""The customer at hand: what an agent sees of the customer beside a ticket, and of tickets beside a contact.

``ticket_customer_panel.py`` collects it in few statements, ``customer_documents.py`` lists what other apps have on the
customer, and ``res_partner.py`` says who a contact is and how satisfied they are. Everything is read with the rights of the
agent, and so is every number.
"""

from . import customer_documents, ticket_customer_panel
from . import res_partner
