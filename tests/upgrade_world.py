"""Scripts for Odoo's shell that create data with the last release, and check them after the update."""

# Runs with the models of the last release, so it must not use newer names.
BASE = """
from odoo.fields import Command
from odoo.tests import new_test_user

env = env(context={"no_reset_password": True})
groups = {
    "stranger": "base.group_user", "ticket_follower": "base.group_user", "team_follower": "base.group_user",
    "assignee": "helpdesk_lite.group_user", "agent": "helpdesk_lite.group_user",
    "manager": "helpdesk_lite.group_manager", "salesperson": "sales_team.group_sale_salesman",
    "portal_stranger": "base.group_portal", "portal_follower": "base.group_portal",
}
users = {login: new_test_user(env, login, group, email=f"{login}@base.example") for login, group in groups.items()}
agent = users["agent"]
Team, Ticket, Stage = env["helpdesk_lite.team"], env["helpdesk_lite.ticket"], env["helpdesk_lite.stage"]
company = env["res.company"].create({"name": "Second Company"})
tag = env["helpdesk_lite.tag"].create({"name": "Lamps"})
# the last release took these for different names
env["helpdesk_lite.tag"].create([{"name": "LAMPS"}, {"name": "lamps (2)"}])


def say(ticket, user=agent, note=False, **values):
    subtype = "mail.mt_note" if note else "mail.mt_comment"
    return ticket.with_user(user).message_post(
        **{"body": "What we say", "message_type": "comment", "subtype_xmlid": subtype, **values})


# what administrators edit
env.ref("helpdesk_lite.team_rule_employee").domain_force = (
    "['|', '|', ('id', '=', 0), ('privacy_visibility', '!=', 'private'),"
    " ('message_partner_ids', 'in', [user.partner_id.id])]")
env.ref("helpdesk_lite.stage_rule_employee").write({
    "domain_force": "[(1, '=', 1)]", "groups": [Command.link(env.ref("base.group_portal").id)]})
env.ref("helpdesk_lite.mail_template_ticket_received").write({
    "subject": "Thank you! [{{ object.number }}]", "body_html": "<p>We are on it.</p>"})
env.ref("helpdesk_lite.stage_on_hold").name = "Waiting for Parts"
env.ref("helpdesk_lite.stage_cancelled").active = False
env.ref("helpdesk_lite.mt_ticket_stage").default = True
env.ref("helpdesk_lite.cron_assign_waiting").interval_number = 30
env.ref("helpdesk_lite_data_cleaning.merge_rule_same_customer").similarity_threshold = 85
own_rule = env["ir.rule"].create({
    "name": "Made by an administrator", "model_id": env.ref("helpdesk_lite.model_helpdesk_lite_tag").id,
    "domain_force": "[('name', '!=', 'secret')]"})

# teams of the three modes, each with a ticket for those who follow it, and one for nobody
for mode in ("private", "company", "public"):
    team = Team.create({
        "name": mode, "privacy_visibility": mode, "alias_name": f"base-{mode}", "use_website_form": mode == "public",
        "member_ids": [Command.set(agent.ids)], "allow_portal_close": True})
    team.message_subscribe(users["team_follower"].partner_id.ids)
    team.message_subscribe(agent.partner_id.ids)
    Stage.create({"name": f"Only {mode}", "sequence": 7, "team_ids": [Command.set(team.ids)]})
    followed = Ticket.with_context(mail_create_nosubscribe=True).create({
        "name": f"{mode}: followed", "team_id": team.id, "partner_name": "Zoe", "partner_email": "zoe@base.example",
        "description": "<p>It wobbles.</p>", "priority": "2", "tag_ids": [Command.set(tag.ids)]})
    followed.message_subscribe((users["ticket_follower"] | users["portal_follower"]).partner_id.ids)
    followed.user_id = users["assignee"]
    other = Ticket.with_context(mail_create_nosubscribe=True).create({
        "name": f"{mode}: other", "team_id": team.id, "partner_id": users["portal_follower"].partner_id.id})
    # standard Odoo makes a customer follow: the table is about one who does not
    other.message_unsubscribe(users["portal_follower"].partner_id.ids)
    for ticket in (followed, other):
        say(ticket, attachments=[("leg.txt", b"wood")])
        say(ticket, note=True, body="What we think", attachments=[("note.txt", b"oak")])
        ticket._portal_ensure_token()
        ticket.message_ids.attachment_ids.generate_access_token()
        ticket.activity_schedule("mail.mail_activity_data_todo", user_id=agent.id, summary="Call")
    closed, _archived = Ticket.create([{
        "name": f"{mode}: closed", "team_id": team.id, "stage_id": env.ref("helpdesk_lite.stage_solved").id,
        "partner_name": "Zoe", "partner_email": "zoe@base.example"},
        {"name": f"{mode}: archived", "team_id": team.id, "active": False}])
    # an answered one, about which a later release could ask for a rating
    say(closed)
Team.create({"name": "second", "company_id": company.id, "privacy_visibility": "company"})

# the ledger of automatic assignment
for method in ("equal_total", "equal_open", "tags"):
    team = Team.create({
        "name": f"by {method}", "privacy_visibility": "company", "resource_calendar_id": False,
        "member_ids": [Command.set((agent | users["assignee"]).ids)], "assign_method": method})
    env["helpdesk_lite.tag.member"].create({"team_id": team.id, "tag_id": tag.id, "user_ids": [Command.set(agent.ids)]})
    team.auto_assignment = True
    env.cr.commit()
    Ticket.create([{"name": f"{method} {i}", "team_id": team.id, "tag_ids": [Command.set(tag.ids)]} for i in range(5)])
    env.cr.commit()
assert env["helpdesk_lite.assignment"].search_count([]) >= 15

# merges and conversions, one of each to be undone by the release that comes
public = Team.search([("name", "=", "public")])
for title in ("merged", "to be undone"):
    tickets = Ticket.create([
        {"name": f"{title} {i}", "team_id": public.id, "partner_email": "zoe@base.example"} for i in range(3)])
    for ticket in tickets:
        say(ticket, attachments=[("smoke.txt", b"smoke")])
    group = env["helpdesk_lite.merge.group"].browse(tickets.with_user(agent).action_merge()["res_id"])
    group.with_user(agent).action_merge()
waiting = Ticket.create([{"name": f"looks alike {i}", "team_id": public.id} for i in range(2)])
waiting.with_user(agent).action_merge()
for title in ("converted", "conversion to be undone"):
    ticket = Ticket.create({"name": title, "team_id": public.id, "partner_email": f"{title.split()[0]}@base.example"})
    say(ticket, attachments=[("offer.txt", b"forty")])
    wizard = env["helpdesk_lite_crm.convert"].with_user(agent).with_context(default_ticket_ids=ticket.ids).create(
        {"partner_action": "create", "user_id": users["salesperson"].id})
    wizard.action_convert()
    assert ticket.converted_lead_id
env["ir.config_parameter"].set_param("helpdesk_lite.form_limit", "7")
env.cr.commit()
"""

