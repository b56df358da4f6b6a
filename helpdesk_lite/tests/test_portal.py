import re
import uuid

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestPortal(HelpdeskCase, HttpCase):
    """Every page of the portal with the user's own ticket, a foreign ticket, a link and malformed parameters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(
            name="My own lamp", description="<p>It is dark.</p>", partner_id=cls.customer.id, user_id=cls.agent.id
        )
        cls.foreign = cls.make_ticket(name="Lamp of others")
        cls.answer = cls.ticket.with_user(cls.agent).message_post(
            body="Turn it on.", message_type="comment", subtype_xmlid="mail.mt_comment", attachments=[("manual.txt", b"how to")]
        )
        cls.note = cls.ticket.with_user(cls.agent).message_post(
            body="Hopeless customer",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            attachments=[("secret.txt", b"secret")],
        )

    def page(self, ticket, **params):
        return self.url_open(f"/my/helpdesk-tickets/{ticket.id}", params=params)

    def fetch(self, ticket, **params):
        return self.make_jsonrpc_request(
            "/mail/chatter_fetch", {"thread_model": ticket._name, "thread_id": ticket.id, **params}
        )

    def post_message(self, ticket, **params):
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": ticket._name,
                "thread_id": ticket.id,
                "post_data": {"body": "Thanks!", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
                **params,
            },
        )

    def close(self, ticket, csrf=True, **data):
        token = re.search(r'csrf_token: "([^"]+)"', self.url_open("/helpdesk").text)[1]
        return self.url_open(f"/my/helpdesk-tickets/{ticket.id}/close", data={"csrf_token": token if csrf else "bad", **data})

    def assertNotShown(self, response, ticket):
        self.assertEqual(response.status_code, 200)
        self.assertNotIn(ticket.name, response.text)
        self.assertFalse(f"/my/helpdesk-tickets/{ticket.id}" in response.url.partition("?")[0])

    # ------------------------------------------------------------
    # HOME AND LIST
    # ------------------------------------------------------------

    def test_home_counts_own_tickets(self):
        self.authenticate("hl_customer", "hl_customer")
        self.assertIn("/my/helpdesk-tickets", self.url_open("/my").text)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["helpdesk_lite_ticket_count"]})
        self.assertEqual(counters["helpdesk_lite_ticket_count"], 1)

    def test_list_shows_own_tickets(self):
        self.authenticate("hl_customer", "hl_customer")
        page = self.url_open("/my/helpdesk-tickets").text
        self.assertIn("My own lamp", page)
        self.assertIn(self.ticket.number, page)
        self.assertNotIn("Lamp of others", page)

    def test_list_of_employee_shows_what_they_follow(self):
        self.ticket.message_subscribe(self.employee.partner_id.ids)
        self.authenticate("hl_employee", "hl_employee")
        page = self.url_open("/my/helpdesk-tickets").text
        self.assertIn("My own lamp", page)
        self.assertNotIn("Lamp of others", page)

    def test_list_needs_login(self):
        self.assertIn("/web/login", self.url_open("/my/helpdesk-tickets").url)

    def test_filters_and_search(self):
        self.authenticate("hl_customer", "hl_customer")
        closed = self.make_ticket(name="Old radio", partner_id=self.customer.id)
        closed.action_close()
        for params, radio, lamp in (
            ({}, True, True),
            ({"filterby": "open"}, False, True),
            ({"filterby": "closed"}, True, False),
            ({"search": "radio"}, True, False),
            ({"search": closed.number}, True, False),
            ({"search": f"#{closed.number}"}, True, False),
            ({"search": f"[{closed.number}]", "search_in": "number"}, True, False),
            ({"search": "RADIO", "search_in": "name"}, True, False),
            ({"search": "radio", "search_in": "number"}, False, False),
            ({"search": "turn it on", "search_in": "messages"}, False, True),
            ({"search": "it is dark", "search_in": "messages"}, False, True),
            ({"search": "hopeless", "search_in": "messages"}, False, False),
            ({"search": "\x00radio"}, True, False),
        ):
            with self.subTest(params=params):
                page = self.url_open("/my/helpdesk-tickets", params=params).text
                self.assertEqual("Old radio" in page, radio)
                self.assertEqual("My own lamp" in page, lamp)

    def test_sortings_and_groupings(self):
        self.authenticate("hl_customer", "hl_customer")
        self.make_ticket(name="Old radio", partner_id=self.customer.id, priority="2").action_close()
        for sortby in ("date", "update", "name", "number", "stage"):
            for groupby in ("none", "stage_id", "team_id"):
                with self.subTest(sortby=sortby, groupby=groupby):
                    response = self.url_open("/my/helpdesk-tickets", params={"sortby": sortby, "groupby": groupby})
                    self.assertEqual(response.status_code, 200)
                    self.assertIn("Old radio", response.text)
                    self.assertIn("My own lamp", response.text)

    def test_malformed_parameters(self):
        self.authenticate("hl_customer", "hl_customer")
        for params in (
            {"sortby": "bogus"},
            {"sortby": "id; DROP TABLE x"},
            {"filterby": "zzz"},
            {"groupby": "partner_id"},
            {"page": "abc"},
            {"page": "-3"},
            {"page": "²"},
            {"search_in": "access_token", "search": "a"},
            {"date_begin": "x"},
        ):
            with self.subTest(params=params):
                response = self.url_open("/my/helpdesk-tickets", params=params)
                self.assertEqual(response.status_code, 200)
                self.assertIn("My own lamp", response.text)
        for path in ("page/abc", "abc", "page/99999999999999999999", "1.5", "1/close"):
            with self.subTest(path=path):
                self.assertLess(self.url_open(f"/my/helpdesk-tickets/{path}").status_code, 500)

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    def test_own_ticket(self):
        self.authenticate("hl_customer", "hl_customer")
        page = self.page(self.ticket).text
        for text in (self.ticket.number, "My own lamp", "It is dark.", "Team public", "hl_agent", self.ticket.stage_id.name):
            self.assertIn(text, page)
        self.assertNotIn("secret.txt", page)

    def test_employee_sees_the_page_and_the_way_back(self):
        self.authenticate("hl_employee", "hl_employee")
        page = self.page(self.ticket).text
        self.assertIn("My own lamp", page)
        self.assertIn(f"/mail/view?model=helpdesk_lite.ticket&amp;res_id={self.ticket.id}", page)
        private = self.make_ticket("private", name="Private lamp")
        self.assertNotShown(self.page(private, access_token="guess"), private)

    def test_foreign_missing_and_absurd_tickets_get_the_same_answer(self):
        gone = self.make_ticket(name="Gone lamp")
        gone_id = gone.id
        gone.unlink()
        self.authenticate("hl_customer", "hl_customer")
        for ticket_id in (self.foreign.id, gone_id, 0, 2**31, 10**30):
            for token in ({}, {"access_token": str(uuid.uuid4())}, {"access_token": "é"}, {"access_token": ""}):
                with self.subTest(ticket_id=ticket_id, token=token):
                    response = self.url_open(f"/my/helpdesk-tickets/{ticket_id}", params=token, allow_redirects=False)
                    self.assertEqual(response.status_code, 303)
                    self.assertTrue(response.headers["Location"].endswith("/my"))

    def test_follower_of_a_team_that_is_not_public(self):
        self.authenticate("hl_customer", "hl_customer")
        for mode in ("private", "company"):
            ticket = self.make_ticket(mode, name="Internal lamp", partner_id=self.customer.id)
            # simulates a follower who was not removed
            self.env["mail.followers"].create({"res_model": ticket._name, "res_id": ticket.id, "partner_id": self.customer.id})
            with self.subTest(mode=mode):
                self.assertNotShown(self.page(ticket), ticket)
                self.assertNotIn("Internal lamp", self.url_open("/my/helpdesk-tickets").text)

    def test_neighbours_carry_no_tokens(self):
        for name in ("Second", "Third"):
            self.make_ticket(name=name, partner_id=self.customer.id)
        self.authenticate("hl_customer", "hl_customer")
        self.url_open("/my/helpdesk-tickets")
        second = self.env["helpdesk_lite.ticket"].search([("name", "=", "Second")])
        page = self.page(second).text
        self.assertIn(f'href="/my/helpdesk-tickets/{self.ticket.id}"', page)
        self.assertTrue(self.ticket._portal_ensure_token())
        self.assertNotIn(self.ticket.access_token, page)

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    def test_link_opens_ticket_of_public_team(self):
        token = self.foreign._portal_ensure_token()
        self.assertNotShown(self.page(self.foreign), self.foreign)
        self.assertNotShown(self.page(self.foreign, access_token=token + "x"), self.foreign)
        self.assertIn("Lamp of others", self.page(self.foreign, access_token=token).text)
        by_mail = self.url_open(
            "/mail/view", params={"model": self.foreign._name, "res_id": self.foreign.id, "access_token": token}
        )
        self.assertIn("Lamp of others", by_mail.text)
        self.foreign.message_post(body="For you", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.foreign.message_post(body="Not for you", message_type="comment")
        bodies = str(self.fetch(self.foreign, token=token)["data"])
        self.assertIn("For you", bodies)
        self.assertNotIn("Not for you", bodies)
        self.post_message(self.foreign, token=token)
        self.assertIn("Thanks!", self.foreign.message_ids[0].body)

    @mute_logger("odoo.http")
    def test_links_open_nothing_when_the_team_is_not_public(self):
        self.foreign.message_post(body="For you", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.foreign.partner_id = self.customer
        token, pid = self.foreign._portal_ensure_token(), self.customer.id
        signature = self.foreign._sign_token(pid)
        for mode in ("private", "company"):
            # by SQL, because the model would remove the token: this tests the check itself
            self.env.cr.execute("UPDATE helpdesk_lite_team SET privacy_visibility = %s WHERE id = %s", [mode, self.team.id])
            self.env.invalidate_all()
            self.assertEqual(self.foreign.access_token, token)
            for login in (None, "hl_customer"):
                self.authenticate(login, login)
                for params in ({"token": token}, {"hash": signature, "pid": pid}):
                    with self.subTest(mode=mode, login=login, params=list(params)):
                        self.assertNotShown(self.page(self.foreign, access_token=token, **params), self.foreign)
                        before = self.foreign.message_ids
                        with self.assertRaises(JsonRpcException):
                            self.post_message(self.foreign, **params)
                        self.assertEqual(self.foreign.message_ids, before)
                        self.assertNotIn("For you", self.try_fetch(self.foreign, **params))
                        init = self.make_jsonrpc_request(
                            "/portal/chatter_init", {"thread_model": self.foreign._name, "thread_id": self.foreign.id, **params}
                        )
                        self.assertNotIn("mail.thread", init)
                self.assertNotShown(
                    self.url_open(
                        "/mail/view", params={"model": self.foreign._name, "res_id": self.foreign.id, "access_token": token}
                    ),
                    self.foreign,
                )

    def try_fetch(self, ticket, **params):
        try:
            return str(self.fetch(ticket, **params))
        except JsonRpcException:
            return ""

    @mute_logger("odoo.http")
    def test_malformed_chatter_parameters_give_nothing(self):
        self.foreign._portal_ensure_token()
        for params in ({"token": "é"}, {"token": ["a"]}, {"hash": "é", "pid": 1}, {"hash": "a", "pid": "word"}, {"token": 1}):
            with self.subTest(params=params), self.assertRaises(JsonRpcException):
                self.post_message(self.foreign, **params)

    def test_no_links_are_made_outside_public_teams(self):
        for mode, is_public in (("private", False), ("company", False), ("public", True)):
            with self.subTest(mode=mode):
                ticket = self.make_ticket(mode, partner_id=self.customer.id)
                url = ticket._get_share_url(pid=self.customer.id, signup_partner=True)
                self.assertEqual("access_token=" in url, is_public)
                self.assertEqual("hash=" in url, is_public)
                self.assertEqual(bool(ticket.access_token), is_public)
                self.assertEqual(bool(ticket.access_warning), not is_public)
                share = (
                    self.env["portal.share"]
                    .with_context(active_model=ticket._name, active_id=ticket.id)
                    .create({"partner_ids": self.customer.ids})
                )
                self.assertEqual("access_token=" in share.share_link, is_public)

    def test_mail_buttons(self):
        for mode, is_public in (("private", False), ("company", False), ("public", True)):
            with self.subTest(mode=mode):
                ticket = self.make_ticket(mode, partner_id=self.customer.id)
                ticket.with_user(self.manager).message_post(
                    body="An answer",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=(self.customer + self.employee.partner_id).ids,
                )
                mails = self.env["mail.mail"].search([("mail_message_id", "=", ticket.message_ids[0].id)])
                to_customer = mails.filtered(lambda mail: self.customer in mail.recipient_ids)
                to_employee = mails.filtered(lambda mail: self.employee.partner_id in mail.recipient_ids)
                self.assertEqual("access_token=" in to_customer.body_html, is_public)
                self.assertEqual("/mail/view" in to_customer.body_html, is_public)
                self.assertNotIn("access_token=", to_employee.body_html or "")

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def test_files_of_internal_notes(self):
        hidden = self.note.attachment_ids
        self.authenticate("hl_customer", "hl_customer")
        self.assertEqual(self.url_open(f"/web/content/{hidden.id}").status_code, 404)
        fetched = self.fetch(self.ticket)
        self.assertNotIn("secret.txt", str(fetched))
        message = next(message for message in fetched["data"]["mail.message"] if message["id"] == self.answer.id)
        shown = message["attachment_ids"][0]
        self.assertEqual(shown["name"], "manual.txt")
        address = f"/web/content/{shown['id']}?access_token={shown['raw_access_token']}"
        self.assertEqual(self.url_open(address).content, b"how to")
        stolen = f"/web/content/{hidden.id}?access_token={shown['raw_access_token']}"
        self.assertEqual(self.url_open(stolen).status_code, 404)
        with self.assertRaises(AccessError):
            hidden.with_user(self.customer_user).read(["name"])
        with self.assertRaises(AccessError):
            self.env["ir.attachment"].with_user(self.customer_user).search([("res_model", "=", self.ticket._name)])
        self.assertFalse(self.ticket._get_portal_attachments())

    def test_files_of_the_creation_show_on_the_page(self):
        self.ticket.message_post(
            body="It is dark.", subtype_id=self.ticket._creation_subtype().id, attachments=[("photo.txt", b"photo")]
        )
        self.authenticate("hl_customer", "hl_customer")
        page = self.page(self.ticket).text
        self.assertIn("photo.txt", page)
        link = re.search(r'href="(/web/content/[^"]+)"', page)[1].replace("&amp;", "&")
        self.assertEqual(self.url_open(link).content, b"photo")

    # ------------------------------------------------------------
    # ANSWER AND CLOSE
    # ------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_answer(self):
        self.authenticate("hl_customer", "hl_customer")
        self.post_message(self.ticket)
        message = self.ticket.message_ids[0]
        self.assertEqual(message.author_id, self.customer)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        with self.assertRaises(JsonRpcException):
            self.post_message(self.foreign)

    def test_close(self):
        self.authenticate("hl_customer", "hl_customer")
        self.assertNotIn("Close Ticket", self.page(self.ticket).text)
        self.close(self.ticket)
        self.assertFalse(self.ticket.is_closed, "not where the team does not let customers close")
        self.team.allow_portal_close = True
        self.assertIn("Close Ticket", self.page(self.ticket).text)
        self.assertEqual(self.close(self.ticket, csrf=False).status_code, 400)
        self.assertGreaterEqual(self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}/close").status_code, 400)
        self.assertFalse(self.ticket.is_closed)
        page = self.close(self.ticket).text
        self.assertTrue(self.ticket.is_closed)
        self.assertNotIn("Close Ticket", page)
        self.assertIn("closed", page)
        self.assertIn("Closed by the customer", str(self.ticket.message_ids.mapped("body")))
        closing = self.ticket.message_ids.filtered(lambda message: "Closed by the customer" in message.body)
        self.assertEqual(closing.author_id, self.customer)

    def test_nothing_to_close_a_ticket_with(self):
        """A team may have no folded stage: then there is no button that would end in an error."""
        self.team.allow_portal_close = True
        self.team.stage_ids.filtered("fold").write({"team_ids": [(3, self.team.id)]})
        self.authenticate("hl_customer", "hl_customer")
        self.assertNotIn("Close Ticket", self.page(self.ticket).text)
        self.assertEqual(self.close(self.ticket).status_code, 200)
        self.assertFalse(self.ticket.is_closed)

    def test_the_priority_is_internal(self):
        self.ticket.priority = "3"
        self.authenticate("hl_customer", "hl_customer")
        for page in (self.page(self.ticket), self.url_open("/my/helpdesk-tickets")):
            self.assertNotIn("Priority", page.text)
            self.assertNotIn("Urgent", page.text)
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.customer_user)
        with self.assertRaises(AccessError):
            Ticket.search_count([("priority", "=", "3")])
        with self.assertRaises(AccessError):
            Ticket.browse(self.ticket.id).read(["priority"])

    def test_nobody_is_named_only_where_somebody_will_be(self):
        self.authenticate("hl_customer", "hl_customer")
        self.assertIn(self.agent.name, self.page(self.ticket).text)
        self.ticket.user_id = False
        self.assertNotIn("Nobody yet", self.page(self.ticket).text)
        self.team.auto_assignment = True
        self.assertIn("Nobody yet", self.page(self.ticket).text)
        self.ticket.action_close()
        self.assertNotIn("Nobody yet", self.page(self.ticket).text)

    def test_a_new_ticket_is_always_one_click_away(self):
        self.authenticate("hl_customer", "hl_customer")
        for params in ({}, {"search": "what nobody wrote"}):
            self.assertIn('name="new_ticket"', self.url_open("/my/helpdesk-tickets", params=params).text)

    def test_close_foreign_and_by_link(self):
        self.team.allow_portal_close = True
        token = self.foreign._portal_ensure_token()
        self.authenticate("hl_customer", "hl_customer")
        self.assertNotShown(self.close(self.foreign), self.foreign)
        self.close(self.foreign, access_token="wrong")
        self.assertFalse(self.foreign.is_closed)
        self.authenticate(None, None)
        self.assertIn("Lamp of others", self.close(self.foreign, access_token=token).text)
        self.assertTrue(self.foreign.is_closed)
