"""What an agent's queue costs: ``./dev bench desk [--messages N] [--json]``.

Words in messages are searched among ``--messages`` messages of a tenth as many tickets, as an agent, against a scan of the
table. The aim is a twentieth of the scan. Then the statements and times of a list of 80 tickets, of the filter *New Message*,
of a look, of a sign of life (aim 3 ms and 2 statements, beside what each request reads of its user), and of who is on a page.

Last, a sign of life as a browser gives it, by turns with the least that Odoo answers to a browser: what it takes beyond that,
and in all. Of each kind the request counts that one in ten is faster than: others waited for other programs.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from time import monotonic

from odoo import fields
from odoo.tests.common import new_test_user

from devtools.odoo_env import odoo_env
from devtools.server import odoo_server

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rpc import Rpc, WebClient

ROUNDS, REQUESTS = 7, 300
LEAST_GAIN = 20
ROW = {
    "name": {},
    "number": {},
    "priority": {},
    "waiting_since": {},
    "last_agent_date": {},
    "opened_on": {},
    "has_new_message": {},
    "is_snoozed": {},
    "stage_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
}
# one message in a thousand has the word
WORD, COMMON = "samovar", "kettle"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = Bench(env, options.messages).run()
    figures |= measure_requests()
    for name, value in figures.items():
        print(f"{name:<70} {value:>12}")
    if options.json:
        print(json.dumps(figures))


class Bench:
    def __init__(self, env, size):
        self.size, self.figures = size, {}
        self.agent = new_test_user(env, "bench_agent", "helpdesk_lite.group_user", email="agent@bench.example")
        self.env = env(user=self.agent.id)
        self.Ticket = self.env["helpdesk_lite.ticket"]
        self.team = env["helpdesk_lite.team"].create({"name": "Care"})
        self.fill(env)

    def fill(self, env):
        stage = self.team.stage_ids[0]
        cr = env.cr
        env.flush_all()
        cr.execute("SELECT COALESCE(max(id), 0) FROM helpdesk_lite_ticket")
        [last] = cr.fetchone()
        cr.execute(
            """
            INSERT INTO helpdesk_lite_ticket
                        (name, number, team_id, company_id, stage_id, priority, active, is_closed, opened_on,
                         waiting_since, last_customer_date)
            SELECT 'bench', 'B' || i, %s, %s, %s, '0', TRUE, FALSE, now() AT TIME ZONE 'UTC',
                   CASE WHEN i %% 10 = 0 THEN now() AT TIME ZONE 'UTC' - i %% 900 * interval '1 minute' END,
                   now() AT TIME ZONE 'UTC'
              FROM generate_series(1, %s) i
            """,
            [self.team.id, self.team.company_id.id, stage.id, max(self.size // 10, 100)],
        )
        cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, subtype_id, body, date)
            SELECT 'helpdesk_lite.ticket', ticket.id, 'comment', %s,
                   '<p>' || CASE WHEN (ticket.id * 10 + i) %% 1000 = 0 THEN %s WHEN i %% 4 = 0 THEN %s ELSE 'lamp' END || ' '
                   || repeat(md5((ticket.id * i)::text) || ' ', 10) || '</p>', now()
              FROM helpdesk_lite_ticket ticket, generate_series(1, 10) i
             WHERE ticket.id > %s
            """,
            [env.ref("mail.mt_comment").id, WORD, COMMON, last],
        )
        cr.execute("ANALYZE helpdesk_lite_ticket, mail_message")

    def run(self):
        by_index = self.measure("a word of one message in 1,000", lambda: self.find(WORD))
        self.measure("a word of one message in 4, first 80 tickets", lambda: self.find(COMMON))
        for setting in ("enable_bitmapscan", "enable_indexscan", "enable_indexonlyscan"):
            self.env.cr.execute(f"SET LOCAL {setting} = off")
        scan = self.measure("the same rare word without the index", lambda: self.find(WORD))
        for setting in ("enable_bitmapscan", "enable_indexscan", "enable_indexonlyscan"):
            self.env.cr.execute(f"SET LOCAL {setting} = on")
        self.figures[f"times faster (aim {LEAST_GAIN})"] = round(scan / by_index, 1)
        self.measure("a list of 80 tickets", lambda: self.Ticket.web_search_read([], ROW, limit=80))
        self.measure("the filter New Message", lambda: self.Ticket.search_count([("has_new_message", "=", True)]))
        waiting = self.Ticket.search([("waiting_since", "!=", False)], limit=1)
        self.measure("a look at a ticket", lambda: waiting.mark_seen(fields.Datetime.to_string(fields.Datetime.now())))
        page = self.Ticket.search([], limit=80)
        # a ticket of its own for each round: a second sign on the same one is not written
        tickets = iter(page)
        self.measure("a sign of life on a ticket", lambda: next(tickets).give_sign(False, "bench"))
        self.measure("who has the tickets of a page open", page.get_presences)
        self.measure_customer()
        return self.figures

    def measure_customer(self):
        """The panel of a customer with 1,000 tickets among all, and of an address without a contact."""
        partner = self.env["res.partner"].sudo().create({"name": "Zoe", "email": "zoe@bench.example"})
        tickets = self.Ticket.search([], limit=1000)
        self.env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET partner_id = %s, partner_email = %s WHERE id = ANY(%s)",
            [partner.id, partner.email, tickets.ids],
        )
        self.env.cr.execute("ANALYZE helpdesk_lite_ticket")
        self.env.invalidate_all()
        self.measure("the panel of a customer with 1,000 tickets (aim 12 statements, 60 ms)", tickets[0].get_customer_panel)
        stranger = tickets[-1]
        stranger.sudo().write({"partner_id": False, "partner_email": "tom@bench.example"})
        self.measure("the panel of an address", stranger.get_customer_panel)
        self.measure("related tickets", tickets[0].get_related_tickets)

    def find(self, word):
        return self.Ticket.search([("message_words", "ilike", word)], limit=80)

    def measure(self, name, call):
        """The median time of a call in milliseconds, with empty record caches."""
        seconds = []
        for _round in range(ROUNDS):
            self.env.flush_all()
            self.env.invalidate_all()
            before, begun = self.env.cr.sql_log_count, monotonic()
            call()
            seconds.append(monotonic() - begun)
            statements = self.env.cr.sql_log_count - before
        self.figures[f"{name} (ms)"] = milliseconds = round(1000 * statistics.median(seconds), 1)
        self.figures[f"{name} (statements)"] = statements
        return milliseconds


