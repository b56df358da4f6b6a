"""What queries of one request may share.

Which teams somebody sees and which tickets they follow is asked anew for each query, because the ORM cannot know whether
it has changed in between. A kanban is one request with a query for each column.
"""

from contextlib import contextmanager

HELD = "helpdesk_lite.guards.held_answers"


@contextmanager
def held_answers(env):
    """Let the queries inside share the answers; for code that only reads, as Odoo's ``@api.readonly`` methods.

    They are kept nowhere else, and not a moment longer.

    :param env: the environment of the request
    """
    cache = env.cr.cache
    if HELD in cache:
        yield
        return
    # what waits to be written is part of the answers
    env.flush_all()
    cache[HELD] = []
    try:
        yield
    finally:
        cache.pop(HELD, None)


def answer_of(env, question, ask):
    """The answer to a question, asked once by everything inside :func:`held_answers`, and each time by everything else.

    Answers of other environments (users, companies, languages) are never returned.

    :param env: the environment that asks
    :param tuple question: is compared by value; domains can be
    :param ask: function without arguments
    :return: what ``ask`` returns
    """
    held = env.cr.cache.get(HELD)
    if held is None:
        return ask()
    for asking, asked, answer in held:
        if asking is env and asked == question:
            return answer
    answer = ask()
    held.append((env, question, answer))
    return answer
