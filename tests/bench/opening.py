"""What it costs to open a ticket: ``./dev bench opening [--messages N] [--files N] [--json]``.

A ticket with many messages and files, a tenth of them private notes, opened by an agent as the web client does it: the form's
fields, the chatter without its messages (files, followers, recipients), and the newest 30 messages. Beside the same of OCA's
``helpdesk_mgmt`` 19.0 from PyPI and of ``project.task``, in one database and in turn, with empty record caches. The aim is
the time of OCA's ticket.
"""

import argparse
import json
import statistics
import time

from _peer import run_with_peer
from lxml import etree

from devtools.odoo_env import odoo_env

PEER = ("odoo-addon-helpdesk-mgmt==19.0.*",)
GROUPS = ("base.group_user", "helpdesk_lite.group_user", "helpdesk_mgmt.group_helpdesk_user", "project.group_project_user")
# as mail's chatter asks for it
REQUESTED = ["activities", "attachments", "contact_fields", "followers", "scheduledMessages", "suggestedRecipients"]
MODELS = {"ours": "helpdesk_lite.ticket", "OCA": "helpdesk.ticket", "project.task": "project.task"}
ROUNDS, PAGE = 15, 30


def main():
    parser = argparse.ArgumentParser(prog="./dev bench opening")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = "--messages", str(options.messages), "--files", str(options.files)
    if options.inside:
        with odoo_env() as env:
            print(json.dumps(Bench(env, options.messages, options.files).run()))
        return
    figures = run_with_peer(PEER, "helpdesk_lite,helpdesk_mgmt,project", __file__, "--inside", *sizes)
    for name, value in figures.items():
        print(f"{name:<72} {value:>10}")
    if options.json:
        print(json.dumps(figures))


class Bench:
    def __init__(self, env, messages, files):
        self.agent = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Agent",
                    "login": "bench_agent",
                    "email": "agent@bench.example",
                    "group_ids": [(6, 0, [env.ref(group).id for group in GROUPS])],
                }
            )
        )
        customer = env["res.partner"].create({"name": "Zoe Quill", "email": "zoe@quill.example"})
        team = env["helpdesk_lite.team"].create({"name": "Care", "member_ids": self.agent.ids})
        peer_team = env["helpdesk.ticket.team"].create({"name": "Care", "user_ids": [(6, 0, self.agent.ids)]})
        project = env["project.project"].create({"name": "Tasks"})
        values = {"name": "Lamp", "description": "<p>The shade is broken.</p>", "partner_id": customer.id}
        places = {
            "ours": {"team_id": team.id, "user_id": self.agent.id},
            "OCA": {"team_id": peer_team.id, "user_id": self.agent.id},
            "project.task": {"project_id": project.id, "user_ids": [(6, 0, self.agent.ids)]},
        }
        self.env = env(user=self.agent.id, su=False)
        self.records = {}
        for name, model in MODELS.items():
            record = env[model].create({**values, **places[name]})
            record.message_subscribe(customer.ids)
            self.fill(env, record, customer, messages, files)
            self.records[name] = record.with_env(self.env)
        env.cr.commit()
        self.specifications = {name: self.specification(record) for name, record in self.records.items()}

    def fill(self, env, record, customer, messages, files):
        """A conversation of two, as its rows; a file on each tenth message."""
        place = {"model": record._name, "res_id": record.id}
        attachments = env["ir.attachment"].create(
            [
                {"name": f"photo {number}.txt", "raw": b"%d" % number, "res_model": place["model"], "res_id": place["res_id"]}
                for number in range(files)
            ]
        )
        comment, note = env.ref("mail.mt_comment").id, env.ref("mail.mt_note").id
        every = max(messages // max(files, 1), 1)
        env["mail.message"].create(
            [
                {
                    **place,
                    "body": f"<p>Message {number} about the lamp.</p>",
                    "message_type": "comment",
                    "subtype_id": comment if number % 10 else note,
                    "author_id": customer.id if number % 2 else self.agent.partner_id.id,
                    "attachment_ids": [(6, 0, attachments[number // every].ids)] if number % every == 0 else [],
                }
                for number in range(messages)
            ]
        )

    def specification(self, record):
        """What the web client reads when it opens the form."""
        arch = record.get_views([(False, "form")])["views"]["form"]["arch"]
        names = {node.get("name") for node in etree.fromstring(arch).iter("field") if not node.xpath("count(ancestor::field)")}
        return {
            name: {"fields": {"display_name": {}}} if record._fields[name].relational else {}
            for name in sorted(names & record._fields.keys())
        }

    def parts(self, name):
        from odoo.addons.mail.tools.discuss import Store

        record = self.records[name]

        def chatter():
            return Store().add(record, request_list=REQUESTED, as_thread=True).get_result()

        def messages():
            found = self.env["mail.message"]._message_fetch(None, thread=record, limit=PAGE)["messages"]
            return Store().add(found).get_result()

        return {"form": lambda: record.web_read(self.specifications[name]), "chatter": chatter, "messages": messages}

    def run(self):
        cr, cases = self.env.cr, {name: self.parts(name) for name in MODELS}
        seconds, statements = {}, {}
        for _round in range(1 + ROUNDS):
            for name, parts in cases.items():
                for part, call in parts.items():
                    # each is a request of its own
                    self.env.invalidate_all()
                    before, begun = cr.sql_log_count, time.perf_counter()
                    call()
                    seconds.setdefault((name, part), []).append(time.perf_counter() - begun)
                    statements.setdefault((name, part), []).append(cr.sql_log_count - before)
                    cr.rollback()
        figures, totals = {}, dict.fromkeys(MODELS, 0)
        for (name, part), found in seconds.items():
            # the first round fills Odoo's caches
            totals[name] += statistics.median(found[1:])
            figures[f"{part}, {name}: ms"] = round(1000 * statistics.median(found[1:]), 1)
            figures[f"{part}, {name}: statements"] = statistics.median(statements[name, part][1:])
        for name, total in totals.items():
            figures[f"together, {name}: ms"] = round(1000 * total, 1)
        figures["together, ours of OCA (aim 1.0)"] = round(totals["ours"] / totals["OCA"], 2)
        return figures


if __name__ == "__main__":
    main()
