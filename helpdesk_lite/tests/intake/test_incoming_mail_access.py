from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .kept_mail import KeptMailCase

MAIL, BLOCK = "helpdesk_lite.mail", "helpdesk_lite.mail.block"
# the ways in of the web client and of integrations, with what they ask
READS = {"read": ([["subject"]], {}), "web_read": ([{"subject": {}}], {}), "export_data": ([["subject", "source"]], {})}
VERBS = (
    "action_process_again",
    "action_make_ticket",
    "action_attach",
    "action_discard",
    "action_block_sender",
    "action_allow_sender",
    "action_download",
)
WIZARDS = ("helpdesk_lite.mail.place", "helpdesk_lite.mail.discard", "helpdesk_lite.mail.block.sender")
NEW = {"message_id": "<x>", "digest": "x", "transport": "upload", "subject": "x"}


@tagged("post_install", "-at_install")
class TestIncomingMailAccess(KeptMailCase, HttpCase):
    """Incoming mails are for the administrators of the helpdesk of the same company, and for nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.keep("failed", subject="Zebra of a private team", error="secret")
        # whoever may export exports what they can read
        cls.env.ref("base.group_allow_export").user_ids += cls.agent + cls.employee + cls.other_manager
        cls.block = cls.env[BLOCK].create({"name": "@zebra.example", "company_id": cls.company.id})
        cls.strangers = {
            "agent": cls.agent,
            "employee": cls.employee,
            "customer": cls.customer_user,
            "visitor": cls.env.ref("base.public_user"),
        }

    def assertNotFound(self, user, model, domain):
        """Neither found, counted, grouped nor named."""
        for method, args in (
            ("search", [domain]),
            ("search_count", [domain]),
            ("search_read", [domain, ["id"]]),
            ("web_search_read", [domain, {"id": {}}]),
            ("name_search", ["", domain]),
            ("formatted_read_group", [domain, [], ["__count"]]),
            ("web_read_group", [domain, ["company_id"], ["__count"]]),
        ):
            with self.subTest(user=user.login, model=model, method=method):
                try:
                    answer = self.call(user, model, method, *args)
                except AccessError:
                    continue
                if method == "formatted_read_group":
                    self.assertFalse(sum(group["__count"] for group in answer))
                elif isinstance(answer, dict):
                    self.assertFalse(answer.get("length") or answer.get("groups"))
                else:
                    self.assertFalse(answer)

    def test_nobody_but_administrators_reads(self):
        for user in (*self.strangers.values(), self.other_manager):
            self.assertNotFound(user, MAIL, [("id", "=", self.mail.id)])
            self.assertNotFound(user, BLOCK, [("id", "=", self.block.id)])
            for method, (args, kwargs) in READS.items():
                refusal = UserError if method == "export_data" and user.share else AccessError
                with self.subTest(user=user.login, method=method), self.assertRaises(refusal):
                    self.call(user, MAIL, method, self.mail.ids, *args, **kwargs)
        for user in (*self.strangers.values(), self.other_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, BLOCK, "read", self.block.ids, ["name"])
        self.assertEqual(
            self.call(self.manager, MAIL, "read", self.mail.ids, ["subject"])[0]["subject"], "Zebra of a private team"
        )
        self.assertEqual(self.call(self.manager, BLOCK, "read", self.block.ids, ["name"])[0]["name"], "@zebra.example")

    def test_nobody_but_administrators_acts(self):
        for user in (*self.strangers.values(), self.other_manager):
            for verb in VERBS:
                with self.subTest(user=user.login, verb=verb), self.assertRaises(AccessError):
                    self.call(user, MAIL, verb, self.mail.ids)
            for wizard in WIZARDS:
                for context in ({}, {"default_mail_ids": self.mail.ids}):
                    values = {} if context else {"mail_ids": [(6, 0, self.mail.ids)]}
                    values |= {"reason": "x"} if wizard.endswith("discard") else {}
                    values |= {"team_id": self.other_team.id} if wizard.endswith("place") else {}
                    with self.subTest(user=user.login, wizard=wizard, context=context), self.assertRaises(AccessError):
                        self.call(user, wizard, "create", [values], context=context)
                with self.subTest(user=user.login, wizard=wizard), self.assertRaises(AccessError):
                    spec = {"mail_ids": {"fields": {"display_name": {}}}}
                    self.call(user, wizard, "onchange", [], {"mail_ids": [(4, self.mail.id)]}, ["mail_ids"], spec)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, BLOCK, "action_unblock", self.block.ids)
        self.assertEqual(self.mail.state, "failed")
        self.assertTrue(self.block.active)
        self.assertFalse(self.env["mail.gateway.allowed"].search([("email_normalized", "=", "zoe@quill.example")]))

    def test_nobody_but_administrators_is_told_of_failures(self):
        for user in self.strangers.values():
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, MAIL, "get_alarm")

    def test_menus_are_shown_to_administrators(self):
        menus = self.env.ref("helpdesk_lite.menu_incoming_mail") + self.env.ref("helpdesk_lite.menu_blocked_senders")
        for user in (self.agent, self.employee):
            self.assertFalse(set(menus.ids) & set(self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()), user.login)
        visible = self.env["ir.ui.menu"].with_user(self.manager)._visible_menu_ids()
        self.assertLessEqual(set(menus.ids), set(visible))
        self.assertNotIn(self.env.ref("helpdesk_lite.menu_settings").id, visible, "the settings are Odoo's")

    def test_agents_find_no_mail_by_way_of_tickets(self):
        """Nothing that agents can search has a path to incoming mails."""
        mails = {MAIL, BLOCK}
        for model in self.env.values():
            if model._abstract or model._name.startswith("helpdesk_lite.mail"):
                continue
            for field in model._fields.values():
                if field.comodel_name in mails:
                    with self.subTest(field=field):
                        self.assertFalse(self.env["ir.model.access"].with_user(self.agent).check(model._name, "read", False))

    def test_administrators_change_no_mail_by_rpc(self):
        for values in ({"state": "done"}, {"subject": "y"}, {"source": "eA=="}, {"options": {}}, {"company_id": False}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.call(self.manager, MAIL, "write", self.mail.ids, values)
        for method, args in (
            ("create", [[NEW]]),
            ("unlink", [self.mail.ids]),
            ("copy", [self.mail.ids]),
            ("web_save", [self.mail.ids, {"state": "done"}, {"id": {}}]),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.manager, MAIL, method, *args)
        self.assertFalse(self.call(self.manager, MAIL, "load", list(NEW), [list(NEW.values())])["ids"])
        self.assertEqual((self.mail.state, self.mail.subject), ("failed", "Zebra of a private team"))

    def test_administrators_block_for_their_companies_only(self):
        with self.assertRaises(AccessError):
            self.call(self.other_manager, BLOCK, "create", [{"name": "a@b.example", "company_id": self.company.id}])
        with self.assertRaises(AccessError):
            context = {"default_company_id": self.company.id}
            self.call(self.other_manager, BLOCK, "create", [{"name": "a@b.example"}], context=context)
        own = self.call(self.other_manager, BLOCK, "create", [{"name": "a@b.example"}])
        self.assertEqual(self.env[BLOCK].browse(own).company_id, self.other_company)
        with self.assertRaises(AccessError):
            self.call(self.other_manager, BLOCK, "write", own, {"company_id": self.company.id})
        self.assertFalse(self.env[BLOCK]._is_blocked("a@b.example", self.company))
        self.assertTrue(self.env[BLOCK]._is_blocked("a@b.example", self.other_company))

    def test_administrator_puts_no_mail_where_they_see_nothing(self):
        """Neither into another company's team or ticket, nor by a wizard of somebody else."""
        Place = "helpdesk_lite.mail.place"
        foreign = self.env["helpdesk_lite.ticket"].create({"name": "Theirs", "team_id": self.other_team.id})
        for values in ({"kind": "team", "team_id": self.other_team.id}, {"kind": "ticket", "ticket_id": foreign.id}):
            values = {"mail_ids": [(6, 0, self.mail.ids)], **values}
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.call(self.manager, Place, "create", [values])
        own = self.call(
            self.manager, Place, "create", [{"mail_ids": [(6, 0, self.mail.ids)], "kind": "team", "team_id": self.team.id}]
        )
        for user in (self.other_manager, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, Place, "action_place", own)
        # the team went to another company in the meantime
        self.env.cr.execute(
            "UPDATE helpdesk_lite_team SET company_id = %s WHERE id = %s", [self.other_company.id, self.team.id]
        )
        with self.assertRaises(AccessError):
            self.call(self.manager, Place, "action_place", own)
        self.assertEqual(self.mail.state, "failed")

    def test_results_are_for_whoever_acted(self):
        other = self.keep("done")
        action = self.call(self.manager, MAIL, "action_process_again", (other + self.keep("done")).ids)
        self.assertEqual(action["res_model"], "helpdesk_lite.mail.result")
        second = self.env["res.users"].browse(self.manager.copy({"login": "hl_second"}).id)
        for user in (second, self.other_manager, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, action["res_model"], "read", [action["res_id"]], ["line_ids"])

    # ------------------------------------------------------------
    # PAGES
    # ------------------------------------------------------------

    def test_download(self):
        url = f"/helpdesk/incoming-mail/{self.mail.id}"
        self.authenticate("hl_manager", "hl_manager")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content, self.mail._get_source())
        self.assertTrue(response.headers["Content-Disposition"].startswith("attachment"))
        self.assertEqual(response.headers["Content-Type"].partition(";")[0], "message/rfc822")
        self.assertIn("sandbox", response.headers["Content-Security-Policy"])
        both = self.url_open(f"{url},{self.keep('done').id}")
        self.assertEqual((both.status_code, both.content[:2]), (200, b"PK"))

    @mute_logger("odoo.http")
    def test_nobody_but_administrators_downloads(self):
        url = f"/helpdesk/incoming-mail/{self.mail.id}"
        content = f"/web/content/{MAIL}/{self.mail.id}/source"
        for login in ("hl_agent", "hl_employee", "hl_customer", "hl_other_manager"):
            self.authenticate(login, login)
            for path in (url, f"{content}?download=true", content):
                with self.subTest(login=login, path=path):
                    response = self.url_open(path)
                    self.assertIn(response.status_code, (403, 404))
                    self.assertNotIn(b"Zebra", response.content)
        self.authenticate(None, None)
        for path in (url, content):
            response = self.url_open(path)
            self.assertNotIn(b"Zebra", response.content, "visitors are asked to log in")

    @mute_logger("odoo.http")
    def test_malformed_downloads_are_not_found(self):
        self.authenticate("hl_manager", "hl_manager")
        foreign = self.keep("failed", company_id=self.other_company.id)
        for ids in ("0", "-1", "x", "1,", ",", "99999999999999999999", "2147483647", "١", f"{self.mail.id},x", foreign.id,
                    f"{self.mail.id},{foreign.id}", ",".join(["1"] * 600), "%00", "1e3", " 1", "1/2"):  # fmt: skip
            with self.subTest(ids=ids):
                self.assertEqual(self.url_open(f"/helpdesk/incoming-mail/{ids}").status_code, 404)