def measure_requests():
    """Signs of life to a running server, each after a request that reads nothing but its user."""
    with odoo_server() as server:
        admin = Rpc(server)
        group = admin.ref("helpdesk_lite.group_user")
        for login in ("agent", "other"):
            values = {"name": login, "login": login, "password": login, "group_ids": [(6, 0, [group])]}
            admin("res.users", "create", values, context={"no_reset_password": True})
        team = admin("helpdesk_lite.team", "create", {"name": "Care"})
        tickets = admin("helpdesk_lite.ticket", "create", [{"name": f"Lamp {i}", "team_id": team} for i in range(REQUESTS)])
        agent, other = WebClient(server, "agent"), WebClient(server, "other")

        def call(web, model, method, *args):
            begun = monotonic()
            web(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs={})
            return 1000 * (monotonic() - begun)

        for ticket in tickets:
            for web in (agent, other):
                call(web, "helpdesk_lite.ticket", "give_sign", [ticket], False, "bench")
        # the next sign of each is due, and nobody comes or goes
        server.query("UPDATE helpdesk_lite_presence SET seen_at = now() AT TIME ZONE 'UTC' - interval '10 seconds'")
        least, signs = [], []
        for ticket in tickets:
            least.append(call(agent, "res.users", "context_get"))
            signs.append(call(agent, "helpdesk_lite.ticket", "give_sign", [ticket], False, "bench"))
    least, sign = (statistics.quantiles(times, n=10)[0] for times in (least, signs))
    return {
        "the least request of a browser (ms)": round(least, 1),
        "a sign of life of a browser (ms)": round(sign, 1),
        "a sign of life of a browser, beyond the least request (aim 3 ms)": round(sign - least, 1),
        "a sign of life of a browser, times the least request": round(sign / least, 2),
    }


if __name__ == "__main__":
    main()
