"""Mixins that limit what a request may read, search, link to and write to the rights of its author.

They check domains, evaluate record rules in a fast form, protect fields that only the server writes and refuse
links to hidden records, in our models and in Odoo's tables that point at tickets and teams. Nothing here
depends on the model of tickets.
"""

from . import search_mixin, rules_mixin  # the rules mixin inherits the search mixin
from . import protected_mixin, links_mixin  # the links mixin inherits the protected fields
from . import thread_mixin
from . import attached_mixin, onchange_mixin
