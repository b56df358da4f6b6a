"""The agent's desk without a mouse: an answer from a reply, sent and solved by keys. And dialogs fit on a page at 200 %."""

import pytest
from browser import LAPTOP, settle
from mail_world import TICKET
from playwright.sync_api import expect
from rpc import Site

# a laptop at 200 %
ZOOMED = tuple(pixels // 2 for pixels in LAPTOP)


@pytest.fixture
def ticket(mail_world, customer):
    return mail_world.admin(TICKET, "create", {"name": "My lamp", "team_id": mail_world.care, "partner_email": customer})


@pytest.fixture
def page(mail_world, browser, ticket):
    for name in ("Ask for the Number", "Turn It On"):
        shortcut = f"{name.split()[0].lower()}{ticket}"
        values = {"name": name, "shortcut": shortcut, "user_id": False, "body": f"<p>{name}, please.</p>"}
        mail_world.admin("helpdesk_lite.reply", "create", values)
    opened = browser.page(Site(mail_world.server.url, mail_world.server.database), "agent")
    opened.goto(f"/odoo/helpdesk-lite-tickets/{ticket}")
    expect(opened.locator(".o-mail-Chatter-sendMessage")).to_be_enabled()
    settle(opened)
    yield opened
    opened.context.close()


def is_in_dialog(page):
    return page.evaluate("Boolean(document.activeElement.closest('.modal'))")


def test_an_answer_from_a_reply_by_keys_alone(mail_world, ticket, page):
    keys = page.keyboard
    keys.press("Alt+m")
    expect(page.locator(".o-mail-Composer-input")).to_be_focused()
    keys.press("Alt+Shift+r")
    expect(page.locator(".o_reply_search")).to_be_focused()
    # the dialog keeps the focus, however often somebody presses the key
    for _press in range(15):
        keys.press("Tab")
        assert is_in_dialog(page)
    page.keyboard.press("Escape")
    expect(page.locator(".modal")).to_have_count(0)
    keys.press("Alt+Shift+r")
    expect(page.locator(".o_reply_search")).to_be_focused()
    # faster than the server finds it
    keys.type(f"turn{ticket}")
    keys.press("Enter")
    expect(page.locator(".o-mail-Composer-html")).to_contain_text("Turn It On, please.")
    expect(page.locator(".o-mail-Composer-html")).to_be_focused()
    keys.press("Control+Shift+Enter")
    expect(page.locator(".o_arrow_button_current")).to_contain_text("Solved")
    assert mail_world.admin.read(TICKET, ticket, "is_closed")


def open_replies(page):
    page.locator(".o-mail-Chatter-sendMessage").click()
    settle(page)
    page.keyboard.press("Alt+Shift+r")


def open_keys(page):
    page.keyboard.press("?")


def open_snooze(page):
    page.locator("button[name=action_snooze]").click()


def open_relate(page):
    page.locator(".o_helpdesk_lite_relate").click()


@pytest.mark.parametrize("open_dialog", [open_replies, open_keys, open_snooze, open_relate])
def test_dialogs_fit_at_twice_the_size(page, open_dialog):
    open_dialog(page)
    page.locator(".modal-footer button").first.wait_for()
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for control in page.locator(".modal :is(button, input, select, textarea, a):visible").all():
        # what is below can be scrolled to; what is beside cannot
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box["x"] >= 0, control
        assert box["x"] + box["width"] <= ZOOMED[0] + 1, control
        assert box["y"] + box["height"] <= ZOOMED[1] + 1, control
