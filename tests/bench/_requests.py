"""Requests of customers and agents, for ``throughput.py``: all that Odoo does for one, without a network."""

import json
import re
import time
from pathlib import Path

from werkzeug.test import Client

WARM_UP = 3
LISTED = {
    "name": {},
    "stage_id": {"fields": {"display_name": {}}},
    "partner_id": {"fields": {"display_name": {}}},
    "priority": {},
}


class Requests:
    """The requests of one process.

    :param env: environment of the database
    :param int process: its number, which tells which of the tickets it writes on
    """

    def __init__(self, env, process):
        from odoo import http
        from odoo.service.server import load_server_wide_modules
        from odoo.tools import config

        config["dbfilter"] = f"^{re.escape(env.cr.dbname)}$"
        load_server_wide_modules()
        self.database, self.process = env.cr.dbname, process
        self.client = Client(http.root)
        self.targets = {
            model: env[model].search([("name", "=", "Bench")], order="id").ids[process]
            for model in ("helpdesk_lite.ticket", "project.task")
        }
        teams = env["helpdesk_lite.team"].search([("alias_name", "in", ("care", "turns"))])
        self.forms = {team.alias_name: f"/helpdesk/{env['ir.http']._slug(team)}" for team in teams}
        env.cr.rollback()

    def call(self, route, **params):
        answer = self.client.post(
            route, json={"jsonrpc": "2.0", "params": params}, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        ).get_json()
        assert "error" not in answer, answer["error"]

    def log_in(self, login):
        self.call("/web/session/authenticate", db=self.database, login=login, password=login)

    def answer(self, model, number):
        """A customer answers in the portal."""
        values = {"body": f"Still dark {number}", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self.call("/mail/message/post", thread_model=model, thread_id=self.targets[model], post_data=values)

    def list(self, model, _number):
        """An agent reads a list of 80."""
        options = {"domain": [], "specification": LISTED, "limit": 80, "count_limit": 10001}
        self.call("/web/dataset/call_kw", model=model, method="web_search_read", args=[], kwargs=options)

    def post(self, alias, number):
        """A visitor sends the public form of a team, as one of many at different addresses, which are limited."""
        form = self.forms[alias]
        here = {"REMOTE_ADDR": f"81.{self.process}.{(number + WARM_UP) // 250}.{(number + WARM_UP) % 250}"}
        page = self.client.get(form, environ_base=here).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        values = {"name": "Zoe", "email": f"z{number}.{self.process}.{time.time()}@quill.example", "subject": "Lamp"}
        answer = self.client.post(
            form, environ_base=here, data={**values, "description": "The shade is broken.", "csrf_token": token}
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)


def measure(env, kind, target, login, process, count, result):
    """Make requests one after the other, and write the seconds of begin and end to a file.

    :param str kind: the name of a method of :class:`Requests`
    :param str target: the model, or the alias of the team
    :param login: login of the user, whose password is the same, or None for a visitor
    """
    requests = Requests(env, process)
    if login:
        requests.log_in(login)
    for number in range(-WARM_UP, count):
        if not number:
            begin = time.monotonic()
        getattr(requests, kind)(target, number)
    Path(result).write_text(json.dumps([begin, time.monotonic()]))
