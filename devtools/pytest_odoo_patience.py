"""A pytest plugin that applies our time limits to the waits of Odoo's test framework.

Odoo's own limits suit an idle machine: ten seconds for a browser to start or to answer, twelve for a page,
a minute for a tour, twenty seconds for a request that waits for another one of the same page.
"""

from .patience import FAREWELL, PATIENCE

OF_A_TOUR = 60  # Odoo's limit for a tour in seconds; its other limits for the browser are scaled with it


def pytest_sessionstart():
    from odoo.tests import common

    request, wait = common.Opener.request, common.HttpCase._wait_remaining_requests
    # Odoo's factor for waits when it slows the browser down on purpose
    common.ChromeBrowser.throttling_factor = property(lambda browser: PATIENCE / OF_A_TOUR, lambda browser, factor: None)
    common.CHECK_BROWSER_ITERATIONS = round(FAREWELL / common.CHECK_BROWSER_SLEEP)
    common.Opener.request = lambda self, *args, **options: request(self, *args, **options | {"timeout": PATIENCE})
    common.BaseCase.test_cursor_lock_timeout = PATIENCE
    common.HttpCase._wait_remaining_requests = lambda self: wait(self, PATIENCE)
