"""What the event log and the tickets say in figures: the overview and the reports.

A figure is defined once, in one of the files ``overview_*.py``: the same domain counts its tickets and opens them. What
happened is told by the room ``time``, what was promised by ``sla``; nothing here writes on a ticket but the hours that follow
from its log.
"""

from . import res_company
from . import ticket_counting  # which tickets count
from . import ticket_answers  # how long customers waited
from . import overview, overview_now, overview_trend, overview_speed, overview_satisfaction, overview_quality, overview_people
from . import overview_arrival
from . import report_mixin, sql_clock, ticket_report, stage_report, backlog
from . import res_config_settings
from . import digest, team_letter  # what is mailed
