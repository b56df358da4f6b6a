import re
from base64 import b64decode
from contextlib import suppress

from lxml import html
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .kept_mail import MAIL as SOURCE
from .kept_mail import KeptMailCase

MAIL, BLOCK = "helpdesk_lite.mail", "helpdesk_lite.mail.block"
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
RELATED = """\
From: Zoe Quill <zoe@quill.example>
Subject: Photos
MIME-Version: 1.0
Content-Type: multipart/related; boundary="x"

--x
Content-Type: text/html; charset=utf-8

<p>Look: <img src="cid:photo" alt="Lamp"><img src="https://evil.example/seen.gif?id=7"><img src="cid:drawing"></p>
--x
Content-Type: image/gif; name="photo.gif"
Content-ID: <photo>
Content-Transfer-Encoding: base64
Content-Disposition: inline; filename="photo.gif"

{pixel}
--x
Content-Type: image/gif; name="drawing.gif"
Content-ID: <drawing>
Content-Disposition: inline; filename="drawing.gif"

<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>
--x--
"""
# what a browser would fetch, run, follow or lay over the page
ACTIVE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="//evil.example/a.gif">',
    '<img srcset="https://evil.example/a.gif 1x">',
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "<svg><script>alert(1)</script><image href='https://evil.example/a.gif'/></svg>",
    "<math><mtext><style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'></style></mtext></math>",
    '<div style="background: url(https://evil.example/a.gif); position: fixed; inset: 0">over all</div>',
    "<style>@import 'https://evil.example/a.css'; body { display: none }</style>",
    '<link rel="stylesheet" href="https://evil.example/a.css">',
    '<meta http-equiv="refresh" content="0; url=https://evil.example/">',
    '<base href="https://evil.example/">',
    '<a href="javascript:alert(1)">click</a>',
    '<a href="https://evil.example/" ping="https://evil.example/ping" target="_top">click</a>',
    '<form action="https://evil.example/"><input name="password"><button formaction="https://evil.example/">OK</button></form>',
    '<iframe src="https://evil.example/"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="https://evil.example/a.swf"></object><embed src="https://evil.example/a.swf">',
    '<video poster="https://evil.example/a.gif"><source src="https://evil.example/a.mp4"></video>',
    '<table background="https://evil.example/a.gif"><tr><td background="https://evil.example/b.gif">x</td></tr></table>',
    '<p class="o_dialog" id="wrapwrap" onclick="alert(1)" tabindex="0" autofocus onfocus="alert(1)">x</p>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<x:y xmlns:x='urn:x' onload='alert(1)'>x</x:y>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<!--[if mso]><img src='https://evil.example/a.gif'><![endif]-->",
)
HARMLESS = {"title", "colspan", "rowspan", "dir", "lang", "start"}


