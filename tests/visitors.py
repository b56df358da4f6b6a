"""Visitors of the public form, with network addresses of their own on this machine."""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from functools import partial
from http.cookiejar import CookieJar


class FromAddress(urllib.request.HTTPHandler):
    """Connects from a certain address of this machine, which has all of 127.0.0.0/8."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def http_open(self, request):
        return self.do_open(partial(http.client.HTTPConnection, source_address=(self.address, 0)), request)


class Visitor:
    """Somebody who has opened a form.

    :param str page: URL of the form
    :param str sender: the e-mail address that they give
    :param str address: where they come from, by default 127.0.0.1
    :param dict headers: that they send with each request
    """

    def __init__(self, page, sender, *, address=None, headers=None):
        self.page, self.sender = page, sender
        handlers = [FromAddress(address)] if address else []
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), *handlers)
        self.opener.addheaders += list((headers or {}).items())
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.opener.open(page).read().decode())[1]
        self.answer = None

    def send(self, subject="Flood"):
        """Send the form, and return the status of the answer, which is kept."""
        data = {"csrf_token": self.token, "name": "Flo", "email": self.sender, "subject": subject, "description": "Me!"}
        try:
            self.answer = self.opener.open(self.page, urllib.parse.urlencode(data).encode())
        except urllib.error.HTTPError as error:
            self.answer = error
        return self.answer.status
