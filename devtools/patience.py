"""How long we wait, in seconds: for all commands and all tests in one place.

Every wait is for something that can be seen (an answer, a line, the end of a process), and goes on
as soon as it is there. A limit is reached only where something is broken, so it costs nothing to be
generous: a machine that runs ten things at once must not fail a test.
"""

PATIENCE = 600   # for what must come: a server's answer, a page, a mail, the end of a command; then it is a failure
FAREWELL = 60    # for what may not come: a program that was asked to end is killed then, a server elsewhere is down
MOMENT = 5       # for what happens by itself at once, or not at all
