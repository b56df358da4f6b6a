"""The cost of figures: ``./dev bench figures [--tickets N] [--json]``.

Among N tickets of ten years with twelve events each: the overview for an administrator and for an agent, cold (the first time,
without Odoo's caches) and warm, beside the same aggregates by plain SQL; the reports; the nightly job for one night, and for a
year of nights.
"""

import argparse
import json
import statistics
from time import monotonic

from devtools.odoo_env import odoo_env

ROUNDS = 7
TEAMS = 10
# what the overview counts in 30 days, without rules
PLAIN = (
    """ SELECT count(*), count(*) FILTER (WHERE user_id IS NULL),
               count(*) FILTER (WHERE waiting_since < now() AT TIME ZONE 'UTC' - interval '1 day')
          FROM helpdesk_lite_ticket WHERE active AND is_closed IS NOT TRUE""",
    """ SELECT date_trunc('week', opened_on), count(*) FROM helpdesk_lite_ticket
         WHERE opened_on >= now() AT TIME ZONE 'UTC' - interval '30 days' GROUP BY 1""",
    """ SELECT date_trunc('week', close_date), count(*) FROM helpdesk_lite_ticket
         WHERE close_date >= now() AT TIME ZONE 'UTC' - interval '30 days' GROUP BY 1""",
    """ SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY close_hours) FROM helpdesk_lite_ticket
         WHERE close_date >= now() AT TIME ZONE 'UTC' - interval '60 days'""",
    """ SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_response_hours) FROM helpdesk_lite_ticket
         WHERE first_response_date >= now() AT TIME ZONE 'UTC' - interval '60 days'""",
    """ SELECT extract(dow FROM opened_on), extract(hour FROM opened_on), count(*) FROM helpdesk_lite_ticket
         WHERE opened_on >= now() AT TIME ZONE 'UTC' - interval '30 days' GROUP BY 1, 2""",
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with odoo_env() as env:
        figures = Bench(env, options.tickets).run()
    if options.json:
        print(json.dumps(figures))


class Bench:
    def __init__(self, env, size):
        self.env, self.size, self.figures = env, size, {}

    def note(self, name, value):
        self.figures[name] = value
        print(f"{name:<70} {value:>12}", flush=True)

    def run(self):
        env = self.env
        begun = monotonic()
        self.build()
        self.note("made (s)", round(monotonic() - begun))
        agent = env["res.users"].create(
            {"name": "Agent", "login": "bench_agent", "group_ids": [(6, 0, env.ref("helpdesk_lite.group_user").ids)]}
        )
        for name, user in (("administrator", env.ref("base.user_admin")), ("agent", agent)):
            overview = env["helpdesk_lite.overview"].with_user(user)
            self.measure(f"overview of 30 days, {name}", overview.get_overview)
            self.measure(f"tiles of now, {name}", lambda page=overview: page.get_overview({}, ["now"]))
            self.measure(f"overview of 12 months, {name}", lambda page=overview: page.get_overview({"period": "year"}))
            ten = {"period": "custom", "first": "2016-01-01", "last": "2026-12-31"}
            self.measure(f"overview of 10 years, {name}", lambda page=overview, ten=ten: page.get_overview(ten), rounds=3)
        self.measure(
            "the same aggregates by plain SQL", lambda: [env.cr.execute(query) or env.cr.fetchall() for query in PLAIN]
        )
        report = env["helpdesk_lite.ticket.report"].with_user(agent)
        groups = (["team_id"], ["__count", "close_hours:avg", "first_response_hours:avg"])
        self.measure("tickets report by team, all years", lambda: report._read_group([], *groups), rounds=3)
        stages = env["helpdesk_lite.stage.report"].with_user(agent)
        recent = [("entered_on", ">=", "today -30d")]
        self.measure(
            "stages report by stage, 30 days", lambda: stages._read_group(recent, ["stage_id"], ["stage_hours:avg"]), rounds=3
        )
        self.nightly()
        env.cr.rollback()
        return self.figures

    def measure(self, name, call, rounds=ROUNDS):
        """Note the first time and the median of the others, in ms, and the number of statements."""
        seconds = []
        for number in range(rounds + 1):
            self.env.flush_all()
            self.env.invalidate_all()
            if not number:
                self.env.registry.clear_all_caches()
                self.env.cr.execute("DISCARD PLANS")
            before, begun = self.env.cr.sql_log_count, monotonic()
            call()
            seconds.append(monotonic() - begun)
        self.note(f"{name}, cold (ms)", round(1000 * seconds[0]))
        self.note(f"{name}, warm (ms)", round(1000 * statistics.median(seconds[1:])))
        self.note(f"{name} (statements)", self.env.cr.sql_log_count - before)

    def nightly(self):
        Backlog = self.env["helpdesk_lite.backlog"]
        today = self.env.cr.now().date()
        for name, days in (("one night", 3), ("a year of nights", 365)):
            begun = monotonic()
            start = today.fromordinal(today.toordinal() - days)
            while start < today:
                end = min(start.fromordinal(start.toordinal() + 31), today)
                Backlog._count_days(start, end)
                start = end
            self.note(f"backlog, {name} (s)", round(monotonic() - begun, 2))
        self.note("rows of the backlog", Backlog.search_count([]))

    def build(self):
        """Tickets of ten years, 98 % of them closed, with twelve events each, by SQL in sets."""
        env, cr = self.env, self.env.cr
        teams = env["helpdesk_lite.team"].create([{"name": f"Bench {number}"} for number in range(TEAMS)])
        first, last = teams[0].stage_ids[0], teams[0].stage_ids.filtered("fold")[0]
        env.flush_all()
        cr.execute("SELECT setseed(0.17)")
        cr.execute(
            """
            INSERT INTO helpdesk_lite_ticket
                        (name, number, team_id, company_id, stage_id, priority, active, is_closed, create_date, opened_on,
                         close_date, close_hours, first_response_date, first_response_hours, response_count, reopen_count,
                         user_id, channel, waiting_since)
            SELECT 'bench', 'F' || number, (%(teams)s)[1 + number %% %(count)s], %(company)s,
                   CASE WHEN done THEN %(last)s ELSE %(first)s END, (number %% 4)::text, TRUE, done, opened, opened,
                   CASE WHEN done THEN opened + hours * interval '1 hour' END, CASE WHEN done THEN hours / 4 END,
                   opened + interval '2 hours', hours / 20, number %% 4, (number %% 10 = 0)::int,
                   CASE WHEN number %% 5 > 0 THEN %(user)s END, CASE WHEN number %% 3 = 0 THEN 'form' ELSE 'mail' END,
                   CASE WHEN NOT done AND number %% 2 = 0 THEN opened END
              FROM (SELECT number, random() > 0.02 AS done, random() * 200 AS hours,
                           (now() AT TIME ZONE 'UTC')::timestamp(0) - interval '1 day' * (3650.0 * number / %(size)s) AS opened
                      FROM generate_series(1, %(size)s) number) made
            """,
            {
                "teams": teams.ids,
                "count": TEAMS,
                "company": env.company.id,
                "first": first.id,
                "last": last.id,
                "user": env.uid,
                "size": self.size,
            },
        )
        cr.execute(
            """
            INSERT INTO helpdesk_lite_event (ticket_id, date, kind, author_kind, stage_id, team_id, priority)
            SELECT ticket.id,
                   CASE WHEN kind = 'closed' THEN ticket.close_date ELSE ticket.opened_on + place * interval '1 hour' END,
                   kind, 'agent', ticket.stage_id, ticket.team_id, ticket.priority
              FROM helpdesk_lite_ticket ticket,
                   unnest(ARRAY['created', 'customer', 'user', 'agent', 'customer', 'note', 'agent', 'stage', 'customer',
                                'agent', 'stage', 'closed']) WITH ORDINALITY AS made (kind, place)
             WHERE ticket.name = 'bench' AND (kind != 'closed' OR ticket.is_closed)
             ORDER BY ticket.opened_on, place
            """
        )
        cr.execute("ANALYZE helpdesk_lite_ticket; ANALYZE helpdesk_lite_event")


if __name__ == "__main__":
    main()
