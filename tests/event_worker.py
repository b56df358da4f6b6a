"""The processes of ``test_event_concurrency.py``, which write on the same tickets in transactions of their own.

The argument is a JSON object: the ids of the tickets, how many turns each process takes, and the kinds of the processes.
Messages are not tried again: one that fails ends its process. Changes are tried again as Odoo does for each request.
"""

import json
import multiprocessing
import os
import random
import sys

from devtools.odoo_env import odoo_env
from devtools.patience import PATIENCE
from devtools.terminal import die_with_parent


class Writer:
    """Somebody who writes on tickets, or changes them."""

    def __init__(self, env, kind, number, tickets):
        self.env, self.kind, self.number, self.turns = env, kind, number, 0
        self.tickets = tickets

    def user(self, login):
        return self.env["res.users"].search([("login", "=", login)]).id

    def turn(self, ticket_id):
        self.turns += 1
        getattr(self, self.kind)(ticket_id)

    def post(self, ticket_id, login, **values):
        ticket = self.env(user=self.user(login))["helpdesk_lite.ticket"].browse(ticket_id)
        ticket.message_post(**{"body": "Text", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", **values})
        self.env.cr.commit()

    def agent(self, ticket_id):
        self.post(ticket_id, f"agent{self.number}")

    def note(self, ticket_id):
        self.post(ticket_id, f"agent{self.number}", subtype_xmlid="mail.mt_note")

    def portal(self, ticket_id):
        self.post(ticket_id, "customer")

    def mail(self, ticket_id):
        ticket = self.env["helpdesk_lite.ticket"].browse(ticket_id)
        mail = (
            f"From: Zoe <zoe@quill.example>\r\nTo: {ticket.team_id.alias_name}@events.example\r\n"
            f"Subject: Re: [{ticket.number}] Lamp\r\nMessage-ID: <{os.getpid()}-{self.turns}@quill.example>\r\n\r\nStill dark."
        )
        # nothing read, so that the gateway begins with the newest data
        self.env.cr.rollback()
        self.env["mail.thread"].message_process(False, mail)
        self.env.cr.commit()

    def mover(self, ticket_id):
        from odoo.service.model import retrying

        user = self.user(f"agent{self.number}")

        def move():
            ticket = self.env(user=user)["helpdesk_lite.ticket"].browse(ticket_id)
            ticket.priority = "1" if ticket.priority == "0" else "0"

        retrying(move, self.env)
        self.env.cr.commit()


def work(kind, number, order, start):
    die_with_parent()
    with odoo_env() as env:
        writer = Writer(env, kind, number, order)
        env["res.users"].search([]).mapped("name")
        env.cr.commit()
        start.wait(PATIENCE)
        for ticket_id in random.Random(number).choices(order["tickets"], k=order["turns"]):
            writer.turn(ticket_id)


def main(order):
    with odoo_env():
        from odoo.sql_db import close_all
    # each process needs its own connections
    close_all()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(order["kinds"]))
    processes = [
        context.Process(target=work, args=(kind, number, order, start)) for number, kind in enumerate(order["kinds"], 1)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(json.dumps([process.exitcode for process in processes]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
