"""The agent's desk without a mouse: answers, dialogs and lists by keys. And what is read and chosen has room, also at 200 %."""

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


# DIALOGS


@pytest.fixture
def closing(mail_world):
    """A team whose tickets are closed for a reason, and its stages."""
    admin = mail_world.admin
    # the first one, which Enter takes also when it comes before the search for what was typed
    reason = admin("helpdesk_lite.close.reason", "create", {"name": "Mended by hand", "sequence": -1})
    stages = [
        admin("helpdesk_lite.stage", "create", {"name": "Begun", "sequence": 1}),
        admin("helpdesk_lite.stage", "create", {"name": "Done", "sequence": 2, "fold": True, "require_close_reason": True}),
    ]
    return admin("helpdesk_lite.team", "create", {"name": "Menders", "stage_ids": [(6, 0, stages)]}), reason


def go_to(page, wanted, key="Tab", most=40):
    """Press a key until an element of the open dialog has the focus, which never leaves the dialog."""
    for _press in range(most):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press(key)
        assert is_in_dialog(page), page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
    raise AssertionError(f"{wanted} cannot be reached by {key}")


def leave_dialog(page):
    page.keyboard.press("Escape")
    expect(page.locator(".modal")).to_have_count(0)


def test_an_answer_that_crosses_another_by_keys_alone(mail_world, ticket, page):
    # what comes by itself would have been seen
    page.route("**/mail/thread/messages", lambda route: route.abort())
    page.keyboard.press("Alt+m")
    expect(page.locator(".o-mail-Composer-input")).to_be_focused()
    page.keyboard.type("Here is yours.")
    for leave, sent in ((leave_dialog, 0), (lambda page: page.keyboard.press("Enter"), 1)):
        mail_world.admin(TICKET, "message_post", ticket, body="Wait, I do it.", message_type="comment")
        page.keyboard.press("Control+Enter")
        page.locator(".o_helpdesk_lite_crossing").wait_for()
        assert is_in_dialog(page)
        # what is long can be scrolled by keys
        go_to(page, ".o_helpdesk_lite_yours")
        go_to(page, ".o_send_anyway")
        leave(page)
        expect(page.locator(".modal")).to_have_count(0)
        if not sent:
            expect(page.locator(".o-mail-Composer-input")).to_be_focused()
            expect(page.locator(".o-mail-Composer-input")).to_have_value("Here is yours.")
        settle(page)
        answers = [("model", "=", TICKET), ("res_id", "=", ticket), ("body", "ilike", "Here is yours")]
        assert mail_world.admin("mail.message", "search_count", answers) == sent


def test_a_split_by_keys_alone(mail_world, customer, ticket, page):
    admin = mail_world.admin
    told = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    told["author_id"] = admin("res.partner", "create", {"name": "Zoe Quill", "email": customer})
    said = ("My lamp is broken.", "And where is my invoice?")
    _first, [message] = (admin(TICKET, "message_post", ticket, body=body, **told) for body in said)
    page.reload()
    expect(page.locator(".o-mail-Chatter-sendMessage")).to_be_enabled()
    for leave in (leave_dialog, None):
        settle(page)
        # the menu of actions
        page.keyboard.press("Alt+u")
        item = page.locator(".o-dropdown--menu .o-dropdown-item", has_text="Split to New Ticket")
        item.wait_for()
        for _press in range(20):
            if "focus" in item.get_attribute("class"):
                break
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator(".modal [name=line_ids] .o_data_row").first.wait_for()
        assert is_in_dialog(page)
        if leave:
            leave(page)
    go_to(page, ".modal [name=name] input")
    page.keyboard.press("Control+a")
    page.keyboard.type("An invoice")
    row = page.locator(".modal .o_data_row", has_text="where is my invoice").get_attribute("data-id")
    go_to(page, f".modal [data-id={row}] [name=chosen] input")
    page.keyboard.press("Space")
    go_to(page, ".modal button[name=action_split]")
    page.keyboard.press("Enter")
    expect(page.locator(".o_last_breadcrumb_item")).to_contain_text("An invoice")
    new = admin(TICKET, "search", [("name", "=", "An invoice")])
    assert admin.read("mail.message", message, "res_id") in new


def test_replies_to_selected_tickets_by_keys_alone(mail_world, customer, ticket, page):
    values = {"team_id": mail_world.care, "partner_email": customer}
    batch = mail_world.admin(TICKET, "create", [{"name": f"Batch {ticket}: {number}", **values} for number in (1, 2)])
    for leave in (leave_dialog, None):
        page.goto("/odoo/helpdesk-lite-tickets?view_type=list")
        page.locator(".o_data_row").first.wait_for()
        settle(page)
        # from the search to the tickets
        page.keyboard.type(f"Batch {ticket}:")
        page.keyboard.press("Enter")
        expect(page.locator(".o_data_row")).to_have_count(2)
        settle(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        for _press in range(40):
            if page.evaluate("document.activeElement.name === 'action_reply_to_selected'"):
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        page.locator(".modal [name=line_ids] .o_data_row").first.wait_for()
        settle(page)
        assert is_in_dialog(page)
        if leave:
            leave(page)
    go_to(page, ".modal .odoo-editor-editable")
    page.keyboard.type("It is mended.")
    page.keyboard.press("Alt+q")
    expect(page.locator(".modal [name=result]").first).to_be_visible()
    answers = [("model", "=", TICKET), ("body", "ilike", "It is mended."), ("res_id", "in", batch)]
    assert mail_world.admin("mail.message", "search_count", answers) == 2
    go_to(page, ".modal button[name=action_close]")
    page.keyboard.press("Enter")
    expect(page.locator(".modal")).to_have_count(0)


def test_a_reason_to_close_by_keys_alone(mail_world, closing, ticket, page):
    team, reason = closing
    mail_world.admin(TICKET, "write", [ticket], {"team_id": team})
    page.reload()
    expect(page.locator(".o-mail-Chatter-sendMessage")).to_be_enabled()
    settle(page)
    page.keyboard.press("Alt+Shift+d")
    page.locator(".modal [name=close_reason_id]").first.wait_for()
    assert is_in_dialog(page)
    leave_dialog(page)
    assert not mail_world.admin.read(TICKET, ticket, "is_closed")
    page.keyboard.press("Alt+Shift+d")
    page.locator(".modal [name=close_reason_id]").first.wait_for()
    settle(page)
    go_to(page, ".modal [name=close_reason_id] input")
    page.keyboard.type("Mended")
    settle(page)
    page.keyboard.press("Enter")
    go_to(page, ".modal [name=note] :is(input, textarea)")
    page.keyboard.type("With glue.")
    go_to(page, ".modal button[name=action_move]")
    page.keyboard.press("Enter")
    expect(page.locator(".o_arrow_button_current")).to_contain_text("Done")
    assert mail_world.admin.read(TICKET, ticket, "close_reason_id")[0] == reason


# ROOM


def test_a_subject_has_room_in_the_list(page):
    page.goto("/odoo/helpdesk-lite-tickets?view_type=list")
    page.locator(".o_data_row").first.wait_for()
    settle(page)
    assert page.locator("th[data-name=name]").bounding_box()["width"] > 160


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
