"""Chromium in the tests: a page spoken to in its own protocol, and sessions of Odoo for it."""

import base64
import json
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar

import websocket

PATIENCE = 60  # seconds for a page on a busy machine


class Site:
    """A running Odoo with demo data, where the password is the login."""

    def __init__(self, url, database, lang=None):
        self.url, self.database, self.lang = url, database, lang
        self.sessions = {}

    def session(self, login):
        """``(opener, session cookie)`` of somebody."""
        if login not in self.sessions:
            jar = CookieJar()
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
            self.call("/web/session/authenticate", opener, db=self.database, login=login, password=login)
            self.sessions[login] = opener, next(cookie.value for cookie in jar if cookie.name == "session_id")
        return self.sessions[login]

    def call(self, route, opener, **params):
        """A JSON-RPC call.

        :raise AssertionError: with what the user would be told
        """
        request = urllib.request.Request(
            self.url + route, json.dumps({"jsonrpc": "2.0", "params": params}).encode(), {"Content-Type": "application/json"})
        with opener.open(request) as response:
            answer = json.load(response)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def model(self, login, model, method, *args, **kwargs):
        """Call a method of a model as the web client does."""
        opener, _cookie = self.session(login)
        if self.lang:
            kwargs["context"] = {"lang": self.lang, **kwargs.get("context", {})}
        return self.call("/web/dataset/call_kw", opener, model=model, method=method, args=list(args), kwargs=kwargs)

    def button(self, login, model, method, ids):
        """Call a method as a button of a form does: the action that comes back, or False."""
        opener, _cookie = self.session(login)
        kwargs = {"context": {"lang": self.lang}} if self.lang else {}
        return self.call("/web/dataset/call_button", opener, model=model, method=method, args=[ids], kwargs=kwargs)


class Page:
    """A tab of Chromium."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.number = 0
        self.send("Network.enable")

    def send(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                assert "result" in answer, f"{method}: {answer.get('error')}"
                return answer["result"]

    def evaluate(self, expression):
        """The value of a JavaScript expression; of a promise, what it comes to."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"].get("exception", {}).get("description")
        return answer["result"].get("value")

    def wait_for(self, expression):
        """Until a JavaScript expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.send("Runtime.evaluate", expression=f"Boolean({expression})")["result"].get("value"):
            assert time.monotonic() < deadline, f"this did not come true: {expression}"
            time.sleep(0.05)

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

    def open(self, url, cookie=None, size=(1400, 800)):
        """Go to an address, as the owner of a session cookie."""
        width, height = size
        self.send("Network.clearBrowserCookies")
        if cookie:
            self.send("Network.setCookie", name="session_id", value=cookie, url=url)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.send("Page.navigate", url=url)

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")


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
