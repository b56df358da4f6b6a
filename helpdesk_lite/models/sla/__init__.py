"""Service levels: what is promised to whom, until when, and what became of it.

A policy (``sla.py``) has targets (``sla_target.py``); ``sla_rules.py`` keeps both as plain data, with the versions that older
tickets keep. ``ticket_sla.py`` replays the event log of the room ``time`` by ``tools/sla_clock.py`` and stores one status for
each promise (``sla_status.py``). Everything that changes what the log says about a ticket comes by ``_log_events``.
"""

from . import sla, sla_target, sla_rules, sla_status
from . import ticket_sla
from . import sla_escalation
from . import sla_apply, sla_working_time  # when policies or working hours change
from . import ticket_countdown, ticket_sla_explanation, team_sla  # what people see