@tagged("post_install", "-at_install")
class TestPreview(KeptMailCase):
    """What administrators see of a mail that comes from a stranger, and may be the one that broke the reading."""

    def preview(self, source=None, **values):
        mail = self.keep(source=source, **values)
        return self.call(self.manager, MAIL, "read", mail.ids, ["preview", "headers"])[0]

    def test_nothing_is_fetched_run_or_followed(self):
        for source in (*ACTIVE, "".join(ACTIVE)):
            with self.subTest(source=source):
                shown = str(self.preview(body=f"<p>Before</p>{source}<p>After</p>")["preview"])
                self.assertIn("Before", shown)
                self.assertIn("After", shown)
                for element in html.fragment_fromstring(shown, create_parent="div").iter():
                    self.assertIn(element.tag, {"div", "p", "u", "pre", "table", "tbody", "tr", "td"})
                    self.assertLessEqual(set(element.attrib), HARMLESS)

    def test_images_of_the_mail_itself_are_shown(self):
        shown = str(self.preview(RELATED.format(pixel=PIXEL).encode())["preview"])
        self.assertEqual(re.findall(r'src="([^"]*)"', shown), [f"data:image/gif;base64,{PIXEL}"])
        self.assertNotIn("evil.example", shown)
        self.assertNotIn("svg", shown, "a file that says it is a GIF and is none")
        self.assertIn("photo.gif", shown)

    def test_mails_that_cannot_be_read_are_shown_as_text(self):
        for source in (
            b"",
            b"no mail at all",
            b"\x00\x01\xff\xfe" * 50,
            b"Subject: x\n\n" + b"<div>" * 5000 + b"deep",
            b"Content-Type: text/plain; charset=hex\n\nwords",
            b"Content-Type: multipart/mixed; boundary=\n\nwords",
            b"Content-Transfer-Encoding: base64\n\n!!!!",
        ):
            with self.subTest(source=source[:60]):
                mail = self.keep(source=source or b"\n")
                values = self.call(self.manager, MAIL, "read", mail.ids, ["preview", "headers"])[0]
                self.assertIsInstance(values["preview"], str)
                if b"words" in source or b"mail at all" in source:
                    self.assertTrue("words" in values["preview"] or "mail at all" in values["headers"])

    def test_headers_are_shown_as_they_came(self):
        values = self.preview(b"Received: from a by b\r\nX-Odd: \xe9\r\n\r\nThe text\r\n\r\nX-Not: a header")
        self.assertIn("Received: from a by b", values["headers"])
        self.assertNotIn("The text", values["headers"])
        self.assertNotIn("X-Not", values["headers"])

    def test_preview_is_short_for_a_huge_mail(self):
        shown = str(self.preview(body="<p>word</p>" * 200_000)["preview"])
        self.assertLess(len(shown), 500_000)


