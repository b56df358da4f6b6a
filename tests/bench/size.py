"""The bytes of a ticket and of each of its indexes, beside a task: ``./dev bench size [--rows N] [--json]``.

Some tickets and tasks of customers are created as people do, with an assignee and texts of 350 characters; PostgreSQL copies
them until there are N of each, with a subject, a description and a number of their own. Words are as frequent as in a language.
"""

import argparse
import io
import json
import random
from itertools import product
from pathlib import Path

import odoo.addons.mail
import polib

from devtools.odoo_env import odoo_env

MADE = 500
AIM = 1.25
MODELS = {"a ticket": "helpdesk_lite.ticket", "project.task": "project.task"}
FIRST = [
    "Ana",
    "Ben",
    "Carla",
    "Dev",
    "Elif",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kemal",
    "Lara",
    "Marta",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Sven",
    "Tara",
    "Ulla",
    "Yusuf",
    "Zoë",
]
LAST = [
    "Abbott",
    "Bianchi",
    "Chandra",
    "Dupont",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanov",
    "Jansen",
    "Kowalski",
    "Larsen",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
]


def main():
    parser = argparse.ArgumentParser(prog="./dev bench size")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = measure(env, options.rows)
    report(figures)
    if options.json:
        print(json.dumps(figures))
    raise SystemExit(ratio(figures) > AIM)


def measure(env, rows):
    """:return: dict of "a ticket" and "project.task" to a dict of bytes by relation"""
    create(env)
    write_texts(env.cr, rows)
    figures = {}
    for title, model in MODELS.items():
        multiply(env.cr, env[model]._table)
        env.cr.execute(SIZES, {"table": env[model]._table, "rows": rows})
        figures[title] = dict(env.cr.fetchall())
    return figures


def sentences():
    """English as people write it: what Odoo's own modules say."""
    found = set()
    for file in Path(odoo.addons.mail.__file__).parent.parent.glob("*/i18n/*.pot"):
        found |= {" ".join(term.msgid.split()) for term in polib.pofile(str(file))}
    return sorted(text for text in found if 40 < len(text) < 200 and not set("<%{") & set(text))


def write_texts(cr, rows):
    """Subjects of 50 and descriptions of 350 characters, the same for tickets and tasks."""
    chance, known = random.Random(18), sentences()
    lines = []
    for nr in range(rows):
        text = " ".join(chance.choices(known, k=9))
        lines.append(f"{nr}\t{text[:50]}\t<p>{text[50:400]}</p>\n".replace("\\", "/"))
    cr.execute("CREATE TEMP TABLE bench_texts (nr integer, name text, description text)")
    cr._cnx.cursor().copy_from(io.StringIO("".join(lines)), "bench_texts")


def create(env):
    quiet = env(context={"tracking_disable": True, "no_reset_password": True, "mail_notify_force_send": False})
    partners = quiet["res.partner"].create(
        [
            {"name": f"{first} {last}", "email": f"{first}.{last}@{last}.example".lower(), "phone": f"+44 20 7946 {number:04}"}
            for number, (first, last) in enumerate(product(FIRST, LAST))
        ]
    )
    agents = quiet["res.users"].create(
        [
            {
                "name": f"Agent {number}",
                "login": f"bench_agent_{number}",
                "email": f"agent{number}@bench.example",
                "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)],
            }
            for number in range(10)
        ]
    )
    teams = quiet["helpdesk_lite.team"].create([{"name": f"Bench {number}"} for number in range(5)])
    projects = quiet["project.project"].create(
        [{"name": f"Bench {number}", "type_ids": [(0, 0, {"name": name}) for name in ("New", "Done")]} for number in range(5)]
    )
    for model, parent, homes in (("helpdesk_lite.ticket", "team_id", teams), ("project.task", "project_id", projects)):
        assignee = (lambda user: {"user_id": user}) if parent == "team_id" else (lambda user: {"user_ids": [(6, 0, [user])]})
        quiet[model].create(
            [
                {
                    "name": f"Bench {number}",
                    "description": f"<p>{number}</p>",
                    parent: homes[number % 5].id,
                    "partner_id": partners[number % len(partners)].id,
                    "priority": "1" if number % 5 == 0 else "0",
                }
                | assignee(agents[number % 10].id)
                for number in range(MADE)
            ]
        )
    env.flush_all()
    # nine of ten are closed, as after some years
    env["helpdesk_lite.ticket"].search([("team_id", "in", teams.ids)]).filtered(lambda one: one.id % 10).action_close()
    for project in projects:
        done = project.type_ids.filtered(lambda stage: stage.name == "Done")
        project.task_ids.filtered(lambda one: one.id % 10).write({"stage_id": done.id, "state": "1_done"})
    env.flush_all()


def multiply(cr, table):
    """Replace the rows that people made by many that are like them, with texts of their own, a minute apart."""
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name != 'id'", [table])
    columns = [name for (name,) in cr.fetchall()]
    dates = {name: f"old.{name} + nr * interval '1 minute'" for name in columns if name in DATES}
    own = dates | {"name": "text.name", "description": "text.description", "number": "'T' || (500001 + nr)"}
    cr.execute(f"CREATE TEMP TABLE bench_{table} AS SELECT *, row_number() OVER (ORDER BY id) AS place FROM {table}")
    cr.execute(f"SELECT count(*) FROM {table}")
    made = cr.fetchone()[0]
    cr.execute(
        f"""INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
            SELECT {", ".join(own.get(name, f'old."{name}"') for name in columns)}
              FROM bench_texts text JOIN bench_{table} old ON old.place = 1 + nr %% %s ORDER BY nr""",
        [made],
    )
    cr.commit()
    cr._cnx.autocommit = True
    cr.execute(f"VACUUM (ANALYZE) {table}")
    cr._cnx.autocommit = False


DATES = {
    "create_date",
    "write_date",
    "opened_on",
    "close_date",
    "date_last_stage_update",
    "assign_date",
    "idle_since",
    "date_end",
}
SIZES = """
    SELECT 'row', (pg_relation_size(%(table)s::regclass) / %(rows)s)::int
     UNION ALL
    SELECT 'text aside', (pg_total_relation_size(reltoastrelid) / %(rows)s)::int FROM pg_class WHERE oid = %(table)s::regclass
     UNION ALL
    SELECT relname, (pg_relation_size(oid) / %(rows)s)::int
      FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indrelid = %(table)s::regclass
"""


def ratio(figures):
    ours, theirs = (sum(figures[title].values()) for title in MODELS)
    return round(ours / theirs, 3)


def report(figures):
    for title, sizes in figures.items():
        print(f"\n{title}: {sum(sizes.values()):,} bytes")
        for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
            print(f"  {size:>7,}  {name}")
    print(f"\na ticket takes {ratio(figures)} times the bytes of a task; the aim is {AIM}")


if __name__ == "__main__":
    main()
