import cProfile, pstats, time, statistics
from devtools.odoo_env import odoo_env
from collections import defaultdict
with odoo_env() as env:
    env = env(context={**env.context, "no_reset_password": True})
    calendar = env["resource.calendar"].create({"name": "Always", "tz": "UTC", "attendance_ids": [(5, 0, 0)] + [
        (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24, "day_period": "morning"}) for day in range(7)]})
    agents = env["res.users"].create([
        {"name": f"Agent {i}", "login": f"agent{i}", "notification_type": "inbox",
         "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]} for i in range(1, 11)])
    env["hr.employee"].create([
        {"name": user.name, "user_id": user.id, "resource_calendar_id": calendar.id, "tz": "UTC"} for user in agents[:8]])
    team = env["helpdesk_lite.team"].create({"name": "A", "member_ids": agents.ids, "resource_calendar_id": calendar.id, "auto_assignment": True, "assign_method": "equal_open"})
    env.cr.commit()
    Ticket = env["helpdesk_lite.ticket"].with_user(agents[0])
    T = type(env["helpdesk_lite.team"]); K = type(env["helpdesk_lite.ticket"]); B = type(env["helpdesk_lite.assignment.book"]); R = type(env["resource.resource"])
    spent = defaultdict(float); stmts = defaultdict(int)
    def wrap(cls, name):
        orig = getattr(cls, name)
        def f(self, *a, **k):
            s = time.perf_counter(); q = env.cr.sql_log_count
            try:
                return orig(self, *a, **k)
            finally:
                spent[name] += time.perf_counter() - s; stmts[name] += env.cr.sql_log_count - q
        setattr(cls, name, f)
    for n in ("_get_assignable_users", "_get_presences", "_get_member_resources", "_get_leaves", "_get_ends_of_time_off", "_get_work", "_assign_in_turn", "_count_open_tickets"):
        if hasattr(T, n): wrap(T, n)
    for n in ("_choose_for_new", "_log_choices", "create", "_notify_assignees", "_subscribe_at_creation","_prepare_request"):
        if hasattr(K, n): wrap(K, n)
    wrap(R, "_get_calendars_validity_within_period")
    wrap(type(env["resource.calendar"]), "_attendance_intervals_batch")
    wrap(T, "_explain_choice"); wrap(K, "_note_choices"); wrap(B, "_settle")
    import sys
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    n = 60
    for r in range(n + 5):
        if r == 5:
            spent.clear(); stmts.clear(); total = 0
        env.cr.commit(); env.invalidate_all()
        Ticket.env.user.name, team.name
        s = time.perf_counter()
        Ticket.create([{"name": "x", "team_id": team.id} for _ in range(size)])
        env.flush_all()
        total = (total if r >= 5 else 0) + time.perf_counter() - s
        env.cr.rollback()
    print("total", 1000 * total / n)
    for k, v in sorted(spent.items(), key=lambda kv: -kv[1]):
        print(f"{k:45} {1000 * v / n:8.2f} ms {stmts[k] / n:5.1f}")
