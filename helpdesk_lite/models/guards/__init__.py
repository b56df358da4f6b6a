"""What our models inherit so that a request reads, searches, links and enters only what its author may.

Domains and record rules in a fast form, fields that only the server writes, links to what one may see; and
the same for Odoo's tables that point at tickets and teams. Nothing here knows a ticket.
"""

from . import search_mixin, rules_mixin     # rules search with guarded domains
from . import protected_mixin, links_mixin  # links look at what was stored past the protected fields
from . import thread_mixin
from . import pointer_mixin, form_mixin
