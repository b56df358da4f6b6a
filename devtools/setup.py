"""Prepares everything that an Odoo process needs: Odoo, Python packages, PostgreSQL, configuration.

``Setup.ready()`` prepares it. Programs that ``./dev`` starts read the result from their
environment with ``Setup.from_environment()``.
"""

import json
import os
from pathlib import Path

from . import odoo_source, packages, postgres, project
from .state import ROOT, cache, digest, local, write_whole
from .terminal import DevError

VARIABLE = "HELPDESK_LITE_DEV"
QUICK_LOGINS = "HELPDESK_LITE_QUICK_LOGINS"  # read by launch/odoo


class Setup:
    def __init__(self, odoo, venv, server, data_dir, config):
        self.odoo = odoo
        self.venv = venv
        self.server = server
        self.data_dir = data_dir
        self.python = venv / "bin/python"
        self.config = config

    @classmethod
    def ready(cls):
        odoo = odoo_source.locate()
        venv = packages.environment()
        server = postgres.start(venv)
        # the files of a database belong to its server
        place = (
            "data"
            if isinstance(server, postgres.Embedded)
            else "data-" + digest(*(server.variables.get(name, "") for name in ("PGHOST", "PGPORT")))
        )
        data_dir = cache() / place
        data_dir.mkdir(parents=True, exist_ok=True)
        return cls(odoo, venv, server, data_dir, write_config(odoo, data_dir))

    @classmethod
    def from_environment(cls):
        try:
            facts = json.loads(os.environ[VARIABLE])
        except KeyError:
            raise DevError("this needs a running set-up: start it with ./dev test") from None
        return cls(
            odoo_source.Odoo(Path(facts["odoo"]), tuple(map(Path, facts["addons"])), facts["identity"]),
            Path(facts["venv"]),
            postgres.Postgres(Path(facts["binaries"]), facts["postgres"]),
            Path(facts["data_dir"]),
            Path(facts["config"]),
        )

    def environment(self):
        """The environment of every process that runs Odoo or connects to its database.

        Python keeps what it compiled: else each of the hundred Odoos of a test run compiles Odoo again, for two seconds. It
        is kept in this checkout's folder, because nothing is written into an Odoo of ``ODOO_HOME`` or among the addons.
        """
        return (
            postgres.clean_environment()
            | self.server.variables
            | {
                "PYTHONPATH": os.pathsep.join(map(str, (self.odoo.home, ROOT))),
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": str(local() / "compiled"),
                "PYTHONUNBUFFERED": "1",
                # PostgreSQL's own programs: createdb copies the database for each of several test processes
                "PATH": os.pathsep.join(
                    map(str, (self.venv / "bin", self.server.binaries, os.environ.get("PATH", os.defpath)))
                ),
                "ODOO_RC": str(self.config),
                VARIABLE: json.dumps(
                    {
                        "odoo": str(self.odoo.home),
                        "addons": list(map(str, self.odoo.addons)),
                        "identity": self.odoo.identity,
                        "venv": str(self.venv),
                        "binaries": str(self.server.binaries),
                        "postgres": self.server.variables,
                        "data_dir": str(self.data_dir),
                        "config": str(self.config),
                    }
                ),
            }
        )

    def odoo_command(self, *arguments):
        """The command line that runs Odoo.

        By a file and not as a module (``-m odoo``): with workers, Odoo starts a second process for websockets by the path
        of its program. A module's path cannot be started, so that process would end and be started again for ever. The
        file is in a folder of its own, which Python puts before all others in its search path.
        """
        return [self.python, ROOT / "devtools/launch/odoo", *arguments]


def write_config(odoo, data_dir):
    """Write Odoo's configuration. The connection to PostgreSQL, with the password, is in the environment only.

    The file is named by its content, because another ./dev process in this checkout may use another Odoo.
    """
    folders = list(odoo.addons) + ([ROOT] if project.addons() else [])
    options = {
        "addons_path": ",".join(map(str, folders)),
        "data_dir": data_dir,
        "http_interface": "127.0.0.1",
        "list_db": False,
        "proxy_mode": False,
        "workers": 0,
        "limit_time_cpu": 1200,
        "limit_time_real": 1200,
        "screenshots": local() / "screenshots",
    }
    text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
    path = local() / f"odoo-{digest(text)}.conf"
    if not path.exists():
        write_whole(path, text)
    return path
