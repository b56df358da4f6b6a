"""What employees who are not agents see: their own tickets first, and a short form to ask something.

It changes what is shown. What they may read and write is decided by the access rights and in ``access``.
"""

from . import ir_ui_menu, ticket_request
