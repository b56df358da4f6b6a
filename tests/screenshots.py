"""The pictures of the README, taken from a running ``./dev run`` with demo data: ``./dev screenshots``."""

import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import websocket

FOLDER = Path(__file__).resolve().parent.parent / "docs/screenshots"
PATIENCE = 60  # seconds for a page on a busy machine
WIDE, LOW, PHONE = (1400, 800), (1080, 500), (390, 844)
LAMP = "Lamp arrived with a broken shade"
TINS = ("Bread tins missing from the order", "Bread tins from our order are missing")

# name, login, size, page, what to click first, what to wait for
SHOTS = [
    ("dashboard", "admin", LOW, "/odoo/helpdesk", None, ".o_kanban_record canvas"),
    ("kanban", "agent", WIDE, "/odoo/helpdesk", ".o_kanban_record:not(.o_kanban_ghost)",
     ".o_kanban_group .o_kanban_record img"),
    ("form", "agent", WIDE, "/odoo/helpdesk-tickets/{lamp}", None, ".o-mail-Chatter .o-mail-Message"),
    ("who-can-see-this", "agent", WIDE, "/odoo/helpdesk-tickets/{lamp}", "button[name=action_show_access]",
     ".modal .o_data_row"),
    ("duplicates", "agent", WIDE, "/odoo/helpdesk-tickets/{tins}", ".o_possible_duplicates button",
     ".o_possible_duplicates li"),
    ("merge", "agent", WIDE, "/odoo/helpdesk-duplicates/{group}", None, ".o_form_view .o_data_row"),
    ("portal", "customer", WIDE, "/my/tickets/{lamp}", None, ".o-mail-Message"),
    ("portal-list", "customer", LOW, "/my/tickets", None, "table"),
    ("portal-phone", "customer", PHONE, "/my/tickets/{lamp}", None, ".o-mail-Message"),
    ("public-form", None, WIDE, "/helpdesk/{team}", None, "form input[type=email]"),
    ("public-form-phone", None, PHONE, "/helpdesk/{team}", None, "form input[type=email]"),
]


class Site:
    """The running Odoo."""

    def __init__(self, url, database):
        self.url, self.database = url, database

    def session(self, login):
        """The session cookie of somebody whose password is their login."""
        jar = CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.call("/web/session/authenticate", opener, db=self.database, login=login, password=login)
        return opener, next(cookie.value for cookie in jar if cookie.name == "session_id")

    def call(self, route, opener, **params):
        request = urllib.request.Request(
            self.url + route, json.dumps({"jsonrpc": "2.0", "params": params}).encode(), {"Content-Type": "application/json"})
        with opener.open(request) as response:
            answer = json.load(response)
        if "error" in answer:
            sys.exit(f"screenshots: {answer['error']['data']['message']}: is the demo data there?")
        return answer["result"]

    def names(self):
        """What stands in the addresses of the pages."""
        opener, _cookie = self.session("admin")

        def find(model, domain):
            found = self.call("/web/dataset/call_kw", opener, model=model, method="search", args=[domain], kwargs={})
            return found[0] if found else sys.exit(f"screenshots: no {model} {domain}: is the demo data there?")

        team = find("helpdesk_lite.team", [("name", "=", "Customer Care")])
        tickets = [find("helpdesk_lite.ticket", [("name", "=", name)]) for name in TINS]
        group = self.call(
            "/web/dataset/call_kw", opener, model="helpdesk_lite.ticket", method="action_merge", args=[tickets], kwargs={},
        )["res_id"]
        return {
            "lamp": find("helpdesk_lite.ticket", [("name", "=", LAMP)]), "team": f"customer-care-{team}", "group": group,
            "tins": tickets[0],
        }


class Page:
    """A tab of Chromium, spoken to in its own protocol."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.number = 0

    def send(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer["result"]

    def wait_for(self, expression):
        """Until a JavaScript expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.send("Runtime.evaluate", expression=f"Boolean({expression})")["result"].get("value"):
            if time.monotonic() > deadline:
                sys.exit(f"screenshots: this did not come true: {expression}")
            time.sleep(0.1)

    def wait_for_element(self, selector):
        """Until it is there, in the page or in a shadow tree, as the portal's messages are."""
        self.wait_for(
            "[document, ...Array.from(document.querySelectorAll('*'), node => node.shadowRoot).filter(Boolean)]"
            f".some(root => root.querySelector({json.dumps(selector)}))",
        )

    def wait_until_quiet(self):
        """Until nothing loads, grows or fades any more; the picture of that."""
        self.wait_for("document.readyState === 'complete' && document.fonts.status === 'loaded'")
        deadline = time.monotonic() + PATIENCE
        taken, same = None, 0
        while same < 4 and time.monotonic() < deadline:
            time.sleep(0.25)
            last, taken = taken, self.send("Page.captureScreenshot")["data"]
            same = same + 1 if taken == last else 0
        return base64.b64decode(taken)

    def take(self, size, url, cookie, click, wanted):
        """The picture of a page as PNG."""
        width, height = size
        self.send("Network.clearBrowserCookies")
        if cookie:
            self.send("Network.setCookie", name="session_id", value=cookie, url=url)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.send("Page.navigate", url=url)
        if click:
            self.wait_for_element(click)
            self.wait_until_quiet()
            self.send("Runtime.evaluate", expression=f"document.querySelector({json.dumps(click)}).click()")
        self.wait_for_element(wanted)
        return self.wait_until_quiet()


@contextmanager
def browser(program):
    """A :class:`Page` of a browser of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=en-US",
             "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        try:
            line = next(line for line in process.stderr if "DevTools listening on" in line)
            port = line.split("127.0.0.1:")[1].split("/")[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as response:
                tab = next(tab for tab in json.load(response) if tab["type"] == "page")
            yield Page(tab["webSocketDebuggerUrl"])
        finally:
            process.terminate()
            process.wait()


def main(program, url, database, wanted):
    site = Site(url, database)
    names = site.names()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browser(program) as page:
        page.send("Network.enable")
        for name, login, size, path, click, selector in SHOTS:
            if wanted and name not in wanted:
                continue
            cookie = site.session(login)[1] if login else None
            picture = page.take(size, url + path.format(**names), cookie, click, selector)
            (FOLDER / f"{name}.png").write_bytes(picture)
            print(f"docs/screenshots/{name}.png  {len(picture) // 1024} KB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
