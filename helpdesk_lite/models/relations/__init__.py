"""Which tickets have to do with each other: related ones, follow-ups, and the parts of a bigger one.

There is one concept: ``relation.py`` holds a row for each pair, whether an agent made it, or a message on a closed ticket.
``ticket_relations.py`` says what is shown of it, and what can be done with the parts of a ticket. A relation names a ticket to
nobody who cannot read it, and counts it for nobody else either.
"""

from . import relation, ticket_relations
