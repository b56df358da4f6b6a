from contextlib import contextmanager

from odoo.modules import module
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED


@contextmanager
def short_cursor(env):
    """A transaction of its own that locks, looks and writes, and ends before anything else goes on.

    Requests run on a snapshot that was taken before they waited for a lock. Here, who waited for the
    lock reads what the other one wrote. What is written stays, whatever becomes of the request.

    :param odoo.api.Environment env: gives the database
    :return: context manager of a cursor
    """
    if not env.registry.ready or module.current_test:
        # while modules are installed, their tables are locked for everybody else;
        # and what a test does must be gone after it
        yield env.cr
        return
    with env.registry.cursor() as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        yield cr
