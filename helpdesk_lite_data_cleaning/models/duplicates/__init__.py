"""Which tickets may be the same request: how alike two are, what a form suggests, and what rules find.

It proposes groups, and never merges by itself: that is the room ``merge``.

The order is the loading order. A model is declared before it is extended: ``rule`` before ``rule_run``.
No method is overridden in two of these files.
"""

from . import vocabulary
from . import similarity
from . import suggestions
from . import rule
from . import rule_line
from . import rule_run
