class NotKept(Exception):
    """An incoming mail could not be stored, so that its server must keep it: disk full, database gone.

    Whoever delivers a mail sees this exception or an acknowledgement, never both.
    """
