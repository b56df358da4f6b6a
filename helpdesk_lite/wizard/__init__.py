from . import access, leaving, reassign, team_archive
