"""Merge and undo of tickets with few and many messages: SQL statements, and time compared to bare UPDATEs.

./dev bench merge [--json]
"""

import json
import sys
import time

from odoo.addons.mail.tools.discuss import Store

from devtools.odoo_env import odoo_env

TICKET = "helpdesk_lite.ticket"
SIZES = (10, 10_000)
REPEATS = 5


def make(env, agent, messages):
    """Create a master and two sources with a total number of messages, and a file on every hundredth."""
    team = env["helpdesk_lite.team"].search([("privacy_visibility", "=", "public")], limit=1)
    partner = env["res.partner"].create({"name": "Customer", "email": "customer@bench.example"})
    tickets = (
        env[TICKET]
        .with_context(tracking_disable=True)
        .create(
            [
                {"name": f"Ticket {number}", "team_id": team.id, "partner_id": partner.id, "description": f"<p>{number}</p>"}
                for number in range(3)
            ]
        )
    )
    comment = env.ref("mail.mt_comment").id
    env.cr.execute(
        """ INSERT INTO mail_message (model, res_id, body, message_type, subtype_id, date, author_id, message_id,
                                      create_date, write_date, create_uid, write_uid)
            SELECT %s, (%s::int[])[1 + number %% 2], '<p>Some words</p>', 'comment', %s, now(), %s,
                   'bench-' || %s || '-' || number, now(), now(), 1, 1
              FROM generate_series(1, %s) number
        """,
        (TICKET, tickets[1:].ids, comment, partner.id, tickets[0].id, messages),
    )
    env["ir.attachment"].create(
        [
            {"name": "file", "res_model": TICKET, "res_id": tickets[1 + number % 2].id, "type": "url", "url": "/"}
            for number in range(0, messages, 100)
        ]
    )
    tickets[1].message_subscribe(agent.partner_id.ids)
    env.flush_all()
    env.invalidate_all()
    return tickets


def measure(env, function):
    """Measure the statements and seconds of a call."""
    env.flush_all()
    env.invalidate_all()
    statements, start = env.cr.sql_log_count, time.perf_counter()
    result = function()
    env.flush_all()
    return result, env.cr.sql_log_count - statements, time.perf_counter() - start


def bare_update(env, tickets):
    """The least that any merge does: the same rows, one statement for each table."""
    start = time.perf_counter()
    for table, column in (("mail_message", "model"), ("ir_attachment", "res_model")):
        env.cr.execute(
            f"UPDATE {table} SET res_id = %s WHERE {column} = %s AND res_id = ANY(%s)", (tickets[0].id, TICKET, tickets[1:].ids)
        )
    return time.perf_counter() - start


def run(env, messages):
    agent = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create({"name": "Agent", "login": f"bench{messages}", "group_ids": [(6, 0, [env.ref("helpdesk_lite.group_user").id])]})
    )
    bare, merges, undoes, statements = [], [], [], set()
    for _repeat in range(REPEATS):
        tickets = make(env, agent, messages)
        env.cr.execute("SAVEPOINT bare")
        bare.append(bare_update(env, tickets))
        env.cr.execute("ROLLBACK TO SAVEPOINT bare")
        own = tickets.with_user(agent)
        group = env["helpdesk_lite.merge.group"].with_user(agent).browse(own.action_merge()["res_id"])
        group.record_ids.filtered(lambda record, master=tickets[0]: record.ticket_id.id == master.id).is_master = True
        _result, merged, seconds = measure(env, group.action_merge)
        merges.append(seconds)
        _result, undone, seconds = measure(env, own[0].action_undo_merge)
        undoes.append(seconds)
        statements.add((merged, undone))
    # the first run warms up; of the others the fastest is the least disturbed
    merged, undone = max(statements)
    return {
        "messages": messages,
        "merge_statements": max(pair[0] for pair in statements),
        "undo_statements": max(pair[1] for pair in statements),
        "bare_update_ms": round(1000 * min(bare[1:]), 1),
        "merge_ms": round(1000 * min(merges[1:]), 1),
        "undo_ms": round(1000 * min(undoes[1:]), 1),
        "merge_times_bare": round(min(merges[1:]) / min(bare[1:]), 2),
        "undo_times_bare": round(min(undoes[1:]) / min(bare[1:]), 2),
    }


def open_chatter(env, agent, ticket):
    """What the web client asks in two requests when a ticket is opened: its messages, and what else its chatter shows."""
    own = ticket.with_user(agent)
    messages = env["mail.message"].with_user(agent)._message_fetch(None, thread=own)["messages"]
    Store().add(messages).get_result()
    env.invalidate_all()
    Store().add(own, [], as_thread=True, request_list=["activities", "attachments", "suggestedRecipients"]).get_result()


def run_joined(env, sources, messages):
    """Join tickets of many customers, and open the master's chatter, compared to that of a plain ticket."""
    user = {"name": "Agent", "login": "bench-joined", "group_ids": [(6, 0, [env.ref("helpdesk_lite.group_user").id])]}
    agent = env["res.users"].with_context(no_reset_password=True).create(user)
    figures = []
    for _repeat in range(3):
        plain, master = make(env, agent, messages)[1], make(env, agent, messages)[1]
        others = master.browse()
        for number in range(sources):
            ticket = make(env, agent, 2 * messages)[1]
            ticket.partner_id = env["res.partner"].create({"name": f"Customer {number}", "email": f"c{number}@bench.example"})
            others += ticket
        own = (master | others).with_user(agent)
        group = env["helpdesk_lite.merge.group"].with_user(agent).browse(own.action_merge()["res_id"])
        group.record_ids.filtered(lambda record, master=master: record.ticket_id.id == master.id).is_master = True
        _result, joined, seconds = measure(env, group.action_merge)
        assert len(master._get_joined()) == sources
        _result, few, _seconds = measure(env, lambda plain=plain: open_chatter(env, agent, plain))
        _result, many, opened = measure(env, lambda master=master: open_chatter(env, agent, master))
        figures.append((joined, seconds, many - few, opened))
    joined, seconds, more, opened = figures[-1]
    return {
        "sources": sources,
        "messages": messages,
        "join_statements": joined,
        "join_ms": round(1000 * seconds, 1),
        "timeline_more_statements": more,
        "timeline_ms": round(1000 * opened, 1),
    }


def main():
    with odoo_env() as env:
        if not env["helpdesk_lite.team"].search_count([("privacy_visibility", "=", "public")]):
            env["helpdesk_lite.team"].create({"name": "Bench"})
        figures = [run(env, size) for size in SIZES]
        joined = run_joined(env, 10, 2_000)
    for row in figures:
        print(
            f"{row['messages']:>6} messages: merge {row['merge_statements']} statements, {row['merge_ms']} ms "
            f"({row['merge_times_bare']} times the bare UPDATE); undo {row['undo_statements']} statements, "
            f"{row['undo_ms']} ms ({row['undo_times_bare']} times)"
        )
    print(
        f"{joined['sources']} joined tickets of {joined['messages']} messages each: {joined['join_statements']} statements, "
        f"{joined['join_ms']} ms; their timeline opens with {joined['timeline_more_statements']} statements more than a "
        f"plain ticket, in {joined['timeline_ms']} ms; aims: 15 and 3"
    )
    print(
        f"aims: at most 51 statements, as many for many messages as for few; at most 1.5 times the bare UPDATE "
        f"of {SIZES[-1]} messages"
    )
    if "--json" in sys.argv:
        print(json.dumps({"merge": figures, "joined": joined}))


if __name__ == "__main__":
    main()