@tagged("post_install", "-at_install")
class TestVerbs(KeptMailCase):
    """What administrators do with mails, one or many at once, and what they are told."""

    def act(self, verb, mails, **values):
        """Choose a verb, and answer its pop-up as the web client does."""
        action = self.call(self.manager, MAIL, verb, mails.ids)
        if action.get("res_model", "").startswith("helpdesk_lite.mail.") and not action.get("res_id"):
            wizard = self.call(self.manager, action["res_model"], "create", [values], context=action["context"])
            action = self.call(self.manager, action["res_model"], self.button_of(action["res_model"]), wizard)
        self.env.invalidate_all()
        return action

    def button_of(self, model):
        return {
            "helpdesk_lite.mail.place": "action_place",
            "helpdesk_lite.mail.discard": "action_discard",
            "helpdesk_lite.mail.block.sender": "action_block",
        }[model]

    def results_of(self, action):
        """What the list of results says: dict of mail to tuple (whether it was done, sentence)."""
        self.assertEqual(action["res_model"], "helpdesk_lite.mail.result")
        lines = self.env["helpdesk_lite.mail.result"].browse(action["res_id"]).line_ids
        read = self.call(self.manager, lines._name, "read", lines.ids, ["mail_id", "is_done", "text"])
        return {line["mail_id"][0]: (line["is_done"], line["text"]) for line in read}

    # ------------------------------------------------------------
    # DISCARDING
    # ------------------------------------------------------------

    def test_a_mail_is_discarded_with_a_reason_and_stays_readable(self):
        mail = self.keep("failed")
        action = self.act("action_discard", mail, reason="Advertising")
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual((mail.state, mail.discard_reason, mail.next_try), ("discarded", "Advertising", False))
        self.assertTrue(mail._get_source())

    def test_discarding_takes_a_reason(self):
        mail = self.keep("failed")
        for reason in ({}, {"reason": ""}, {"reason": "  "}):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                self.act("action_discard", mail, **reason)
        self.assertEqual(mail.state, "failed")

    def test_of_a_selection_each_mail_has_its_result(self):
        failed, parked, done = self.keep("failed"), self.keep("parked", reason="loop"), self.keep("done")
        results = self.results_of(self.act("action_discard", failed + parked + done, reason="Advertising"))
        self.assertEqual(
            {mail: is_done for mail, (is_done, _text) in results.items()}, {failed.id: True, parked.id: True, done.id: False}
        )
        self.assertEqual((failed.state, parked.state, done.state), ("discarded", "discarded", "done"))

    # ------------------------------------------------------------
    # SENDERS
    # ------------------------------------------------------------

    def test_a_sender_is_blocked_and_unblocked(self):
        mail = self.keep("failed", email_from="Spam <SPAM@Offers.example>")
        self.act("action_block_sender", mail, kind="address")
        block = self.env[BLOCK].search([("name", "=", "spam@offers.example")])
        self.assertEqual((block.create_uid, block.company_id), (self.manager, self.company))
        self.assertTrue(self.env[BLOCK]._is_blocked("spam@offers.example", self.company))
        self.assertFalse(self.env[BLOCK]._is_blocked("other@offers.example", self.company))
        self.assertFalse(self.env[BLOCK]._is_blocked("spam@offers.example", self.other_company))
        self.call(self.manager, BLOCK, "action_unblock", block.ids)
        self.assertFalse(self.env[BLOCK]._is_blocked("spam@offers.example", self.company))
        self.act("action_block_sender", mail, kind="address")
        self.assertTrue(self.env[BLOCK]._is_blocked("spam@offers.example", self.company), "blocked anew")

    def test_a_domain_is_blocked(self):
        self.act("action_block_sender", self.keep("failed", email_from="spam@offers.example"), kind="domain")
        for address, expected in (
            ("other@offers.example", True),
            ("x@sub.offers.example", False),
            ("x@myoffers.example", False),
            ("offers.example@x.example", False),
        ):
            self.assertEqual(self.env[BLOCK]._is_blocked(address, self.company), expected, address)

    def test_blocking_says_for_each_mail_what_could_not_be_done(self):
        domain = self.team.alias_domain_id.name
        first, again = self.keep(email_from="a@offers.example"), self.keep(email_from="A <a@offers.example>")
        nobody, own = self.keep(email_from=False), self.keep(email_from=f"colleague@{domain}")
        results = self.results_of(self.act("action_block_sender", first + again + nobody + own, kind="domain"))
        done = {mail: is_done for mail, (is_done, _text) in results.items()}
        self.assertEqual(done, {first.id: True, again.id: True, nobody.id: False, own.id: False})
        self.assertEqual(self.env[BLOCK].search([]).mapped("name"), ["@offers.example"])
        with self.assertRaises(ValidationError):
            self.call(self.manager, BLOCK, "create", [{"name": f"@{domain}"}])
        self.assertFalse(self.act("action_block_sender", first, kind="domain")["params"]["type"] == "success")

    def test_a_sender_is_allowed(self):
        mail, nobody = self.keep(email_from="Shop <orders@shop.example>"), self.keep(email_from="")
        results = self.results_of(self.act("action_allow_sender", mail + nobody))
        self.assertEqual({key: done for key, (done, _text) in results.items()}, {mail.id: True, nobody.id: False})
        allowed = self.env["mail.gateway.allowed"].search([("email_normalized", "=", "orders@shop.example")])
        self.assertEqual(len(allowed), 1)
        self.act("action_allow_sender", mail)
        self.assertEqual(self.env["mail.gateway.allowed"].search_count([("email_normalized", "=", "orders@shop.example")]), 1)

    # ------------------------------------------------------------
    # DOWNLOAD
    # ------------------------------------------------------------

    def test_download_of_too_much_is_refused(self):
        mails = self.keep() + self.keep()
        self.assertEqual(self.act("action_download", mails)["url"], f"/helpdesk/incoming-mail/{mails[0].id},{mails[1].id}")
        mails.size = 80_000_000
        with self.assertRaises(UserError):
            self.act("action_download", mails)

    def test_source_is_stored_as_it_came(self):
        source = b"Subject: x\r\n\r\n\x00\xff\r\n"
        mail = self.keep(source=source)
        self.env.invalidate_all()
        self.assertEqual(mail._get_source(), source)
        self.assertEqual(b64decode(self.call(self.manager, MAIL, "read", mail.ids, ["source"])[0]["source"]), source)

    # ------------------------------------------------------------
    # PROCESSING
    # ------------------------------------------------------------

    def receive(self, raw):
        """Receive a mail as the gateway delivers it.

        :return: record of ``helpdesk_lite.mail``
        """
        before = self.env[MAIL].search([])
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"), suppress(ValueError):
            # ValueError: no team has the address, as the gateway tells the mail server
            self.env["mail.thread"].message_process(None, raw)
        return self.env[MAIL].search([]) - before

    def make_mail(self, **values):
        values = {
            "email_from": "Zoe Quill <zoe@quill.example>",
            "email_to": self.team.alias_email,
            "subject": "My lamp",
            "message_id": "<one@quill.example>",
            "body": "<p>It is dark.</p>",
            **values,
        }
        return SOURCE.format(**values)

    def tickets(self):
        return self.env["helpdesk_lite.ticket"].search([("name", "ilike", "My lamp")])

    def test_a_failed_mail_is_processed_again_once(self):
        alias = self.team.alias_id
        good = alias.alias_defaults
        alias.alias_defaults = repr({"team_id": self.team.id, "priority": "nonsense"})
        mail = self.receive(self.make_mail())
        self.assertEqual((mail.state, len(self.tickets())), ("failed", 0))
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            action = self.act("action_process_again", mail)
        self.assertEqual((mail.state, action["params"]["type"]), ("failed", "warning"))
        self.assertIn("nonsense", action["params"]["message"])
        alias.alias_defaults = good
        action = self.act("action_process_again", mail)
        ticket = self.tickets()
        self.assertEqual((mail.state, mail.ticket_ids, len(ticket)), ("done", ticket, 1))
        self.assertEqual((action["params"]["type"], ticket.partner_email), ("success", "zoe@quill.example"))
        self.assertIn(str(ticket.id), action["params"]["links"][0]["url"])
        action = self.act("action_process_again", mail)
        self.assertEqual((action["params"]["type"], len(self.tickets())), ("warning", 1))

    def test_a_mail_to_nobody_becomes_a_ticket_of_the_chosen_team(self):
        mail = self.receive(self.make_mail(email_to="sales-of-old@nowhere.example"))
        self.assertEqual(mail.state, "parked")
        action = self.act("action_make_ticket", mail, team_id=self.teams["private"].id)
        ticket = self.tickets()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual((ticket.team_id, ticket.partner_email), (self.teams["private"], "zoe@quill.example"))
        self.assertEqual((mail.state, mail.ticket_ids, mail.company_id), ("done", ticket, self.company))
        self.assertNotIn(self.manager.partner_id, ticket.message_partner_ids, "whoever chose the team does not follow")
        message = ticket.message_ids.filtered(lambda message: "It is dark" in message.body)
        self.assertEqual((len(message), message.email_from), (1, '"Zoe Quill" <zoe@quill.example>'))
        self.act("action_make_ticket", mail, team_id=self.team.id)
        self.assertEqual(len(self.tickets()), 1, "once only")

    def test_a_mail_is_attached_to_the_chosen_ticket_whatever_it_refers_to(self):
        chosen, other = self.make_ticket(name="Chosen"), self.make_ticket(name="Other")
        chosen.with_user(self.agent).stage_id = self.env.ref("helpdesk_lite.stage_solved")
        mail = self.receive(
            self.make_mail(email_to="nobody@nowhere.example", subject=f"My lamp [{other.number}]", body="<p>More words</p>")
        )
        self.act("action_attach", mail, ticket_id=chosen.id)
        message = chosen.message_ids.filtered(lambda message: "More words" in message.body)
        self.assertEqual((len(message), message.email_from), (1, '"Zoe Quill" <zoe@quill.example>'))
        self.assertNotIn("More words", str(other.message_ids.mapped("body")))
        self.assertFalse(self.tickets())
        self.assertEqual((mail.state, mail.ticket_ids), ("done", chosen))

    def test_of_several_mails_each_is_told_where_it_went(self):
        first = self.receive(self.make_mail(email_to="nobody@nowhere.example", message_id="<a@quill.example>"))
        second = self.receive(self.make_mail(email_to="nobody@nowhere.example", message_id="<b@quill.example>"))
        done = self.keep("done")
        results = self.results_of(self.act("action_make_ticket", first + second + done, team_id=self.team.id))
        self.assertEqual(
            {mail: is_done for mail, (is_done, _text) in results.items()}, {first.id: True, second.id: True, done.id: False}
        )
        self.assertEqual(len(self.tickets()), 2)
        self.assertEqual(len(first.ticket_ids | second.ticket_ids), 2)

    def test_mails_of_a_blocked_sender_are_parked_and_can_still_become_tickets(self):
        self.act("action_block_sender", self.keep(email_from="zoe@quill.example"), kind="address")
        mail = self.receive(self.make_mail())
        self.assertEqual((mail.state, mail.reason, len(self.tickets())), ("parked", "blocked", 0))
        self.assertTrue(mail._get_source())
        self.assertEqual(self.act("action_process_again", mail)["params"]["type"], "warning")
        self.act("action_make_ticket", mail, team_id=self.team.id)
        self.assertEqual((mail.state, len(self.tickets())), ("done", 1))

    def test_a_person_decides_about_mails_that_look_like_a_loop(self):
        mail = self.receive(
            self.make_mail().replace("MIME-Version", "References: <1-loop-detection-bounce-email@x.example>\nMIME-Version")
        )
        self.assertEqual((mail.state, mail.reason), ("parked", "loop"))
        self.assertEqual(self.act("action_process_again", mail)["params"]["type"], "warning")
        self.act("action_make_ticket", mail, team_id=self.team.id)
        self.assertEqual((mail.state, len(self.tickets())), ("done", 1))

    def test_a_program_is_not_acknowledged_when_a_person_makes_a_ticket_of_its_mail(self):
        to = "nobody@nowhere.example"
        robot = self.receive(self.make_mail(email_to=to).replace("MIME-Version", "Auto-Submitted: auto-replied\nMIME-Version"))
        person = self.receive(self.make_mail(email_to=to, message_id="<two@quill.example>"))
        for mail, is_automatic in ((robot, True), (person, False)):
            self.act("action_make_ticket", mail, team_id=self.team.id)
            self.assertEqual(mail.ticket_ids.is_automatic_mail, is_automatic)

    def test_headers_without_a_text_are_sent_nowhere(self):
        """A mail above the limit is on its server still."""
        mail = self.keep("parked", reason="too_big")
        self.assertEqual(self.act("action_process_again", mail)["params"]["type"], "warning")
        self.assertEqual(self.act("action_make_ticket", mail, team_id=self.team.id)["params"]["type"], "warning")
        self.assertEqual((mail.state, len(self.tickets())), ("parked", 0))
        self.act("action_discard", mail, reason="Too big")
        self.assertEqual(mail.state, "discarded")

    def test_a_place_has_to_be_chosen(self):
        mail = self.keep("failed")
        for verb in ("action_make_ticket", "action_attach"):
            with self.subTest(verb=verb), self.assertRaises(UserError):
                self.act(verb, mail)

    def test_a_large_selection_is_left_to_the_job(self):
        # mails without any team, which are processed fast
        mails = self.env[MAIL].union(*(self.keep("parked", reason="loop", email_to="x@nowhere.example") for _i in range(53)))
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            results = self.results_of(self.act("action_process_again", mails))
        self.assertEqual(len(results), 53)
        later = mails.filtered(lambda mail: mail.state == "received")
        self.assertEqual(len(later), 3)
        self.assertTrue(all(mail.next_try for mail in later))
