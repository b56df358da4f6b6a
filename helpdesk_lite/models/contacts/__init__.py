"""Contacts: whose an e-mail address is, and which tickets become a contact's because of it.

*An address that somebody typed about themselves opens nothing until it is verified.* ``res_partner.py`` has the rule, and
``res_users.py`` the proof. ``ticket_claims.py`` makes a contact the customer of the tickets that came from its address before
the contact existed, ``partner_merge.py`` keeps who follows what when contacts are merged.
"""

from . import ticket_claims
from . import res_partner, res_users, partner_merge
