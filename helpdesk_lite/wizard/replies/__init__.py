"""The dialog that answers several tickets at once."""

from . import bulk_reply
