import logging
from contextlib import contextmanager

from odoo.modules import module
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

_logger = logging.getLogger(__name__)

# whether the connections to a database come from a pooler, by the name of the database; the same for the whole process
_pooled = {}


@contextmanager
def short_cursor(env, *, alone=False):
    """Run a separate, short transaction that locks, reads and writes, and ends before the request continues.

    A request reads a snapshot from before it waits for a lock. This transaction reads what others
    have committed while it waited. Its writes stay even if the request is rolled back.

    :param odoo.api.Environment env: environment of the database
    :param bool alone: True where the request usually has written nothing so far. A pooler then gets back the request's own
        connection first, so that requests that wait for a second one do not hold what the others wait for
    :return: context manager of a cursor
    :raise PoolError: when Odoo may open no more connections
    :raise psycopg2.OperationalError: when PostgreSQL gives no connection
    """
    if not is_separate(env):
        # while modules are installed, their tables are locked for other transactions;
        # the changes of a test must be rolled back with it
        yield env.cr
        return
    if alone and is_pooled(env):
        _give_back(env)
    with env.registry.cursor() as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        yield cr


def is_pooled(env):
    """Whether the connections to the database come from a pooler such as PgBouncer, of which there may be few.

    A pooler gives its clients process numbers of its own. Those of PostgreSQL itself are true.

    :param odoo.api.Environment env: environment of the database
    :return: bool
    """
    if not is_separate(env):
        return False
    name = env.cr.dbname
    if name not in _pooled:
        env.cr.execute("SELECT pg_backend_pid()")
        _pooled[name] = env.cr.fetchone()[0] != env.cr.connection.get_backend_pid()
        if _pooled[name]:
            _logger.info("Connections to %s come from a pooler: tickets are assigned in their own transactions", name)
    return _pooled[name]


def is_separate(env):
    """Whether there can be transactions beside that of the request: not in tests, nor while modules are installed.

    :param odoo.api.Environment env: environment of the database
    :return: bool
    """
    return env.registry.ready and not module.current_test


def _give_back(env):
    """End the request's transaction, whose connection goes back to the pooler, if it has only read so far."""
    env.flush_all()
    if env.cr.precommit or env.cr.postcommit:
        return
    env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
    if env.cr.fetchone()[0]:
        # nothing was written, so nothing of the request can be lost or stored too early
        env.cr.commit()
