from . import merge_rule
from . import merge_group
from . import merge_record
from . import ticket_similarity
from . import ticket_merge
