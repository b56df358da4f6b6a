"""Clients of Odoo: XML-RPC as in integrations, JSON-RPC as in the web client."""

import json
import urllib.request
import xmlrpc.client
from http.cookiejar import CookieJar


class Rpc:
    """Calls as one user: ``rpc("res.partner", "search", [...])``."""

    def __init__(self, server, login="admin", password=None):
        self.server, self.login, self.password = server, login, password or login
        common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
        self.uid = common.authenticate(server.database, self.login, self.password, {})
        assert self.uid, f"{self.login} cannot log in"
        self.object = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object", allow_none=True)

    def __call__(self, model, method, *args, **kwargs):
        return self.object.execute_kw(self.server.database, self.uid, self.password, model, method, list(args), kwargs)

    def ref(self, xmlid):
        module, _dot, name = xmlid.partition(".")
        return self("ir.model.data", "search_read", [("module", "=", module), ("name", "=", name)], ["res_id"])[0]["res_id"]

    def read(self, model, record, *fnames):
        """The values of one record as a dict, or the value of its only field."""
        values = self(model, "read", [record], list(fnames))[0]
        return values if len(fnames) > 1 else values[fnames[0]]

    def message_process(self, mail):
        """Deliver a raw mail as Odoo's mail gateway script does (mail/static/scripts/odoo-mailgate.py)."""
        return self("mail.thread", "message_process", False, xmlrpc.client.Binary(bytes(mail)))


class Refused(AssertionError):
    """The server refused a call; the text is the server's traceback, ``message`` the message to the user."""

    def __init__(self, debug, message):
        super().__init__(debug)
        self.message = message


class WebClient:
    """A logged-in session of the web client, without a browser."""

    def __init__(self, server, login):
        self.server, self.cookies = server, CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self("/web/session/authenticate", db=server.database, login=login, password=login)

    def __call__(self, route, **params):
        """Make a JSON-RPC call.

        :raise Refused: when the answer is an error
        """
        request = urllib.request.Request(
            self.server.url + route,
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self.opener.open(request) as response:
            answer = json.load(response)
        if "error" in answer:
            raise Refused(answer["error"]["data"]["debug"], answer["error"]["data"]["message"])
        return answer.get("result")

    @property
    def session_id(self):
        """The cookie with which a browser is logged in as this user."""
        return next(cookie.value for cookie in self.cookies if cookie.name == "session_id")


class Site:
    """A running Odoo whose users have their login as password.

    :param lang: the language of answers, by default the user's own
    """

    def __init__(self, url, database, lang=None):
        self.url, self.database, self.lang = url, database, lang
        self.clients = {}

    def web(self, login):
        """The :class:`WebClient` of a user, logged in once."""
        if login not in self.clients:
            self.clients[login] = WebClient(self, login)
        return self.clients[login]

    def model(self, login, model, method, *args, **kwargs):
        """Call a method of a model as the web client does."""
        if self.lang:
            kwargs["context"] = {"lang": self.lang, **kwargs.get("context", {})}
        return self.web(login)("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)

    def button(self, login, model, method, ids):
        """Call a method as a button of a form does, and return the action, or False."""
        kwargs = {"context": {"lang": self.lang}} if self.lang else {}
        return self.web(login)("/web/dataset/call_button", model=model, method=method, args=[ids], kwargs=kwargs)
