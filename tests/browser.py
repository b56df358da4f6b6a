"""A real browser in the tests: the system's Chromium, driven by Playwright, with somebody logged in.

::

    def test_kanban(browser, mail_world):
        site = Site(mail_world.server.url, mail_world.server.database)
        page = browser.page(site, "agent")
        page.goto("/odoo/helpdesk-lite")
        page.locator(".o_kanban_record").first.click()

Pages are Playwright's: actions wait for the elements that they need, and fail when these do not appear.
When a walk cannot know what will appear, :func:`settle` waits until the page no longer changes.
"""

from contextlib import contextmanager

from playwright.sync_api import expect, sync_playwright

from devtools.patience import PATIENCE

LAPTOP, PHONE = (1366, 768), (390, 844)
# timers that end later than this wait for a person, or repeat
SOON = 400  # milliseconds
# Counts pending requests, scripts, styles and timers that end soon. Rendering changes the tree of the page,
# after which Owl may render once more in the next frame.
WATCH = """(() => {
    const under = new Set();
    let changed = false;
    const begin = (what) => (under.add(what), what);
    const { fetch, setTimeout, clearTimeout, requestAnimationFrame } = window;

    window.fetch = async (...request) => {
        const one = begin({});
        try {
            const response = await fetch(...request);
            await response.clone().arrayBuffer();
            return response;
        } finally {
            setTimeout(() => under.delete(one));
        }
    };
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (...body) {
        this.addEventListener("loadend", () => setTimeout(() => under.delete(this)));
        begin(this);
        return send.apply(this, body);
    };
    window.setTimeout = (run, delay, ...values) => {
        const timer = setTimeout((...given) => {
            under.delete(timer);
            run(...given);
        }, delay, ...values);
        return delay > SOON ? timer : begin(timer);
    };
    window.clearTimeout = (timer) => {
        under.delete(timer);
        clearTimeout(timer);
    };
    new MutationObserver((changes) => {
        changed = true;
        for (const node of changes.flatMap((change) => [...change.addedNodes])) {
            if (node.matches?.("script[src], link[rel=stylesheet]") && document.readyState === "complete") {
                begin(node);
                for (const end of ["load", "error"]) {
                    node.addEventListener(end, () => setTimeout(() => under.delete(node)));
                }
            }
        }
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    window.settled = async () => {
        for (let still = 0; still < 2; ) {
            await new Promise(requestAnimationFrame);
            still = changed || under.size || document.readyState !== "complete" ? 0 : still + 1;
            changed = false;
        }
        return true;
    };
})()""".replace("SOON", str(SOON))


class Browser:
    """A running Chromium; every page has its own cookies and cache."""

    def __init__(self, chromium):
        self.chromium = chromium

    def page(self, site, login=None, lang="en-US", size=LAPTOP):
        """Open a new page of a logged-in user or of a visitor.

        :param Site site: the base of relative URLs
        :param login: login of the user, or None for a visitor
        :param lang: the language that the browser requests, such as ``ja-JP``
        :param size: width and height in pixels; :data:`PHONE` has a touch screen
        :return: Playwright's ``Page``; ``page.context.close()`` ends it before the browser ends
        """
        width, height = size
        handheld = size == PHONE
        context = self.chromium.new_context(
            base_url=site.url, locale=lang, viewport={"width": width, "height": height}, is_mobile=handheld, has_touch=handheld
        )
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script(WATCH)
        if login:
            context.add_cookies([{"name": "session_id", "value": site.web(login).session_id, "url": site.url}])
        return context.new_page()


@contextmanager
def launched(program):
    """Start a :class:`Browser`.

    :param program: the path of the system's Chromium; a browser is never downloaded
    """
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        # the sandbox needs rights that root and containers lack; only our own pages are opened
        chromium = playwright.chromium.launch(executable_path=program, chromium_sandbox=False, args=["--disable-gpu"])
        try:
            yield Browser(chromium)
        finally:
            chromium.close()


def settle(page):
    """Wait until a page has loaded and rendered everything."""
    page.wait_for_function("() => window.settled()")
