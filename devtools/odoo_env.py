"""For scripts that ``./dev bench`` runs: an ``env`` as in ``odoo shell``.

::

    from devtools.odoo_env import odoo_env

    with odoo_env() as env:
        env["helpdesk_lite.ticket"].create({...})
        env.cr.commit()
"""

import os
from contextlib import contextmanager


@contextmanager
def odoo_env(database=None):
    """Open a superuser environment on ``database``, by default the one for this script; rolled back at the end."""
    import odoo.cli  # noqa: F401  what Odoo patches at its start
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    name = database or os.environ["HELPDESK_LITE_DATABASE"]
    config.parse_config(["-d", name, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env
        cr.rollback()
