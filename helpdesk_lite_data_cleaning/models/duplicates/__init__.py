"""Which tickets may be the same request: how similar two are, what a form suggests, and what rules find.

It proposes groups; merging them is the room ``merge``.

The order of the files is the loading order: ``rule`` declares the model that ``rule_run`` extends. No
method is overridden in two files, so otherwise they stand in the order of their calls.
"""

from . import vocabulary
from . import similarity
from . import suggestions
from . import rule_line
from . import rule
from . import rule_run
