"""Importing: what a company brings when it moves in from another helpdesk, with Odoo's own import screen.

The screen offers the number and the dates to administrators, and reads dates, line ends and column titles of other
programs. Rows are read together, in a number of statements that does not grow with them: teams, stages, assignees, tags
and customers by name or address. All mistakes are listed with their rows before the first ticket is created.

An import tells nobody of its tickets and assigns none. What is unknown stays empty. A test draws no numbers.
"""

from . import run
from . import base_import
from . import customers, names
from . import ticket_rows
from . import ticket_import
