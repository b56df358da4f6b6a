"""The processes of ``test_assignment_concurrency.py``, which create tickets in transactions of their own.

The argument is a JSON list of pairs: a channel, and a dict of team to count. Odoo is loaded once, and then a
process for each pair is forked; all start together. They retry nothing: an error that a channel does not handle
ends its process. Each prints a JSON object at its end; the last line is the list of exit codes.
"""

import json
import multiprocessing
import os
import re
import sys
import time

from werkzeug.test import Client

from devtools.odoo_env import odoo_env
from devtools.patience import PATIENCE
from devtools.terminal import die_with_parent


class Channels:
    """Creates tickets through each channel."""

    def __init__(self, env, channel, team_id):
        self.env, self.channel = env, channel
        self.team = env["helpdesk_lite.team"].browse(team_id)
        self.label = f"{channel}-{os.getpid()}-{team_id}"
        self.number = 0
        self.client = None

    def make(self, count):
        """Create up to ``count`` tickets in one transaction or request, and return their number."""
        self.number += 1
        return getattr(self, self.channel)(count)

    def create(self, login, count=1):
        user = self.env["res.users"].search([("login", "=", login)])
        self.env["helpdesk_lite.ticket"].with_user(user).create(
            [{"name": f"{self.label} {self.number} {i}", "team_id": self.team.id} for i in range(count)]
        )
        self.env.cr.commit()
        return count

    def agent(self, _count):
        return self.create("agent1")

    def employee(self, _count):
        return self.create("employee")

    def batch(self, count):
        return self.create("agent1", min(count, 25))

    def importer(self, count):
        rows = [[f"{self.label} {self.number} {i}", self.team.name] for i in range(min(count, 10))]
        agent = self.env["res.users"].search([("login", "=", "agent1")])
        made = self.env["helpdesk_lite.ticket"].with_user(agent).load(["name", "team_id"], rows)
        assert made["ids"], made
        self.env.cr.commit()
        return len(rows)

    def mail(self, _count):
        mail = (
            f"From: Zoe <z{self.number}.{self.label}@quill.example>\r\nTo: {self.team.alias_name}@assign.example\r\n"
            f"Subject: Lamp\r\nMessage-ID: <{self.label}-{self.number}@quill.example>\r\n\r\nThe shade is broken."
        )
        assert self.env["mail.thread"].message_process(False, mail)
        self.env.cr.commit()
        return 1

    def form(self, _count):
        """Use the public form, like the browsers of many visitors."""
        if not self.client:
            from odoo import http

            self.client = Client(http.root)
            self.path = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
            self.env.cr.rollback()
        if self.number % 20 == 1:
            page = self.client.get(self.path).get_data(as_text=True)
            self.token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        n = self.number
        address = f"10.{n // 250}.{os.getpid() % 250}.{n % 250}"
        answer = self.client.post(
            self.path,
            environ_base={"REMOTE_ADDR": address},
            data={
                "csrf_token": self.token,
                "name": "Zoe",
                "email": f"z{n}.{self.label}@quill.example",
                "subject": "Lamp",
                "description": "The shade is broken.",
            },
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return 1

    def web(self, _count):
        """Use the web client, like an agent who saves a new form."""
        if not self.client:
            from odoo import http

            self.client = Client(http.root)
            self.call("/web/session/authenticate", db=self.env.cr.dbname, login="agent1", password="agent1")
        self.call(
            "/web/dataset/call_kw",
            model="helpdesk_lite.ticket",
            method="web_save",
            args=[[], {"name": self.label, "team_id": self.team.id, "user_id": False}],
            kwargs={"specification": {"user_id": {}}},
        )
        return 1

    def call(self, route, **params):
        answer = self.client.post(
            route, json={"jsonrpc": "2.0", "params": params}, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        ).get_json()
        assert "error" not in answer, answer["error"]

    def rolling_back(self, _count):
        """Create tickets like an agent, but roll back one of three transactions, and another one to a savepoint."""
        agent = self.env["res.users"].search([("login", "=", "agent1")])
        Ticket = self.env["helpdesk_lite.ticket"].with_user(agent)
        values = {"name": self.label, "team_id": self.team.id}
        Ticket.create([values, values])
        self.env.cr.rollback()
        savepoint = self.env.cr.savepoint()
        Ticket.create(values)
        savepoint.close(rollback=True)
        Ticket.create(values)
        self.env.cr.commit()
        return 1

    def killed(self, _count):
        """Die before the commit."""
        self.env["helpdesk_lite.ticket"].create([{"name": self.label, "team_id": self.team.id}] * 5)
        self.env.flush_all()
        os.kill(os.getpid(), 9)


def main(workers):
    with odoo_env() as env:
        from odoo.service.server import load_server_wide_modules
        from odoo.sql_db import close_all
        from odoo.tools import config

        config["dbfilter"] = f"^{re.escape(env.cr.dbname)}$"
        load_server_wide_modules()
    # each process needs its own connections
    close_all()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(workers))
    processes = [context.Process(target=work, args=(channel, counts, start)) for channel, counts in workers]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(json.dumps([process.exitcode for process in processes]))


def work(channel, counts, start):
    die_with_parent()
    with odoo_env() as env:
        teams = [Channels(env, channel, int(team)) for team in counts]
        env["res.users"].search([]).mapped("name")
        env.cr.commit()
        start.wait(PATIENCE)
        seconds = []
        for channels, count in zip(teams, counts.values(), strict=True):
            made = 0
            while made < count:
                begun = time.monotonic()
                new = channels.make(count - made)
                seconds += [(time.monotonic() - begun) / new]
                made += new
        print(json.dumps({"channel": channel, "median": sorted(seconds)[len(seconds) // 2], "slowest": max(seconds)}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
