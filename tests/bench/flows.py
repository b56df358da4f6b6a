"""The effort to follow a flow in the code: calls of our methods, distinct methods, files and changes of file.

    ./dev bench flows [--json] [--trace FLOW]

It counts calls of functions in files of our addons, in their order; lambdas and comprehensions belong to the
enclosing function. ``_has_field_access``, which the ORM calls for each field, is left out. ``--trace`` prints
the calls of one flow.
"""

import argparse
import itertools
import json
import sys
from contextlib import contextmanager
from pathlib import Path

from devtools.odoo_env import odoo_env
from devtools.state import ROOT

TICKET = "helpdesk_lite.ticket"
NO_STEPS = {"_has_field_access", "_is_protected"}
MAIL = """From: Zoe Quill <zoe@quill.example>
To: bench@bench.example
Subject: {subject}
Message-ID: <{id}@quill.example>
{headers}Content-Type: text/plain; charset=utf-8

The lamp is broken.
"""


class Trace:
    """Records the calls of our functions while it is active."""

    def __init__(self):
        self.calls = []
        self.statements = 0

    @contextmanager
    def on(self, cr):
        def profile(frame, event, _argument):
            code = frame.f_code
            if event == "call" and not code.co_name.startswith("<") and code.co_name not in NO_STEPS:
                path = Path(code.co_filename)
                if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0].startswith("helpdesk_lite"):
                    self.calls.append((str(path.relative_to(ROOT)), code.co_name))

        statements = cr.sql_log_count
        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            self.statements = cr.sql_log_count - statements

    def figures(self):
        files = [file for file, _name in self.calls]
        return {
            "calls": len(self.calls),
            "methods": len(set(self.calls)),
            "files": len(set(files)),
            "changes_of_file": sum(before != after for before, after in itertools.pairwise(files)),
            "statements": self.statements,
        }


class Flows:
    """Five flows. Each runs once before it is traced, so that cached computations do not count."""

    def __init__(self, env):
        self.env = env(context={"no_reset_password": True})
        domain = self.env["mail.alias.domain"].create({"name": "bench.example"})
        self.agent = self.env["res.users"].create(
            {
                "name": "Agent",
                "login": "agent",
                "email": "agent@bench.example",
                "group_ids": [(6, 0, [env.ref("helpdesk_lite.group_user").id])],
            }
        )
        self.team = self.env["helpdesk_lite.team"].create(
            {
                "name": "Bench",
                "alias_name": "bench",
                "alias_domain_id": domain.id,
                "member_ids": self.agent.ids,
                "auto_assignment": True,
            }
        )
        self.customer = self.env["res.partner"].create({"name": "Zoe Quill", "email": "zoe@quill.example"})
        self.number = 0

    def receive(self, subject="Lamp", headers=""):
        self.number += 1
        mail = MAIL.format(subject=subject, id=self.number, headers=headers)
        found = self.env["mail.thread"].message_process(None, mail.encode())
        self.commit()
        return self.env[TICKET].browse(found)

    def commit(self):
        """Run the hooks before a commit."""
        self.env.cr.flush()
        self.env.cr.precommit.run()

    def mail_to_acknowledgement(self, trace):
        with trace.on(self.env.cr):
            self.receive()

    def answer_of_an_agent(self, trace):
        ticket = self.receive()
        with trace.on(self.env.cr):
            ticket.with_user(self.agent).message_post(
                body="It is on its way.", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
            )
            self.commit()

    def answer_of_a_customer_reopens(self, trace):
        ticket = self.receive()
        ticket.with_user(self.agent).action_close()
        self.commit()
        message = ticket.message_ids.filtered(lambda message: message.message_type == "email")[-1:]
        with trace.on(self.env.cr):
            self.receive("Re: Lamp", f"References: {message.message_id}\n")

    def merge(self, trace):
        tickets = (self.receive() | self.receive()).with_user(self.agent)
        with trace.on(self.env.cr):
            group = self.env["helpdesk_lite.merge.group"].with_user(self.agent).browse(tickets.action_merge()["res_id"])
            group.action_merge()
            self.commit()

    def conversion(self, trace):
        ticket = self.receive()
        with trace.on(self.env.cr):
            action = ticket.with_user(self.agent).action_open_convert()
            self.env[action["res_model"]].with_user(self.agent).with_context(**action["context"]).create({}).action_convert()
            self.commit()


FLOWS = ("mail_to_acknowledgement", "answer_of_an_agent", "answer_of_a_customer_reopens", "merge", "conversion")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trace", choices=FLOWS)
    options = parser.parse_args()
    figures, traces = {}, {}
    with odoo_env() as env:
        flows = Flows(env)
        for name in FLOWS:
            getattr(flows, name)(Trace())
            traces[name] = Trace()
            getattr(flows, name)(traces[name])
            figures[name] = traces[name].figures()
    for name, row in figures.items():
        print(
            f"{name:<30} {row['calls']:>5} calls of {row['methods']:>4} methods in {row['files']:>3} files, "
            f"{row['changes_of_file']:>4} changes of file, {row['statements']:>4} statements"
        )
    if options.trace:
        for file, name in traces[options.trace].calls:
            print(f"{file}: {name}")
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
