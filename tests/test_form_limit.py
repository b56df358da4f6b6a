"""The limit of the public form holds for simultaneous messages, with real requests and commits."""

import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from threading import Barrier

from devtools.patience import PATIENCE

AT_ONCE, LEFT = 16, 5


def test_no_more_pass_at_once_than_in_a_row(mail_world):
    admin, url = mail_world.admin, mail_world.server.url
    team = admin("helpdesk_lite.team", "create", {"name": "Flood", "use_website_form": True, "alias_name": False})
    admin("ir.config_parameter", "set_param", "helpdesk_lite.form_limit", str(LEFT))
    page = admin.read("helpdesk_lite.team", team, "form_url")
    page = url + urllib.parse.urlsplit(page).path
    together = Barrier(AT_ONCE)

    def send(number):
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        token = re.search(r'name="csrf_token" value="([^"]+)"', opener.open(page).read().decode())[1]
        data = urllib.parse.urlencode(
            {
                "csrf_token": token,
                "name": "Flo",
                "email": f"flo{number}@flood.example",
                "subject": "Flood",
                "description": "Me!",
            }
        ).encode()
        together.wait(PATIENCE)
        try:
            return opener.open(page, data).status
        except urllib.error.HTTPError as error:
            return error.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(send, range(AT_ONCE)))
    assert sorted(codes) == [200] * LEFT + [429] * (AT_ONCE - LEFT)
    assert admin("helpdesk_lite.ticket", "search_count", [("team_id", "=", team)]) == LEFT
