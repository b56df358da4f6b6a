"""Time limits in seconds, for all commands and all tests.

Every wait is for an event (an answer, a line, the end of a process) and ends with it. A limit is reached
only when something is broken, so generous limits cost nothing, and a busy machine does not fail a test.
"""

PATIENCE = 600  # for what must come: a server's answer, a page, a mail, the end of a command; then it is a failure
FAREWELL = 60  # for what may not come: a program that was asked to end is killed then, a server elsewhere is down
MOMENT = 5  # for what happens by itself at once, or not at all
