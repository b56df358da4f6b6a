"""Odoo from outside: XML-RPC as integrations speak it, JSON-RPC as the web client does."""

import json
import urllib.request
import xmlrpc.client
from http.cookiejar import CookieJar


class Rpc:
    """One user's calls: ``rpc("res.partner", "search", [...])``."""

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
        """Hand a raw mail over as Odoo's mail gateway script does (mail/static/scripts/odoo-mailgate.py)."""
        return self("mail.thread", "message_process", False, xmlrpc.client.Binary(bytes(mail)))


class WebClient:
    """A logged-in browser session without the browser."""

    def __init__(self, server, login):
        self.server = server
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self("/web/session/authenticate", db=server.database, login=login, password=login)

    def __call__(self, route, **params):
        request = urllib.request.Request(
            self.server.url + route, json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self.opener.open(request) as response:
            answer = json.load(response)
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer.get("result")
