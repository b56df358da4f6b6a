"""The addresses of the app. Another helpdesk can be installed beside it, so they begin with words of their own.

The public form has a second address, for databases in which another addon has the first one.
"""

import re

FORM, OWN_FORM = "/helpdesk", "/helpdesk-lite"
PORTAL, FORMER_PORTAL = "/my/helpdesk-tickets", "/my/tickets"
# the prefix of the paths of actions, and the one before 19.0.1.1.0
PATH, FORMER_PATH = "helpdesk-lite", "helpdesk"

_FORMER_PAGES = re.compile(rf"{FORMER_PORTAL}(/[\w/-]*)?", re.ASCII)
_FORMER_PATHS = re.compile(rf"{FORMER_PATH}(?!-lite\b)(-[a-z-]+)?")


def get_form_routes(rest=""):
    """List the routes of a page of the public form.

    :param str rest: the route below the form's address
    :return: list of str

    >>> get_form_routes("/thanks")
    ['/helpdesk/thanks', '/helpdesk-lite/thanks']
    """
    return [FORM + rest, OWN_FORM + rest]


def is_shared(route):
    """Whether another helpdesk may have the same route.

    >>> is_shared("/helpdesk"), is_shared("/helpdesk/<string:team_slug>"), is_shared("/helpdesk-lite")
    (True, True, False)

    :param str route: as in ``http.route``
    :return: bool
    """
    return route == FORM or route.startswith(f"{FORM}/")


def find_portal_address(address):
    """Find the present address of a page that was on the portal before 19.0.1.1.0.

    >>> find_portal_address("/my/tickets"), find_portal_address("/my/tickets/7")
    ('/my/helpdesk-tickets', '/my/helpdesk-tickets/7')
    >>> find_portal_address("/my/ticketsale"), find_portal_address("/my/ticket/7"), find_portal_address("/my/tickets/\\n")
    (None, None, None)

    :param str address: without the query
    :return: str, or None if it was no page of ours
    """
    return PORTAL + address[len(FORMER_PORTAL) :] if _FORMER_PAGES.fullmatch(address) else None


def find_path(path):
    """Find the present path of an action that had this one before 19.0.1.1.0.

    >>> find_path("helpdesk"), find_path("helpdesk-tickets")
    ('helpdesk-lite', 'helpdesk-lite-tickets')
    >>> find_path("helpdesk-lite-tickets"), find_path("helpdesks"), find_path(7)
    (None, None, None)

    :param path: str, or anything else that a client sent
    :return: str, or None; whether an action has it must be looked up
    """
    is_former = isinstance(path, str) and _FORMER_PATHS.fullmatch(path)
    return PATH + path[len(FORMER_PATH) :] if is_former else None
