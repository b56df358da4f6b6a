from . import pipeline, access, leaving, reassign, sla_preview, team_archive
from . import intake, queue, relations, replies