# Checks after the update; on a database of its own, because it changes data.
UPDATED = """
env = env(context={"no_reset_password": True})
Team, Ticket = env["helpdesk_lite.team"], env["helpdesk_lite.ticket"]
env.cr.execute('''
    SELECT count(*), bool_and(opened_on = date_trunc('second', create_date)),
           bool_and((assign_hours IS NULL) = (assign_date IS NULL)), bool_and((close_hours IS NULL) = (close_date IS NULL))
      FROM helpdesk_lite_ticket''')
count, *kept = env.cr.fetchone()
assert count > 30 and all(kept), kept
NOTHING, ONE, ALL = (False, False, False), (True, False, False), (True, True, True)
# the table of the design: sight of the followed ticket, of the other one, and of the team
TABLE = {
    "stranger": (NOTHING, ALL, ALL),
    "ticket_follower": (ONE, ALL, ALL),
    "team_follower": (ALL, ALL, ALL),
    "assignee": (ONE, ALL, ALL),
    "manager": (ALL, ALL, ALL),
    "portal_stranger": (NOTHING, NOTHING, NOTHING),
    "portal_follower": (NOTHING, NOTHING, ONE),
}
for login, row in TABLE.items():
    user = env["res.users"].search([("login", "=", login)])
    for mode, expected in zip(("private", "company", "public"), row, strict=True):
        team = Team.search([("name", "=", mode)])
        records = [*(Ticket.search([("name", "=", f"{mode}: {title}")]) for title in ("followed", "other")), team]
        sees = tuple(record.with_user(user).has_access("read") for record in records)
        assert sees == expected, (login, mode, sees)
        found = tuple(
            # customers have no right to read any team, and may not even search
            record.browse().with_user(user).has_access("read")
            and bool(record.with_user(user).search([("id", "=", record.id)])) for record in records)
        assert found == expected, (login, mode, found)
        stage = env["helpdesk_lite.stage"].search([("name", "=", f"Only {mode}")]).with_user(user)
        assert stage.has_access("read") == (any(expected) and "portal" not in login), (login, mode)

for mode in ("private", "company", "public"):
    ticket = Ticket.search([("name", "=", f"{mode}: followed")])
    thread = Ticket.with_user(env.ref("base.public_user"))._get_thread_with_access(
        ticket.id, token=ticket.access_token or "1d51b0ab-5f4f-4a44-9ebb-5e3a2d2c9a11")
    assert bool(thread) == (mode == "public"), mode

# the ledger agrees with the assignments, and goes on
assert not env["helpdesk_lite.assignment"].search([])._find_discrepancies()
for method in ("equal_total", "equal_open"):
    team = Team.search([("name", "=", f"by {method}")])
    before = dict(env["helpdesk_lite.assignment"]._read_group([("team_id", "=", team.id)], ["user_id"], ["__count"]))
    assert sorted(before.values()) == [2, 3], before
    Ticket.create({"name": "one more", "team_id": team.id})
    env.cr.commit()
    after = dict(env["helpdesk_lite.assignment"]._read_group([("team_id", "=", team.id)], ["user_id"], ["__count"]))
    assert sorted(after.values()) == [3, 3], after

# what was merged and converted can still be taken back
agent = env["res.users"].search([("login", "=", "agent")])
tickets = Ticket.with_context(active_test=False).search([("name", "like", "to be undone _")])
master = tickets.merged_into_id
master.with_user(agent).action_undo_merge()
tickets.invalidate_recordset()
assert len(tickets) == 3 and all(tickets.mapped("active")) and not tickets.merged_into_id
for ticket in tickets:
    assert "smoke.txt" in ticket.message_ids.attachment_ids.mapped("name"), ticket.name
ticket = Ticket.with_context(active_test=False).search([("name", "=", "conversion to be undone")])
ticket.with_user(agent).action_undo_convert()
assert ticket.active and not ticket.converted_lead_id.active

# customers are asked for ratings when the switch of their team is turned on, and about no ticket that was closed before
teams = Team.with_context(active_test=False).search([])
assert not any(team.use_rating or team.rating_template_id or team.rating_since for team in teams)
assert {(team.rating_delay_hours, team.rating_pause_days) for team in teams} == {(24, 14)}
teams.use_rating = True
assert teams.rating_template_id == env.ref("helpdesk_lite.mail_template_rating") and all(teams.mapped("rating_since"))
teams.rating_delay_hours = 0
assert Ticket.search_count([("is_closed", "=", True), ("last_agent_date", "!=", False)])
Ticket._cron_ask_for_ratings()
assert not env["helpdesk_lite.rating.request"].search_count([])
"""
