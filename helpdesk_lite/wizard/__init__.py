from . import access, leaving, reassign, team_archive
from . import intake
