from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.intake.mail_alarm import TOKEN
from .kept_mail import KeptMailCase

MAIL = "helpdesk_lite.mail"
NOW = datetime(2026, 3, 2, 12, 0, 0)


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestAlarm(KeptMailCase):
    """When mail has failed for 15 minutes or a mail server reports errors, the administrators concerned are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env[MAIL].search([]).unlink()
        cls.server = cls.env["fetchmail.server"].create({"name": "Secret Server", "server": "imap.test", "user": "x"})
        cls.type = cls.env.ref("helpdesk_lite.activity_type_failed_mail")

    def alarm(self, user=None):
        return self.call(user or self.manager, MAIL, "get_alarm")

    def tell(self):
        """Run the job, and return who was given an activity by it."""
        Activity = self.env["mail.activity"].with_context(active_test=False)
        before = Activity.search([("activity_type_id", "=", self.type.id)])
        self.env[MAIL]._cron_alarm()
        told = Activity.search([("activity_type_id", "=", self.type.id)]) - before
        # the database has a clock of its own
        self.env.cr.execute("UPDATE mail_activity SET create_date = %s WHERE id = ANY(%s)", [fields.Datetime.now(), told.ids])
        return told

    def test_nothing_is_said_while_all_is_well(self):
        for state in ("done", "duplicate", "parked", "discarded"):
            self.keep(state, received_on=ago(1000))
        self.keep("failed", received_on=ago(14))
        self.keep("received", received_on=ago(14))
        self.assertFalse(self.alarm())
        self.assertFalse(self.tell())

    def test_dashboard_tells_of_failed_and_waiting_mails(self):
        self.keep("failed", received_on=ago(15))
        self.keep("failed", received_on=ago(60))
        self.keep("received", received_on=ago(16))
        alarm = self.alarm()
        self.assertEqual(alarm["mails"], 3)
        self.assertEqual(len(alarm["texts"]), 2)
        self.assertIn("2", alarm["texts"][0])

    def test_dashboard_counts_the_mails_of_ones_own_companies(self):
        self.keep("failed", received_on=ago(60), company_id=self.other_company.id)
        self.assertFalse(self.alarm())
        self.assertEqual(self.alarm(self.other_manager)["mails"], 1)
        self.keep("failed", received_on=ago(60), company_id=False)
        self.assertEqual(self.alarm()["mails"], 1, "nobody's mail is everybody's")

    def test_names_of_mail_servers_are_for_administrators_of_odoo(self):
        self.server.error_date = ago(1)
        alarm = self.alarm()
        self.assertTrue(alarm["texts"])
        self.assertFalse(alarm["can_open_servers"])
        self.assertNotIn("Secret Server", str(alarm))
        both = new_test_user(self.env, "hl_both", "helpdesk_lite.group_manager,base.group_system")
        alarm = self.alarm(both)
        self.assertIn("Secret Server", str(alarm))
        self.assertTrue(alarm["can_open_servers"])

    def test_a_server_without_errors_or_archived_is_not_reported(self):
        self.server.write({"error_date": ago(60), "active": False})
        self.assertFalse(self.alarm())
        self.assertFalse(self.tell())

    def test_each_administrator_concerned_has_one_activity_a_day(self):
        self.keep("failed", received_on=ago(20))
        told = self.tell()
        self.assertIn(self.manager, told.user_id)
        self.assertNotIn(self.other_manager, told.user_id, "the mail is not of their company")
        self.assertFalse(told.user_id & (self.agent + self.employee + self.customer_user))
        self.assertFalse(told.user_id.filtered(lambda user: not user.active))
        self.keep("failed", received_on=ago(30))
        told.filtered(lambda activity: activity.user_id == self.manager).with_user(self.manager).action_feedback()
        self.assertFalse(self.tell(), "not again on the same day, done or not")
        with freeze_time(NOW + timedelta(days=1)):
            self.assertIn(self.manager, self.tell().user_id)

    def test_activity_is_read_by_its_owner_only(self):
        self.keep("failed", received_on=ago(20))
        activity = self.tell().filtered(lambda activity: activity.user_id == self.manager)
        self.assertEqual(len(activity), 1)
        [read] = self.call(self.manager, "mail.activity", "read", activity.ids, ["summary", "note"])
        self.assertIn("helpdesk-lite-incoming-mail", read["note"])
        for user in (self.agent, self.employee, self.other_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "mail.activity", "read", activity.ids, ["note"])

    def test_a_failing_server_is_told_to_all_administrators(self):
        self.server.error_date = ago(1)
        told = self.tell()
        self.assertLessEqual(self.manager + self.other_manager, told.user_id)
        self.assertNotIn("Secret Server", str(told.mapped("note")))

    def test_no_activities_without_their_type(self):
        self.keep("failed", received_on=ago(20))
        self.type.unlink()
        self.env[MAIL]._cron_alarm()
        self.assertFalse(self.env["mail.activity"].search([("summary", "=", "Incoming mail fails")]))


@tagged("post_install", "-at_install")
class TestHealth(KeptMailCase, HttpCase):
    """The address for monitoring systems."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env[MAIL].search([]).unlink()
        cls.env["fetchmail.server"].search([]).error_date = False
        # nothing has run while the database was a template
        cls.env["ir.cron"].search([]).nextcall = datetime.now() + timedelta(minutes=1)
        cls.env["ir.config_parameter"].set_param(TOKEN, "the-token")

    def health(self, **params):
        return self.url_open("/helpdesk/health", params=params)

    def figures(self):
        response = self.health(token="the-token")
        self.assertEqual(response.status_code, 200)
        return response.json()

    def test_figures(self):
        figures = self.figures()
        self.assertEqual(figures["failing"], False)
        self.assertEqual(set(figures["counts"]), {"received", "done", "duplicate", "parked", "failed", "discarded"})
        self.assertEqual(sum(figures["counts"].values()), 0)
        self.assertIsNone(figures["oldest_failure"])
        now = datetime.now().replace(microsecond=0)
        self.keep("done", received_on=now - timedelta(days=2))
        self.keep("failed", received_on=now - timedelta(minutes=5))
        self.assertEqual(self.figures()["failing"], False, "it is being tried again")
        self.keep("failed", received_on=now - timedelta(hours=2), company_id=self.other_company.id)
        figures = self.figures()
        self.assertEqual(figures["failing"], True)
        self.assertEqual((figures["counts"]["failed"], figures["counts"]["done"]), (2, 1))
        self.assertEqual(figures["oldest_failure"], f"{(now - timedelta(hours=2)).isoformat()}Z")

    def test_waiting_mails_and_failing_servers_count_as_failing(self):
        mail = self.keep("received", received_on=datetime.now() - timedelta(minutes=20))
        self.assertEqual(self.figures()["failing"], True)
        mail.unlink()
        self.assertEqual(self.figures()["failing"], False)
        self.env["fetchmail.server"].create(
            {"name": "Care", "server": "imap.test", "user": "x", "error_date": datetime(2026, 3, 2, 12, 0)}
        )
        figures = self.figures()
        self.assertEqual(figures["failing"], True)
        self.assertEqual(figures["servers_with_errors"], [{"name": "Care", "since": "2026-03-02T12:00:00Z"}])

    def test_jobs_and_addresses_that_fail_count_as_failing(self):
        job = self.env.ref("helpdesk_lite.cron_mail_again")
        job.failure_count = 2
        figures = self.figures()
        self.assertEqual(figures["failing"], True)
        self.assertEqual(figures["failing_jobs"], [{"name": job.cron_name, "failures": 2, "problem": "failed"}])
        job.failure_count = 0
        # jobs of others are watched by others
        self.env.ref("base.autovacuum_job").failure_count = 9
        self.assertEqual(self.figures()["failing"], False)
        alias = self.team.alias_id
        alias.alias_status = "invalid"
        figures = self.figures()
        self.assertEqual(figures["failing"], True)
        self.assertEqual(figures["invalid_addresses"], [alias.alias_full_name or alias.alias_name])

    def assertJobs(self, problem=None, *jobs):
        figures = self.figures()
        self.assertEqual(figures["failing"], bool(jobs))
        self.assertEqual(figures["failing_jobs"], [{"name": job.cron_name, "failures": 0, "problem": problem} for job in jobs])

    def switch_off(self, job):
        """As Odoo does after the fifth failure in more than a week, which sets the number of failures back."""
        self.env.flush_all()
        failed = {**job.read()[0], "failure_count": 4, "first_failure_date": datetime.now() - timedelta(days=8)}
        with self.enter_registry_test_mode(), mute_logger("odoo.addons.base.models.ir_cron"):
            job._update_failure_count(failed, "failed")
            job._reschedule_later(failed)
        self.env.cr.execute("UPDATE ir_cron SET write_date = lastcall - interval '1 minute' WHERE id = %s", [job.id])
        self.env.invalidate_all()
        self.assertEqual((job.active, job.failure_count), (False, 0))

    def test_jobs_that_odoo_has_switched_off_count_as_failing(self):
        job = self.env.ref("helpdesk_lite.cron_assign_waiting")
        self.switch_off(job)
        self.assertJobs("stopped", job)
        job.active = True
        self.assertJobs()
        # who does that knows it
        job.active = False
        self.assertJobs()

    def test_the_job_that_fetches_is_off_without_mail_servers(self):
        job = self.env.ref("mail.ir_cron_mail_gateway_action")
        self.env["fetchmail.server"].search([]).active = False
        self.switch_off(job)
        self.assertJobs()
        server = self.env["fetchmail.server"].create({"name": "Care", "server": "imap.test", "user": "x", "state": "done"})
        self.switch_off(job)
        self.assertJobs("stopped", job)
        server.state = "draft"
        self.assertJobs()

    def test_without_scheduled_actions_mail_is_late(self):
        jobs = [self.env.ref(name) for name in ("helpdesk_lite.cron_mail_again", "mail.ir_cron_mail_gateway_action")]
        others = self.env.ref("helpdesk_lite.cron_backlog")
        for job in (*jobs, others):
            job.write({"active": True, "nextcall": datetime.now() - timedelta(minutes=14)})
        self.assertJobs()
        for job in (*jobs, others):
            job.nextcall = datetime.now() - timedelta(minutes=16)
        self.assertJobs("late", *sorted(jobs, key=lambda job: job.id))
        # one run after the other, because there is much to fetch
        for job in jobs:
            self.env["ir.cron.progress"].create({"cron_id": job.id})
        self.assertJobs()

    def test_tickets_that_wait_are_counted_and_no_failure(self):
        tickets = self.make_ticket() | self.make_ticket()
        tickets.assignment_waiting = True
        tickets[0].action_close()
        figures = self.figures()
        self.assertEqual(figures["tickets_waiting_for_assignment"], 1)
        self.assertEqual(figures["failing"], False, "at night nobody is available")

    def test_without_the_token_nothing_is_told(self):
        self.keep("failed", subject="Zebra")
        for params in ({}, {"token": ""}, {"token": "the-toke"}, {"token": "the-token "}, {"token[]": "the-token"},
                       {"token": "é"}, {"token": "\x00"}, {"token": "x" * 5000}, {"TOKEN": "the-token"}):  # fmt: skip
            with self.subTest(params=params):
                response = self.health(**params)
                self.assertEqual(response.status_code, 403)
                self.assertEqual(response.json(), {})
        for query in ("?token=%ff", "?token=%00", "?token=wrong&token=the-token", "?" + "a=1&" * 200, "?token"):
            with self.subTest(query=query):
                self.assertEqual(self.url_open(f"/helpdesk/health{query}").status_code, 403)
        # an administrator who is logged in knows no token either
        self.authenticate("hl_manager", "hl_manager")
        self.assertEqual(self.health().status_code, 403)

    def test_without_a_token_there_is_no_such_page(self):
        for token in (False, ""):
            self.env["ir.config_parameter"].set_param(TOKEN, token)
            for params in ({}, {"token": ""}, {"token": "False"}, {"token": "None"}):
                self.assertEqual(self.health(**params).status_code, 404)

    def test_statements_do_not_grow_with_the_mails(self):
        def count():
            self.figures()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env[MAIL].sudo()._get_health()
            return self.env.cr.sql_log_count - before

        few = count()
        for number in range(40):
            self.keep(("failed", "done", "parked")[number % 3])
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 3)

    def test_the_token_is_for_administrators_of_odoo(self):
        for user in (self.manager, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "res.config.settings", "create", [{}])
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "ir.config_parameter", "search_read", [("key", "=", TOKEN)])

    def test_settings(self):
        admin = new_test_user(self.env, "hl_settings", "base.group_system")
        Settings = "res.config.settings"
        fields = ["helpdesk_lite_health_url", "helpdesk_lite_mail_days_done", "helpdesk_lite_mail_days_other"]
        self.assertEqual(self.call(admin, Settings, "default_get", fields)["helpdesk_lite_mail_days_done"], 30)
        self.assertEqual(self.call(admin, Settings, "default_get", fields)["helpdesk_lite_mail_days_other"], 180)
        settings = self.call(admin, Settings, "create", [{"helpdesk_lite_mail_days_done": 7}])
        self.call(admin, Settings, "execute", settings)
        self.assertEqual(self.call(admin, Settings, "default_get", fields)["helpdesk_lite_mail_days_done"], 7)
        self.assertEqual(self.call(admin, Settings, "default_get", fields)["helpdesk_lite_mail_days_other"], 180)
        [page] = self.call(admin, Settings, "read", settings, fields)
        self.assertTrue(page["helpdesk_lite_health_url"].endswith("/helpdesk/health?token=the-token"))
        self.call(admin, Settings, "action_renew_helpdesk_lite_health_token", settings)
        self.assertEqual(self.health(token="the-token").status_code, 403)
        [page] = self.call(admin, Settings, "read", settings, fields)
        self.assertEqual(self.health(token=page["helpdesk_lite_health_url"].partition("token=")[2]).status_code, 200)
