"""The SQL statements of converting tickets to opportunities, compared with OCA's helpdesk_mgmt_crm 19.0.

``./dev bench convert [--tickets N] [--json]``. The peer comes from PyPI into a temporary folder and
a database of its own, which are removed afterwards. Both convert tickets with a customer, messages, a note
and a file each, as an administrator and for another salesperson. Everything is counted from the
creation of the pop-up to the flush after its button, with cold caches.
"""

import argparse
import json
import time

from _peer import run_with_peer

from devtools.odoo_env import odoo_env

PEER = ("odoo-addon-helpdesk-mgmt==19.0.*", "odoo-addon-helpdesk-mgmt-crm==19.0.*")
FEW, MANY = 2, 20  # messages of a ticket
TARGET = 1 / 3  # the maximum share of the peer's statements per ticket


class Conversions:
    """The conversions, which differ only in names."""

    model = team_model = team_values = None

    def __init__(self, env):
        env = env(context={"no_reset_password": True})
        self.seller = env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller",
                "email": "seller@company.example",
                "group_ids": [(6, 0, [env.ref("sales_team.group_sale_salesman").id])],
            }
        )
        self.sales_team = env["crm.team"].create({"name": "Bench Sales", "member_ids": [(6, 0, self.seller.ids)]})
        self.customer = env["res.partner"].create({"name": "Zoe Quill", "email": "zoe@quill.example"})
        self.team = env[self.team_model].create({"name": "Bench", **self.team_values})
        self.env = env(user=env.ref("base.user_admin"), su=False)

    def make_tickets(self, count, messages):
        tickets = self.env[self.model].create(
            [
                {"name": f"Request {i}", "description": "<p>Text</p>", "partner_id": self.customer.id, "team_id": self.team.id}
                for i in range(count)
            ]
        )
        # a message that nobody would get is refused
        tickets.message_subscribe(self.customer.ids)
        for ticket in tickets.with_context(mail_notify_force_send=False):
            for i in range(messages):
                ticket.message_post(
                    body=f"Message {i}",
                    message_type="comment",
                    subtype_xmlid="mail.mt_note" if i == 1 else "mail.mt_comment",
                    attachments=[("file.txt", b"text")] if i == 0 else [],
                )
        return tickets

    def measure(self, parts):
        """Measure the statements and seconds per ticket of converting sets one after the other."""
        statements = seconds = tickets = 0
        for part in parts:
            self.env.flush_all()
            self.env.invalidate_all()
            before, started = self.env.cr.sql_log_count, time.perf_counter()
            self.convert(part)
            self.env.flush_all()
            seconds += time.perf_counter() - started
            statements += self.env.cr.sql_log_count - before
            tickets += len(part)
        return round(statements / tickets, 2), round(seconds / tickets * 1000, 1)

    def figures(self, count):
        self.measure([self.make_tickets(1, FEW)])  # caches of the registry
        figures = {}
        for messages in (FEW, MANY):
            statements, milliseconds = self.measure(list(self.make_tickets(count, messages)))
            figures[f"one_by_one_{messages}_messages"] = statements
            figures[f"milliseconds_one_by_one_{messages}_messages"] = milliseconds
        return figures


class Ours(Conversions):
    model, team_model, team_values = "helpdesk_lite.ticket", "helpdesk_lite.team", {"privacy_visibility": "company"}

    def convert(self, tickets):
        self.env["helpdesk_lite_crm.convert"].create(
            {
                "ticket_ids": [(6, 0, tickets.ids)],
                "partner_action": "link",
                "partner_id": self.customer.id,
                "user_id": self.seller.id,
                "sales_team_id": self.sales_team.id,
            }
        ).action_convert()

    def figures(self, count):
        figures = super().figures(count)
        for messages in (FEW, MANY):
            statements, milliseconds = self.measure([self.make_tickets(count, messages)])
            figures[f"selection_{messages}_messages"] = statements
            figures[f"milliseconds_selection_{messages}_messages"] = milliseconds
        return figures


class Peer(Conversions):
    model, team_model, team_values = "helpdesk.ticket", "helpdesk.ticket.team", {}

    def convert(self, tickets):
        # the peer converts one ticket at a time, given as by the web client
        for ticket in tickets:
            self.env["helpdesk.ticket.create.lead"].with_context(active_id=ticket.id).create(
                {"user_id": self.seller.id, "team_id": self.sales_team.id}
            ).action_helpdesk_ticket_to_lead()


def figures_of(kind, count):
    with odoo_env() as env:
        return kind(env).figures(count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only-peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_peer:
        print(json.dumps(figures_of(Peer, options.tickets)))
        return
    ours = figures_of(Ours, options.tickets)
    peer = run_with_peer(PEER, "helpdesk_mgmt_crm", __file__, "--only-peer", "--tickets", str(options.tickets))
    print(f"{options.tickets} tickets, SQL statements per ticket      {FEW:>6} messages {MANY:>6} messages")
    for name, figures, how in (
        ("ours, a selection", ours, "selection"),
        ("ours, one by one", ours, "one_by_one"),
        ("helpdesk_mgmt_crm", peer, "one_by_one"),
    ):
        few, many = figures[f"{how}_{FEW}_messages"], figures[f"{how}_{MANY}_messages"]
        print(f"{name:<45}{few:>14} {many:>15}")
    # like is compared with like: the peer has no selection
    ratios, of_selection = (
        {messages: ours[f"{how}_{messages}_messages"] / peer[f"one_by_one_{messages}_messages"] for messages in (FEW, MANY)}
        for how in ("one_by_one", "selection")
    )
    constant = abs(ours[f"selection_{FEW}_messages"] - ours[f"selection_{MANY}_messages"]) * options.tickets < 1
    met = all(ratio <= TARGET for ratio in ratios.values()) and constant
    for how, shares in (("one by one", ratios), ("as a selection, which the peer has not", of_selection)):
        print(f"of the peer's, {how}: " + ", ".join(f"{ratio:.1%} ({messages} messages)" for messages, ratio in shares.items()))
    print("target (one by one, a third, and constant in messages): " + ("met" if met else "NOT met"))
    if options.json:
        print(
            json.dumps(
                {
                    "tickets": options.tickets,
                    "ours": ours,
                    "peer": peer,
                    "ratio": {str(messages): round(ratio, 4) for messages, ratio in ratios.items()},
                    "ratio_of_selection": {str(messages): round(ratio, 4) for messages, ratio in of_selection.items()},
                    "constant_in_messages": constant,
                    "met": met,
                }
            )
        )


if __name__ == "__main__":
    main()
