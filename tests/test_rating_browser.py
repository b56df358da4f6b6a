"""Who rates a ticket, in a real browser: people with a pointer or a keyboard do, programs that run the page do not."""

import re
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from threading import Barrier

import pytest
from browser import LAPTOP, PHONE, settle
from mail_world import TICKET
from rpc import Site

from devtools.patience import PATIENCE

AT_ONCE = 50


@pytest.fixture(scope="module")
def rated(mail_world):
    """A function that makes a closed ticket whose customer was asked, and returns its id and the path of the link."""
    admin = mail_world.admin
    team = mail_world.care
    admin("helpdesk_lite.team", "write", team, {"use_rating": True, "rating_delay_hours": 0, "rating_pause_days": 0})
    (closed,) = admin("helpdesk_lite.stage", "search", [("team_ids", "in", [team]), ("fold", "=", True)], limit=1)
    cron = admin.ref("helpdesk_lite.cron_ask_for_ratings")

    def ask(name):
        email = f"{name}@rated.example"
        ticket = admin(TICKET, "create", {"name": "My lamp", "team_id": team, "partner_email": email})
        mail_world.agent(
            TICKET,
            "message_post",
            ticket,
            body="Turn it on.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            outgoing_email_to=email,
        )
        mail_world.agent(TICKET, "write", ticket, {"stage_id": closed})
        admin("ir.cron", "method_direct_trigger", cron)
        # waiting in the queue of mails, or sent already: the answer came first
        domain = [("email_to", "ilike", email), ("subject", "ilike", "How satisfied")]
        waiting = [row["body_html"] for row in admin("mail.mail", "search_read", domain, ["body_html"])]
        sent = waiting or [mail.get_body(("html",)).get_content() for mail in mail_world.sink.wait_for(email, 2)]
        return ticket, re.search(r"/helpdesk/rate/[\w-]+", "".join(sent))[0]

    return ask


def read_ratings(world, ticket):
    domain = [("res_model", "=", TICKET), ("res_id", "=", ticket)]
    return [
        (row["rating"], row["feedback"]) for row in world.admin("rating.rating", "search_read", domain, ["rating", "feedback"])
    ]


@pytest.fixture
def visit(browser, mail_world):
    pages = []

    def open_page(path, **options):
        page = browser.page(Site(mail_world.server.url, mail_world.server.database), **options)
        pages.append(page)
        page.goto(path)
        # before all scripts are there, Odoo holds back whatever is sent
        page.locator("body[is-ready=true]").wait_for()
        settle(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()


def test_11_a_browser_that_only_opens_the_page_does_not_rate(mail_world, rated, visit):
    ticket, path = rated("opens")
    for rate in (1, 3, 5):
        visit(f"{path}?rate={rate}")
    assert read_ratings(mail_world, ticket) == []


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("clicks", "button.click()"),
        ("requests", "form.requestSubmit()"),
        ("submits", "form.submit()"),
        ("pretends", "poke(); button.click()"),
    ],
)
def test_12_a_browser_whose_script_sends_the_form_does_not_rate(mail_world, rated, visit, name, act):
    ticket, path = rated(name)
    page = visit(f"{path}?rate=5")
    with page.expect_navigation():
        page.evaluate(
            """(act) => {
                const form = document.querySelector(".o_helpdesk_lite_rating_form");
                const button = form.querySelector("button[type='submit']");
                const poke = () => {
                    for (const name of ["pointerdown", "keydown", "click"]) {
                        form.dispatchEvent(new Event(name, { bubbles: true }));
                    }
                };
                setTimeout(() => new Function("form", "button", "poke", act)(form, button, poke));
            }""",
            act,
        )
    assert page.locator("[name=number]").count() == 1
    assert read_ratings(mail_world, ticket) == []


@pytest.mark.parametrize(("name", "size"), [("laptop", LAPTOP), ("phone", PHONE)])
def test_a_person_rates(mail_world, rated, visit, name, size):
    ticket, path = rated(name)
    page = visit(f"{path}?rate=3", size=size)
    page.get_by_text("Happy", exact=True).click()
    page.locator("[name=comment]").fill("Very quick.")
    page.locator(".o_helpdesk_lite_rating_form button[type=submit]").click()
    page.get_by_text("Your answer was stored.").wait_for()
    assert read_ratings(mail_world, ticket) == [(5, "Very quick.")]


def test_a_person_rates_with_the_keyboard(mail_world, rated, visit):
    ticket, path = rated("keyboard")
    page = visit(f"{path}?rate=3")
    page.locator("[name=comment]").focus()
    page.keyboard.type("No mouse.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your answer was stored.").wait_for()
    assert read_ratings(mail_world, ticket) == [(3, "No mouse.")]


def test_of_fifty_answers_at_once_one_counts(mail_world, rated):
    ticket, path = rated("fifty")
    url = mail_world.server.url + path
    number = mail_world.admin.read(TICKET, ticket, "number")
    together = Barrier(AT_ONCE)

    def answer(position):
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        token = re.search(r'name="csrf_token" value="([^"]+)"', opener.open(url).read().decode())[1]
        data = {"csrf_token": token, "rate": (1, 3, 5)[position % 3], "comment": f"I am {position}", "number": number}
        together.wait(PATIENCE)
        return opener.open(url, urllib.parse.urlencode(data).encode()).status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(answer, range(AT_ONCE)))
    assert codes == [200] * AT_ONCE
    assert len(read_ratings(mail_world, ticket)) == 1
