"""Leaving and closing: what ends when people stop working on tickets, and when a team is archived.

``staff.py`` notices that somebody left, whichever way it happens. The files about teams and tickets end
memberships, following and assignments, in a constant number of statements. Nothing comes back by itself.

E-mails to an archived team bounce or go to another team, see ``team_archive.py``.
"""

from . import team_leaving, ticket_leaving
from . import staff
from . import res_users, res_groups, res_company
from . import team_archive, ticket_redirect, mail_alias
