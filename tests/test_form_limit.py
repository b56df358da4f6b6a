"""The limit of the public form holds for simultaneous messages, with real requests and commits."""

import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from intake_world import failing
from visitors import Visitor

from devtools.patience import PATIENCE

AT_ONCE, LEFT = 16, 5


def form_of(world, name, limit):
    """A new team's form, and the limit of messages for each address.

    :return: tuple (team id, str URL)
    """
    team = world.admin("helpdesk_lite.team", "create", {"name": name, "use_website_form": True, "alias_name": False})
    # this machine is taken for a proxy, so that only e-mail addresses are counted
    world.admin("ir.config_parameter", "set_param", "helpdesk_lite.form_limit", str(limit))
    path = urllib.parse.urlsplit(world.admin.read("helpdesk_lite.team", team, "form_url")).path
    return team, world.server.url + path


def test_no_more_pass_at_once_than_in_a_row(mail_world):
    team, page = form_of(mail_world, "Flood", LEFT)
    together = Barrier(AT_ONCE)

    def send(_number):
        visitor = Visitor(page, "flo@flood.example")
        together.wait(PATIENCE)
        return visitor.send()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(send, range(AT_ONCE)))
    assert sorted(codes) == [200] * LEFT + [429] * (AT_ONCE - LEFT)
    assert mail_world.admin("helpdesk_lite.ticket", "search_count", [("team_id", "=", team)]) == LEFT


def test_a_request_that_is_tried_again_counts_once(mail_world):
    team, page = form_of(mail_world, "Collision", 2)
    with failing(mail_world, "helpdesk_lite_ticket", "Collides", times=2, code="40001"):
        assert Visitor(page, "flo@collision.example").send("Collides") == 200
    assert Visitor(page, "flo@collision.example").send() == 200
    assert Visitor(page, "flo@collision.example").send() == 429
    assert mail_world.admin("helpdesk_lite.ticket", "search_count", [("team_id", "=", team)]) == 2
