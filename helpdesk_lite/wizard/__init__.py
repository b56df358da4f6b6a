from . import access, leaving, reassign
