from . import pipeline, access, leaving, reassign, team_archive
from . import intake, replies
