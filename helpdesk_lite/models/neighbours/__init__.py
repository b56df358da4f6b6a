"""What is different where another helpdesk is installed in the same database: whose an address is, and what our app is called.

Names and addresses are our own everywhere else, and those from before lead to the new ones wherever nobody else has them.
"""

from . import ir_http, ir_ui_menu
