"""Ids that clients send."""

# PostgreSQL refuses larger ones with an error
MOST = 2**31 - 1


def is_id(value):
    """Whether a value that a client sent can be the id of a record.

    >>> is_id(7), is_id(0), is_id(2**31), is_id(True), is_id("7"), is_id(None)
    (True, False, False, False, False, False)

    :param value: anything
    :return: bool
    """
    return type(value) is int and 0 < value <= MOST
