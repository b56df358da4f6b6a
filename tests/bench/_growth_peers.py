"""Tasks of ``project.task`` and tickets of OCA's helpdesk, as many and alike, and what an agent does with them."""

import json

import visibility

TASK, PEER = "project.task", "helpdesk.ticket"
OCA = ("odoo-addon-helpdesk-mgmt==19.0.*",)
GROUPS = ("project.group_project_user", "helpdesk_mgmt.group_helpdesk_manager")
PRIVACY = {"private": "followers", "company": "employees", "public": "portal"}
# a row like one that the ORM made, with what a ticket of ours says; ids are moved by the id of that one
ALIKE = """
    INSERT INTO {table}
    SELECT made.*
      FROM helpdesk_lite_ticket ticket
      JOIN {table} first ON first.id = %(first)s,
           LATERAL jsonb_populate_record(first, jsonb_build_object(
               'id', first.id + ticket.id, 'name', ticket.name, 'description', ticket.description,
               'partner_id', ticket.partner_id, 'create_date', ticket.create_date, 'write_date', ticket.write_date,
               '{home}', %(homes)s::jsonb -> ticket.team_id::text, 'stage_id', %(stages)s::jsonb -> ticket.stage_id::text,
               {more})) made
"""
TASKS = (
    "'state', CASE WHEN ticket.is_closed THEN '1_done' ELSE '01_in_progress' END, 'date_last_stage_update', ticket.opened_on"
)
TICKETS = """'number', ticket.number, 'partner_name', ticket.partner_name, 'partner_email', ticket.partner_email,
             'last_stage_update', ticket.opened_on"""
FOLLOWERS = """
    INSERT INTO mail_followers (res_model, res_id, partner_id)
    SELECT 'project.task', %s + res_id, partner_id FROM mail_followers WHERE res_model = 'helpdesk_lite.ticket'
"""
NOTIFIED = """
    INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
    SELECT id, %s FROM mail_followers WHERE res_model = 'project.task' ON CONFLICT DO NOTHING
"""


def make_peers(env, teams, agent):
    """Make one task and one of OCA's tickets for each ticket; the agent gets the rights that people have there.

    :param dict teams: ids of our teams by visibility
    :return: dict of the peers' models to the id of the public project or team
    """
    agent.group_ids |= env["res.groups"].union(*(env.ref(group) for group in GROUPS))
    quiet = env(context={"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True})
    stages = env["helpdesk_lite.stage"].with_context(active_test=False).search([])
    projects = {
        mode: quiet["project.project"].create({"name": f"Project {mode}", "privacy_visibility": privacy})
        for mode, privacy in PRIVACY.items()
    }
    types = quiet["project.task.type"].create(
        [
            {
                "name": stage.name,
                "sequence": stage.sequence,
                "fold": stage.fold,
                "project_ids": [(6, 0, [project.id for project in projects.values()])],
            }
            for stage in stages
        ]
    )
    others = {
        mode: quiet["helpdesk.ticket.team"].create({"name": f"OCA {mode}", "user_ids": [(6, 0, agent.ids)]}) for mode in PRIVACY
    }
    their_stages = quiet["helpdesk.ticket.stage"].create(
        [{"name": stage.name, "sequence": stage.sequence, "closed": stage.fold} for stage in stages]
    )
    task = quiet[TASK].create({"name": "First", "project_id": projects["public"].id, "user_ids": False})
    ticket = quiet[PEER].create(
        {"name": "First", "description": "<p>First</p>", "team_id": others["public"].id, "user_id": False}
    )
    env.flush_all()
    for first, home, homes, found, more in (
        (task, "project_id", projects, types, TASKS),
        (ticket, "team_id", others, their_stages, TICKETS),
    ):
        env.cr.execute(
            ALIKE.format(table=first._table, home=home, more=more),
            {
                "first": first.id,
                "homes": json.dumps({teams[mode]: record.id for mode, record in homes.items()}),
                "stages": json.dumps(dict(zip(stages.ids, found.ids, strict=True))),
            },
        )
        env.cr.execute(f"SELECT setval('{first._table}_id_seq', max(id)) FROM {first._table}")
        env.cr.execute(f"ANALYZE {first._table}")
    env.cr.execute(FOLLOWERS, [task.id])
    env.cr.execute(NOTIFIED, [env.ref("mail.mt_comment").id])
    env.invalidate_all()
    return {TASK: projects["public"].id, PEER: others["public"].id}


def screens(model, boards, record, is_open, by_date):
    """What every helpdesk has, as the web client asks for it.

    :param boards: the empty model of the dashboard
    :param record: the one that is opened
    :param is_open: the domain of the filter for what is open
    :param str by_date: the order by creation
    :return: dict of names to functions, and a function that makes one of them, of a domain of the list
    """
    listed, card = visibility.specification(model, "list"), visibility.specification(model, "kanban")
    form, dashboard = visibility.specification(model, "form"), visibility.specification(boards, "kanban")

    def page(domain, **options):
        return lambda: model.web_search_read(domain, listed, limit=80, count_limit=10001, **options)

    def board():
        model.with_context(read_group_expand=True).web_read_group(
            is_open, ["stage_id"], [], auto_unfold=True, unfold_read_specification=card, unfold_read_default_limit=20
        )

    calls = {
        "kanban": board,
        "list": page(is_open),
        "list by date": page([], order=by_date),
        "form": lambda: record.web_read(form),
        "dashboard": lambda: boards.web_search_read([], dashboard, limit=80),
        "autocomplete": lambda: model.name_search("payroll refund", limit=8),
        "message": lambda: record.message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment"),
    }
    return calls, page


def peers_calls(env, name, home, rare):
    """What an agent does there, by the names of our own calls; what a peer does not have is left out.

    :param str name: of the model
    :param int home: the id of the project or team
    :param str rare: a word of few descriptions
    """
    model, task = env[name], name == TASK
    boards = env["project.project" if task else "helpdesk.ticket.team"]
    # the filters of their own search views
    is_open = [("is_closed" if task else "closed", "=", False)]
    at = {"project_id" if task else "team_id": home}
    new = at if task else at | {"description": "<p>Lamp</p>"}
    record = model.search([(field, "=", value) for field, value in at.items()] + is_open, limit=1)
    done = model.search([(field, "=", value) for field, value in at.items()] + ["!", *is_open], limit=1).stage_id

    calls, page = screens(model, boards, record, is_open, "create_date desc")
    calls |= {
        "search, rare word": page([("description", "ilike", rare)]),
        "search, common word": page([("name", "ilike", "warranty")]),
        "search, customer": page([("partner_id", "child_of" if task else "ilike", "Customer 17")]),
        "create": lambda: model.create({"name": "Lamp", **new}),
        "create 50": lambda: model.create([{"name": str(i), **new} for i in range(50)]),
        "assign": lambda: record.write({"user_ids": [(4, env.uid)]} if task else {"user_id": env.uid}),
        "close": lambda: record.write({"stage_id": done.id, "state": "1_done"} if task else {"stage_id": done.id}),
    }
    if not task:
        number = record.number
        calls["search, number"] = page(["|", ("number", "ilike", number), ("name", "ilike", number)])
    return calls
