"""The cost of the record rules: ``./dev bench visibility --tickets N [--json]``.

Three teams, one for each visibility, share N tickets with 2 N followers. Agents (invited to the
private team's tickets) and portal users (followers in the public team) follow 100, 1,000 and N/10
of them: all have a full page, so that
similar work is compared. Each of them makes each call, and so does the superuser under the same conditions: the
ratio is the cost of the rules. The figures are medians of several warm runs, with cold caches of
records as at the start of a request.

It also measures the cost per ticket of following the public team and of changing its visibility,
compared with the same changes of a project with tasks.
"""

import argparse
import json
import time
from statistics import median

from lxml import etree

from devtools.odoo_env import odoo_env

MODES = ("private", "company", "public")
MOST = 2.0  # a rule-bound user against the superuser
SPREAD = 1.3  # who follows many against who follows a hundred: more than a page, which takes longer than a part of one
SHARE = 1 / 20  # of what a project's task costs
STATEMENTS = 40
PAGE = 80
COUNT_LIMIT = 10001  # as the web client


# ------------------------------------------------------------
# THE WORLD
# ------------------------------------------------------------


def build(env, tickets):
    """Create teams, people and tickets by set-based SQL, because the ORM would take hours.

    :return: dict of team ids by mode, and of users by (kind, number followed)
    """
    env = env(context={"no_reset_password": True, "tracking_disable": True, "mail_create_nosubscribe": True})
    stages = env["helpdesk_lite.stage"].search([("is_default", "=", True)])
    teams = {mode: env["helpdesk_lite.team"].create({"name": f"Team {mode}", "privacy_visibility": mode}).id for mode in MODES}
    groups = {"agent": "helpdesk_lite.group_user", "portal": "base.group_portal"}
    users = {
        (kind, many): env["res.users"].create(
            {
                "name": f"{kind} {many}",
                "login": f"bench_{kind}_{many}",
                "email": f"{kind}.{many}@bench.example",
                "group_ids": [(6, 0, env.ref(group).ids)],
            }
        )
        for kind, group in groups.items()
        for many in followed_numbers(tickets)
    }
    env.flush_all()
    cr = env.cr
    cr.execute(
        """ INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type, partner_share, create_date)
            SELECT 'Customer ' || i, 'Customer ' || i, 'c' || i || '@bench.example', 'c' || i || '@bench.example',
                   TRUE, 'contact', TRUE, now() AT TIME ZONE 'UTC'
              FROM generate_series(1, %(partners)s) i
         RETURNING id """,
        {"partners": max(100, tickets // 50)},
    )
    partners = [row[0] for row in cr.fetchall()]
    # else the foreign keys of all rows below are checked by reading all partners, who were few when the checks were planned
    cr.execute("ANALYZE res_partner")
    # numbers spread like random ones, alike in every run: Knuth's multiplicative hash
    cr.execute(
        """ INSERT INTO helpdesk_lite_ticket (
                name, number, team_id, company_id, stage_id, is_closed, priority, active, description,
                partner_id, partner_name, partner_email, create_date, write_date, create_uid, write_uid,
                opened_on, date_last_stage_update)
            SELECT (%(words)s::text[])[1 + h %% 16] || ' ' || (%(words)s::text[])[1 + h / 16 %% 16] || ' '
                   || (%(words)s::text[])[1 + h / 256 %% 16] || ' order ' || h %% 99991,
                   'T' || lpad(i::text, greatest(5, length(i::text)), '0'),
                   (%(teams)s::int[])[1 + i %% 3], %(company)s, stage.id, stage.fold,
                   (h / 4096 %% 100 > 70)::int + (h / 4096 %% 100 > 85)::int + (h / 4096 %% 100 > 95)::int, TRUE,
                   '<p>Please help</p>', p, 'Customer ' || p, 'c' || p || '@bench.example',
                   now() AT TIME ZONE 'UTC' - i * interval '1 minute', now() AT TIME ZONE 'UTC', 1, 1,
                   now() AT TIME ZONE 'UTC' - i * interval '1 minute', now() AT TIME ZONE 'UTC' - i * interval '1 minute'
              FROM (SELECT i, h, (%(partners)s::int[])[1 + h / 64 %% cardinality(%(partners)s::int[])] AS p
                      FROM (SELECT i, i * 2654435761 %% 2147483648 AS h FROM generate_series(1, %(tickets)s::bigint) i) spread
                   ) ticket
              JOIN (SELECT id, COALESCE(fold, FALSE) AS fold, row_number() OVER (ORDER BY sequence, id) AS position,
                           count(*) OVER () AS stages
                      FROM helpdesk_lite_stage WHERE id = ANY(%(stages)s)) stage ON stage.position = 1 + h / 1024 %% stages
        """,
        {
            "words": WORDS,
            "teams": list(teams.values()),
            "company": env.company.id,
            "stages": stages.ids,
            "tickets": tickets,
            "partners": partners,
        },
    )
    own_stage(env, teams["private"])
    follow(env, teams, users, tickets)
    return teams, users


def own_stage(env, team_id):
    """Create a stage that only the private team has, with every tenth of its tickets."""
    stage = env["helpdesk_lite.stage"].create({"name": "Approval", "sequence": 3, "team_ids": [(6, 0, [team_id])]})
    env.flush_all()
    env.cr.execute(
        "UPDATE helpdesk_lite_ticket SET stage_id = %s, is_closed = FALSE WHERE team_id = %s AND id %% 10 = 0",
        [stage.id, team_id],
    )


WORDS = [
    "printer",
    "invoice",
    "password",
    "parcel",
    "refund",
    "laptop",
    "network",
    "mailbox",
    "contract",
    "payroll",
    "keyboard",
    "warranty",
    "delivery",
    "licence",
    "server",
    "account",
]


def followed_numbers(tickets):
    return sorted({100, min(1000, tickets // 20), tickets // 10})


def follow(env, teams, users, tickets):
    """Create two followers for each ticket: the measured users, customers, and twenty colleagues."""
    cr = env.cr
    colleagues = (
        env["res.users"]
        .create(
            [
                {
                    "name": f"Colleague {i}",
                    "login": f"bench_colleague_{i}",
                    "group_ids": [(6, 0, env.ref("base.group_user").ids)],
                }
                for i in range(20)
            ]
        )
        .partner_id
    )
    env.flush_all()
    for (kind, many), user in users.items():
        cr.execute(
            """ INSERT INTO mail_followers (res_model, res_id, partner_id)
                SELECT 'helpdesk_lite.ticket', id, %s FROM helpdesk_lite_ticket
                 WHERE team_id = %s ORDER BY hashint4(id + %s) LIMIT %s
            """,
            [user.partner_id.id, teams["private" if kind == "agent" else "public"], user.id, many],
        )
    cr.execute(
        """ INSERT INTO mail_followers (res_model, res_id, partner_id)
            SELECT 'helpdesk_lite.ticket', id, partner_id FROM helpdesk_lite_ticket WHERE team_id = %s
            ON CONFLICT DO NOTHING """,
        [teams["public"]],
    )
    cr.execute("SELECT count(*) FROM mail_followers WHERE res_model = 'helpdesk_lite.ticket'")
    missing = 2 * tickets - cr.fetchone()[0]
    cr.execute(
        """ INSERT INTO mail_followers (res_model, res_id, partner_id)
            SELECT 'helpdesk_lite.ticket', ticket.id, (%(colleagues)s::int[])[1 + (ticket.row * 7 + again * 3) %% 20]
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS row FROM helpdesk_lite_ticket) ticket,
                   generate_series(0, 2) again
             ORDER BY again, ticket.row LIMIT %(missing)s """,
        {"colleagues": colleagues.ids, "missing": missing},
    )
    # else the foreign key of each row is checked by reading the whole table, which was empty when the check was planned
    cr.execute("ANALYZE mail_followers, helpdesk_lite_ticket")
    cr.execute(
        """ INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
            SELECT id, %s FROM mail_followers WHERE res_model = 'helpdesk_lite.ticket'
        """,
        [env.ref("mail.mt_comment").id],
    )


def settle(env, *more_tables):
    """Do the work of autovacuum, which is impossible in a transaction."""
    env.cr.commit()
    env.cr._cnx.autocommit = True
    for table in (
        "helpdesk_lite_ticket",
        "mail_followers",
        "mail_followers_mail_message_subtype_rel",
        "res_partner",
        *more_tables,
    ):
        env.cr.execute(f"VACUUM (ANALYZE) {table}")
    env.cr._cnx.autocommit = False


# ------------------------------------------------------------
# CALLS
# ------------------------------------------------------------


def specification(model, kind):
    """The fields that the web client reads for the first view of a type."""
    arch = etree.fromstring(model.get_views([(False, kind)])["views"][kind]["arch"])
    inside = {
        "many2one": {"fields": {"display_name": {}}},
        "many2many": {"fields": {"display_name": {}, "color": {}}},
        "one2many": {"fields": {}},
    }
    names = [node.get("name") for node in arch.iter("field")]
    return {name: inside.get(model._fields[name].type, {}) for name in names}


def agents_calls(model, teams, number):
    listed, card = specification(model, "list"), specification(model, "kanban")
    is_open, private = [("is_closed", "=", False)], [("team_id", "=", teams["private"])]
    bar = {"field": "activity_state", "colors": {"planned": "success", "today": "warning", "overdue": "danger"}}

    def page(domain):
        return lambda model: model.web_search_read(domain, listed, limit=PAGE, count_limit=COUNT_LIMIT)

    def board(domain, **context):
        def call(model):
            model = model.with_context(read_group_expand=True, **context)
            model.web_read_group(
                domain, ["stage_id"], [], auto_unfold=True, unfold_read_specification=card, unfold_read_default_limit=20
            )
            model.read_progress_bar(domain, "stage_id", bar)

        return call

    def words(domain):
        return page(["|", "|", *((name, "ilike", "warranty") for name in ("number", "name", "description")), *domain])

    return {
        "list, open tickets": page(is_open),
        "list, private team": page(private),
        "kanban, all tickets": board([]),
        "kanban, private team": board(private, default_team_id=teams["private"]),
        "search, number": lambda model: model.name_search(number, limit=8),
        "search, words": lambda model: model.name_search("payroll refund", limit=8),
        "search, words in list": words([]),
    }


def portal_calls():
    def page(model):
        domain = model._get_portal_domain()
        model.search_count(domain)
        tickets = model.search(domain, order="opened_on desc, id desc", limit=PAGE)
        tickets.sudo().mapped(lambda ticket: (ticket.name, ticket.number, ticket.stage_id.name, ticket.opened_on))

    def found(model):
        page_domain = model._get_portal_domain() & model._search_display_name("ilike", "payroll refund")
        model.search(page_domain, order="opened_on desc, id desc", limit=PAGE).mapped("name")

    return {"portal page": page, "portal page, words": found}


def seconds(env, call, model):
    env.invalidate_all()
    # data that every request has read before it reaches the model
    model.env.user.mapped("all_group_ids")
    model.env.company.mapped("name")
    started = time.perf_counter()
    call(model)
    return time.perf_counter() - started


def compare(env, user, call, rounds):
    """Measure the median seconds of the user and of the superuser, in turns."""
    bound = env(user=user.id, su=False)["helpdesk_lite.ticket"].with_context(allowed_company_ids=user.company_ids.ids)
    both = (bound, bound.sudo())
    for model in both:
        call(model)
    times = [[seconds(env, call, model) for model in both] for _round in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def measure_calls(env, teams, users, rounds):
    rows = []
    # a recent ticket, because the names of the first ones share many zeros
    number = env["helpdesk_lite.ticket"].search([("team_id", "=", teams["public"])], order="id desc", limit=1, offset=99).number
    agent = next(user for (kind, _many), user in users.items() if kind == "agent")
    calls = {"agent": agents_calls(env(user=agent.id)["helpdesk_lite.ticket"], teams, number), "portal": portal_calls()}
    for kind, named in calls.items():
        for name, call in named.items():
            row = {"call": name, "ratio": {}, "ms": {}, "superuser_ms": {}}
            for (other_kind, many), user in users.items():
                if other_kind == kind:
                    mine, superuser = compare(env, user, call, rounds)
                    row["ms"][many], row["superuser_ms"][many] = round(mine * 1000, 1), round(superuser * 1000, 1)
                    row["ratio"][many] = round(mine / superuser, 2)
            few, many = min(row["ratio"]), max(row["ratio"])
            row["spread"] = round(row["ratio"][many] / row["ratio"][few], 2)
            rows.append(row)
    return rows


# ------------------------------------------------------------
# CHANGES
# ------------------------------------------------------------


def changed(env, change):
    """Measure the seconds and statements of a change that is rolled back."""
    with env.cr.savepoint() as savepoint:
        env.invalidate_all()
        started, before = time.perf_counter(), env.cr.sql_log_count
        change()
        env.flush_all()
        result = time.perf_counter() - started, env.cr.sql_log_count - before
        savepoint.rollback()
    env.invalidate_all()
    return result


def project_of(env, tasks, partner):
    """Create a project with tasks of ten portal users; the partner follows the tasks, to which changes are limited."""
    quiet = env(
        context={
            "no_reset_password": True,
            "tracking_disable": True,
            "mail_create_nosubscribe": True,
            "mail_create_nolog": True,
        }
    )
    customers = (
        quiet["res.users"]
        .create(
            [
                {
                    "name": f"Customer {i}",
                    "login": f"bench_customer_{i}",
                    "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                }
                for i in range(10)
            ]
        )
        .partner_id
    )
    project = quiet["project.project"].create({"name": "Bench", "privacy_visibility": "portal"})
    quiet["project.task"].create(
        [{"name": f"Task {i}", "project_id": project.id, "partner_id": customers[i % 10].id} for i in range(tasks)]
    )
    for i, customer in enumerate(customers):
        project.task_ids[i::10].message_subscribe(customer.ids)
    project.task_ids.message_subscribe(partner.ids, env.ref("mail.mt_comment").ids)
    env.flush_all()
    return project.with_env(env)


def measure_changes(env, teams, users, tasks):
    team = env["helpdesk_lite.team"].browse(teams["public"])
    tickets = env["helpdesk_lite.ticket"].with_context(active_test=False).search_count([("team_id", "=", team.id)])
    partner = next(user.partner_id for (kind, _many), user in users.items() if kind == "agent")
    project = project_of(env, tasks, partner)
    subtypes = project._mail_get_message_subtypes()

    def follow(record, *subtype_ids):
        return lambda: record.message_subscribe(partner.ids, *subtype_ids)

    def follow_not(record, *subtype_ids):
        return lambda: (record.message_subscribe(partner.ids, *subtype_ids), record.message_unsubscribe(partner.ids))

    def become(record, *modes):
        return lambda: [(record.write({"privacy_visibility": mode}), record.flush_recordset()) for mode in modes]

    changes = {
        "follow": (follow(team), follow(project, subtypes.ids)),
        "follow and unfollow": (follow_not(team), follow_not(project, subtypes.ids)),
        "public to company": (become(team, "company"), become(project, "employees")),
        "public to private": (become(team, "private"), become(project, "followers")),
        "public to private and back": (become(team, "private", "public"), become(project, "followers", "portal")),
    }
    rows = []
    for name, (ours, theirs) in changes.items():
        (mine, statements), (other, others) = changed(env, ours), changed(env, theirs)
        rows.append(
            {
                "change": name,
                "tickets": tickets,
                "statements": statements,
                "us_per_ticket": round(mine / tickets * 1e6, 1),
                "tasks": tasks,
                "project_statements": others,
                "us_per_task": round(other / tasks * 1e6, 1),
                "share": round(mine / tickets / (other / tasks), 4),
            }
        )
    return rows


# ------------------------------------------------------------
# REPORT
# ------------------------------------------------------------


def report(figures):
    """Format the tables; values that miss their aim are marked."""

    def mark(value, aim):
        return f"{value:g}{' !' if value > aim else ''}"

    many = list(figures["calls"][0]["ratio"])
    print(f"\n{figures['tickets']:,} tickets, {figures['followers']:,} followers; ratio to the superuser (ms)")
    print(f"{'':24}" + "".join(f"follows {count:>9,}      " for count in many) + "spread")
    for row in figures["calls"]:
        cells = [f"{mark(row['ratio'][count], MOST):>7} ({row['ms'][count]:g})".ljust(23) for count in many]
        print(f"{row['call']:24}{''.join(cells)}{mark(row['spread'], SPREAD)}")
    print(f"aims: {MOST:g} at most, {SPREAD:g} between who follows most and who follows fewest\n")
    print(f"{'change of a team':30}{'tickets':>10}{'statements':>12}{'µs/ticket':>11}{'µs/task':>10}{'share':>10}")
    for row in figures["changes"]:
        print(
            f"{row['change']:30}{row['tickets']:>10,}{mark(row['statements'], STATEMENTS):>12}"
            f"{row['us_per_ticket']:>11g}{row['us_per_task']:>10g}{mark(row['share'], SHARE):>10}"
        )
    print(f"aims: {STATEMENTS} statements, {SHARE:g} of a project's time per task")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench visibility", description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=20_000)
    parser.add_argument("--tasks", type=int, default=200, help="of the project that changes are compared with")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    options = parser.parse_args()
    if options.tickets < 3000:
        parser.error("--tickets: 3,000 at least")
    with odoo_env() as env:
        started = time.perf_counter()
        teams, users = build(env, options.tickets)
        settle(env)
        followers = env["mail.followers"].search_count([("res_model", "=", "helpdesk_lite.ticket")])
        figures = {
            "tickets": options.tickets,
            "followers": followers,
            "build_seconds": round(time.perf_counter() - started, 1),
            "calls": measure_calls(env, teams, users, options.rounds),
            "changes": measure_changes(env, teams, users, options.tasks),
        }
    report(figures)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
