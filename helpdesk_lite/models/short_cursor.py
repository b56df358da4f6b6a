from contextlib import contextmanager

from odoo.modules import module
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED


@contextmanager
def short_cursor(env):
    """Run a separate, short transaction that locks, reads and writes, and ends before the request continues.

    A request reads a snapshot from before it waits for a lock. This transaction reads what others
    have committed while it waited. Its writes stay even if the request is rolled back.

    :param odoo.api.Environment env: environment of the database
    :return: context manager of a cursor
    """
    if not env.registry.ready or module.current_test:
        # while modules are installed, their tables are locked for other transactions;
        # the changes of a test must be rolled back with it
        yield env.cr
        return
    with env.registry.cursor() as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        yield cr
