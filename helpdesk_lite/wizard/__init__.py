from . import access, reassign
