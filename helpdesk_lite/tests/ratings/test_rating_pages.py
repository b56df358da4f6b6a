import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .rating_case import RatingCase

BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"}


class Forms(HTMLParser):
    """The forms of a page with the values that they would send, and its links, as a scanner reads them."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            self.forms.append(
                {"action": values.get("action"), "method": values.get("method"), "data": {}, "texts": [], "rates": []}
            )
        elif tag in ("input", "textarea") and self.forms:
            form, name = self.forms[-1], values.get("name")
            if values.get("type") == "radio":
                form["rates"].append(values["value"])
                if "checked" in values:
                    form["data"][name] = values["value"]
            elif values.get("type") in ("text", None) and name:
                form["texts"].append(name)
                form["data"].setdefault(name, values.get("value") or "")
            elif name and values.get("type") != "checkbox":
                form["data"][name] = values.get("value") or ""


@tagged("post_install", "-at_install")
class TestRatingPages(RatingCase, HttpCase):
    """The page behind the link: ten programs that fetch and send, none of which counts; people; forged and malformed requests.

    Two more programs run the page in a browser, see ``tests/test_rating_browser.py``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = datetime.now().replace(microsecond=0)
        cls.team.rating_since = cls.now - timedelta(days=30)

    def setUp(self):
        super().setUp()
        self.ticket = self.make_closed(on=self.now - timedelta(hours=25))
        self.token = self.ask(self.ticket, on=self.now)
        self.url = f"/helpdesk/rate/{self.token}"

    def get_form(self, url=None, text=None):
        forms = Forms(text or self.url_open(url or self.url).text).forms
        return next(form for form in forms if "/rate" in (form["action"] or ""))

    def send(self, form, **data):
        return self.url_open(form["action"], data={**form["data"], **data})

    def get_proof(self, seconds=5):
        with freeze_time(datetime.now() - timedelta(seconds=seconds)):
            return self.find_request(self.ticket)._make_proof()

    def assert_unrated(self):
        self.env.invalidate_all()
        self.assertFalse(self.ticket.rating_ids)
        self.assertEqual(self.find_request(self.ticket).state, "asked")

    # ------------------------------------------------------------
    # PROGRAMS
    # ------------------------------------------------------------

    def test_1_opening_every_link_changes_nothing(self):
        mail = self.env["mail.mail"].search([("subject", "ilike", self.ticket.number)], order="id desc", limit=1)
        links = [link for link in Forms(mail.body_html).links if "/helpdesk/rate/" in link]
        self.assertEqual(len(links), 3)
        for link in links:
            page = self.url_open(link[link.index("/helpdesk") :])
            self.assertEqual(page.status_code, 200)
            for inner in Forms(page.text).links:
                if inner.startswith("/helpdesk"):
                    self.url_open(inner)
        self.assert_unrated()

    def test_2_a_head_request_changes_nothing(self):
        self.assertEqual(self.url_open(f"{self.url}?rate=5", method="HEAD").status_code, 200)
        self.assert_unrated()

    def test_3_a_prefetch_changes_nothing(self):
        self.url_open(f"{self.url}?rate=1", headers={**BROWSER, "Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"})
        self.assert_unrated()

    def test_4_sending_the_form_as_it_is_changes_nothing(self):
        form = self.get_form(f"{self.url}?rate=5")
        self.assertEqual(form["data"]["rate"], "5", "the face of the link is chosen")
        self.assertIn('name="number"', self.send(form).text)
        self.assert_unrated()

    def test_5_sending_the_form_with_every_face_changes_nothing(self):
        form = self.get_form()
        for rate in form["rates"]:
            self.send(form, rate=rate)
        self.assert_unrated()

    def test_6_sending_the_form_that_comes_after_it_changes_nothing(self):
        page = self.send(self.get_form(f"{self.url}?rate=5"))
        for _again in range(3):
            page = self.send(self.get_form(text=page.text))
        self.assert_unrated()

    def test_7_filling_in_every_field_changes_nothing(self):
        form = self.get_form(text=self.send(self.get_form(f"{self.url}?rate=5")).text)
        for text in ("test", "1", self.token, "T00001"):
            self.send(form, agreed="1", **dict.fromkeys(form["texts"], text))
        self.assert_unrated()

    def test_8_the_page_does_not_say_what_it_asks_for(self):
        page = self.send(self.get_form(f"{self.url}?rate=5")).text
        self.assertNotIn(self.ticket.number, page)
        self.assertNotIn(self.ticket.name, page)

    def test_9_sending_without_having_opened_the_page_changes_nothing(self):
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(self.url, data={"rate": "5"}).status_code, 400)
            form = self.get_form()
            self.authenticate(None, None)
            self.assertEqual(self.send(form, rate="5", proof=self.get_proof()).status_code, 400)
        self.assert_unrated()

    def test_10_odoos_own_pages_do_not_know_the_rating(self):
        for path in (f"/rate/{self.token}/5", f"/rate/{self.token}/submit_feedback"):
            self.assertEqual(self.url_open(path).status_code, 404)
        other = self.make_closed()
        rating = self.rate(other, 1)
        rating.access_token = "known-token"
        self.env.flush_all()
        for path in ("/rate/known-token/5", "/rate/known-token/submit_feedback"):
            self.assertEqual(self.url_open(path).status_code, 404)
        self.assert_unrated()

    def test_a_proof_must_be_neither_new_nor_old_nor_of_another_question(self):
        form = self.get_form(f"{self.url}?rate=5")
        foreign = self.make_closed(on=self.now - timedelta(hours=25), partner_id=False, partner_email="zoe@quill.example")
        self.run_action(self.now)
        with freeze_time(datetime.now() - timedelta(seconds=5)):
            other = self.find_request(foreign)._make_proof()
        moment, _dot, signature = self.get_proof().partition(".")
        later = f"{int(moment) + 1}.{signature}"
        for proof in (self.get_proof(-2), self.get_proof(7200), other, later, moment, "1.x", "²", "9" * 30 + ".x", "é", ""):
            with self.subTest(proof=proof):
                self.assertIn('name="number"', self.send(form, proof=proof).text)
        self.assert_unrated()

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_a_touched_page_counts(self):
        form = self.get_form(f"{self.url}?rate=3")
        page = self.send(form, rate="5", comment="Very quick.", proof=self.get_proof(), agreed="1")
        self.assertEqual(page.status_code, 200)
        rating = self.ticket.rating_ids
        self.assertEqual((rating.rating, rating.feedback, rating.partner_id), (5, "Very quick.", self.customer))

    def test_the_route_gives_a_proof_of_now(self):
        form = self.get_form()
        proof = self.url_open(f"{self.url}/touch", data={"csrf_token": form["data"]["csrf_token"]}).text
        with freeze_time(datetime.now() + timedelta(seconds=5)):
            self.assertTrue(self.find_request(self.ticket)._is_proof(proof))
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"{self.url}/touch", data={"csrf_token": "bad"}).status_code, 400)
        self.assertIn(self.url_open(f"{self.url}/touch").status_code, (404, 405))

    def test_who_types_the_number_of_the_ticket_counts(self):
        form = self.get_form(text=self.send(self.get_form(f"{self.url}?rate=1"), comment="Slow.").text)
        self.assertEqual(form["data"]["rate"], "1")
        self.assertIn("This is not the number", self.send(form, number="T99999999", comment="Slow.").text)
        self.assert_unrated()
        self.send(form, number=f" [{self.ticket.number.lower()}] ", comment="Slow.")
        self.assertEqual((self.ticket.rating_ids.rating, self.ticket.rating_ids.feedback), (1, "Slow."))

    def test_the_same_browser_changes_the_answer_and_another_one_does_not(self):
        form = self.get_form()
        self.send(form, rate="1", proof=self.get_proof())
        self.send(form, rate="3", proof=self.get_proof())
        self.assertEqual(self.ticket.rating_ids.rating, 3)
        self.authenticate(None, None)
        page = self.send(self.get_form(), rate="5", proof=self.get_proof())
        self.assertIn("was rated before", page.text)
        self.env.invalidate_all()
        self.assertEqual(self.ticket.rating_ids.rating, 3)

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_malformed_requests_get_a_page(self):
        form = self.get_form()
        proof = self.get_proof()
        for rate in ("x", "", "0", "2", "4", "6", "-1", "5.0", "5 ", "²", "9" * 400):
            with self.subTest(rate=rate):
                self.assertEqual(self.url_open(self.url, params={"rate": rate}).status_code, 200)
                self.assertEqual(self.send(form, rate=rate, proof=proof).status_code, 400)
        form["data"].pop("number", None)
        answer = self.url_open(form["action"], data={**form["data"], "rate": "5"}, files={"number": ("x.txt", b"7")})
        self.assertEqual(answer.status_code, 200)
        self.assert_unrated()

    def test_forged_and_ended_links_lead_nowhere(self):
        for token in (
            "x",
            "0",
            self.token[:-1],
            self.token + "x",
            "é",
            "%ff",
            "a" * 5000,
            self.find_request(self.ticket).token_hash,
        ):
            with self.subTest(token=token[:40]):
                self.assertEqual(self.url_open(f"/helpdesk/rate/{token}").status_code, 404)
        self.assertEqual(self.url_open("/helpdesk/rate/%00").status_code, 400)
        self.ticket.team_id = self.teams["private"]
        self.env.flush_all()
        self.assertEqual(self.url_open(self.url).status_code, 404)

    def test_long_and_hostile_comments(self):
        form = self.get_form()
        page = self.send(form, rate="5", comment="x" * 1024**2, proof=self.get_proof())
        self.assertEqual(page.status_code, 400)
        self.assertLess(len(page.text), 100_000)
        self.assert_unrated()
        self.send(form, rate="5", comment="<script>alert(1)</script>\0\u202e{{ 7*7 }}", proof=self.get_proof())
        note = self.find_request(self.ticket).message_id
        self.assertNotIn("<script", note.body)
        self.assertIn("<script>alert(1)</script>", self.ticket.rating_ids.feedback)

    def test_no_other_site_and_no_cache_learns_the_link(self):
        headers = self.url_open(self.url).headers
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", headers["Cache-Control"])
        self.assertIn("noindex", headers["X-Robots-Tag"])

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    def test_the_customer_rates_on_the_portal(self):
        self.ticket.message_subscribe(self.customer.ids)
        self.authenticate(self.customer_user.login, self.customer_user.login)
        self.assertIn(
            f"/my/helpdesk-tickets/{self.ticket.id}/rate?rate=5", self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}").text
        )
        form = self.get_form(f"/my/helpdesk-tickets/{self.ticket.id}/rate?rate=5")
        self.assert_unrated()
        self.send(form, comment="On the portal.")
        self.assertEqual(self.ticket.rating_ids.feedback, "On the portal.")
        page = self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}").text
        self.assertIn("On the portal.", page)
        self.assertIn("Your Rating", page)

    def test_a_request_that_says_nothing_on_the_portal_leaves_no_trace(self):
        other = self.make_closed(on=self.now - timedelta(hours=2))
        other.message_subscribe(self.customer.ids)
        self.env.flush_all()
        self.authenticate(self.customer_user.login, self.customer_user.login)
        form = self.get_form(f"/my/helpdesk-tickets/{other.id}/rate")
        self.assertEqual(self.send(form, rate="x").status_code, 400)
        self.env.invalidate_all()
        self.assertFalse(self.find_request(other))
        self.send(form, rate="3")
        self.env.invalidate_all()
        self.assertEqual(self.find_request(other).state, "answered")
        self.assertFalse(self.run_action(self.now + timedelta(days=1)), "who has rated is not asked")

    def test_followers_and_people_with_an_access_link_do_not_rate(self):
        colleague = self.env["res.partner"].create({"name": "Colleague"})
        self.ticket.partner_id = colleague
        self.ticket.message_subscribe(self.customer.ids)
        token = self.ticket._portal_ensure_token()
        self.env.flush_all()
        page = self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}", params={"access_token": token}).text
        self.assertNotIn(f"/my/helpdesk-tickets/{self.ticket.id}/rate", page)
        self.authenticate(self.customer_user.login, self.customer_user.login)
        page = self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}").text
        self.assertNotIn(f"/my/helpdesk-tickets/{self.ticket.id}/rate", page)
        csrf = re.search(r'csrf_token: "([^"]+)"', page)[1]
        answer = self.url_open(
            f"/my/helpdesk-tickets/{self.ticket.id}/rate", data={"csrf_token": csrf, "rate": "5"}, allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        self.assertFalse(self.ticket.rating_ids)

    def test_the_next_customer_does_not_overwrite_the_answer_of_the_first(self):
        first = self.env["res.partner"].create({"name": "First", "email": "first@test.example"})
        ticket = self.make_closed(on=self.now - timedelta(hours=2), partner_id=first.id)
        self.rate(ticket, 1, "I was first.", on=self.now)
        ticket.partner_id = self.customer
        ticket.message_subscribe(self.customer.ids)
        self.env.flush_all()
        self.authenticate(self.customer_user.login, self.customer_user.login)
        page = self.send(self.get_form(f"/my/helpdesk-tickets/{ticket.id}/rate"), rate="5")
        self.assertIn("was rated before", page.text)
        self.env.invalidate_all()
        self.assertEqual(ticket.rating_ids.rating, 1)
        self.assertNotIn("I was first", self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text)

    def test_an_open_ticket_is_not_rated_on_the_portal(self):
        self.ticket.message_subscribe(self.customer.ids)
        self.ticket.stage_id = self.new
        self.env.flush_all()
        self.authenticate(self.customer_user.login, self.customer_user.login)
        self.assertNotIn(
            f"/my/helpdesk-tickets/{self.ticket.id}/rate", self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}").text
        )

    # ------------------------------------------------------------
    # PUBLISHED
    # ------------------------------------------------------------

    def test_the_public_page_exists_only_where_it_was_published(self):
        path = f"/helpdesk/{self.env['ir.http']._slug(self.team)}/ratings"
        self.assertEqual(self.url_open(path).status_code, 404)
        self.team.rating_public = True
        self.env.flush_all()
        self.assertIn("not enough ratings", self.url_open(path).text)
        for values in ({"privacy_visibility": "company"}, {"privacy_visibility": "public", "use_rating": False}):
            self.team.write(values)
            self.env.flush_all()
            self.assertEqual(self.url_open(path).status_code, 404)
        for slug in ("x", "0", "-1", "9" * 30, "%00"):
            self.assertIn(self.url_open(f"/helpdesk/{slug}/ratings").status_code, (400, 404))
